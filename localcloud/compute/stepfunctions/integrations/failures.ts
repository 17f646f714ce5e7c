// Errors of the SDK as Step Functions words them.
import { StatesError } from "../language/errors.js";
import type { ServiceNames } from "./descriptor.js";
import type { SdkModule } from "./module.js";
import { exceptionName, javaExceptionName } from "./naming.js";

/** What errors of the SDK for JavaScript carry. */
interface SdkError extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string; extendedRequestId?: string };
  Code?: string;
  /** Of connections that could not be opened. */
  code?: string;
  hostname?: string;
}

/** The role's session could not be had. */
export const noSession = (error: unknown): StatesError =>
  new StatesError("States.TaskFailed", (error as Error).message);

/** Of an optimized integration: `Batch.ClientException`, in the words of the AWS SDK for Java 1. */
export function optimizedFailure(error: unknown, names: ServiceNames, module: SdkModule): StatesError {
  if (error instanceof StatesError) return error;
  const { $metadata, message, name, Code } = error as SdkError;
  if ($metadata?.httpStatusCode === undefined) return unreachable(error, names.prefix);
  const modelled = module.error(name);
  const type = modelled === undefined ? names.exception : exceptionName(modelled);
  const about = [
    `Service: ${names.label}`,
    `Status Code: ${$metadata.httpStatusCode}`,
    `Error Code: ${Code ?? name}`,
    `Request ID: ${$metadata.requestId ?? "null"}`,
    "Proxy: null",
  ];
  return new StatesError(`${names.prefix}.${type}`, `${names.reword?.(message) ?? message} (${about.join("; ")})`);
}

/** Errors that the model of S3 has for a single operation, UpdateObjectEncryption; elsewhere they have no class. */
const OF_ONE_OPERATION: ReadonlySet<string> = new Set(["AccessDenied"]);

/** Of `aws-sdk`: `DynamoDb.ConditionalCheckFailedException`, in the words of the AWS SDK for Java 2. */
export function sdkFailure(error: unknown, service: string, module: SdkModule): StatesError {
  if (error instanceof StatesError) return error;
  const { $metadata, message, name } = error as SdkError;
  if ($metadata?.httpStatusCode === undefined) return unreachable(error, service);
  const modelled = OF_ONE_OPERATION.has(name) ? undefined : module.error(name);
  const type = modelled === undefined ? `${service}Exception` : javaExceptionName(modelled);
  const about = [
    `Service: ${service}`,
    `Status Code: ${$metadata.httpStatusCode}`,
    `Request ID: ${$metadata.requestId ?? "null"}`,
    ...(service === "S3" && $metadata.extendedRequestId ? [`Extended Request ID: ${$metadata.extendedRequestId}`] : []),
  ];
  return new StatesError(`${service}.${type}`, `${message} (${about.join(", ")})`);
}

function unreachable(error: unknown, prefix: string): StatesError {
  const { code, hostname, message } = error as SdkError;
  const reason =
    (code === "ENOTFOUND" || code === "EAI_AGAIN") && hostname ? `${hostname}: Name or service not known` : message;
  return new StatesError(`${prefix}.SdkClientException`, `Unable to execute HTTP request: ${reason}`);
}
