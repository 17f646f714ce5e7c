// `aws-sdk:<service>:<action>`: any operation of any service, by its client or by its model. Source: "Learning to use AWS service SDK integrations".
import { basename } from "node:path";
import { StatesError } from "../language/errors.js";
import { isObject, type Json } from "../language/json.js";
import { type Connection, unusable } from "./connection.js";
import { sdkFailure } from "./failures.js";
import { sdkModule } from "./module.js";
import { javaMember, lowerFirst, serviceName, upperFirst } from "./naming.js";
import { nearest } from "./nearest.js";
import { type TaskResource, unrecognized } from "./resource.js";
import type { Spelling } from "./shapes.js";
import { isUnsupported } from "./unsupported.js";

type SdkResource = Extract<TaskResource, { service: string }>;

/** Names as in the AWS SDK for Java 2, times in ISO 8601 without what is zero of a second. */
const SPELLING: Spelling = {
  member: javaMember,
  time: (date) => date.toISOString().replace(".000Z", "Z"),
  bytes: "utf8",
};

/** The operation of a resource; undefined when the service has no such action, is not there, or cannot be waited for like that. */
export async function findOperation({ service, action, pattern }: SdkResource): Promise<string | undefined> {
  const operation = upperFirst(action);
  // Actions are spelled with a small letter first.
  if (pattern === "sync" || operation === action) return undefined;
  const module = await sdkModule(service);
  const Command = module?.command(operation);
  return Command && !isUnsupported(service, operation, new Command({}).schema) ? operation : undefined;
}

/** The resource that somebody who named one that does not exist may have meant; undefined when none is like it. */
export async function nearestResource({ service, action }: SdkResource): Promise<string | undefined> {
  const module = await sdkModule(service);
  const meant = module ? service : await nearestService(service);
  const operations = (module ?? (meant === undefined ? undefined : await sdkModule(meant)))?.operations() ?? [];
  const operation = nearest(action, operations);
  if (meant === undefined || operation === undefined) return undefined;
  const found = { kind: "aws-sdk", service: meant, action: lowerFirst(operation), pattern: "requestResponse" } as const;
  if (found.service === service && found.action === action) return undefined;
  return (await findOperation({ ...found, variant: "" })) && `arn:aws:states:::aws-sdk:${meant}:${found.action}`;
}

/** By the name itself, or by the one that the command line has for it, e.g. `cognito-idp`. */
async function nearestService(service: string): Promise<string | undefined> {
  const { modelIndex } = await import("./models/files.js");
  const index = await modelIndex();
  const called = [...index].find(([, folder]) => basename(folder).replaceAll("-", "") === service.replaceAll("-", ""));
  return called?.[0] ?? nearest(service, index.keys());
}

/** @throws StatesError in AWS's words */
export async function callAwsSdk(
  resource: SdkResource,
  parameters: Json,
  connection: Connection,
  abortSignal: AbortSignal,
): Promise<Json> {
  const operation = await findOperation(resource);
  if (operation === undefined)
    throw new StatesError(
      "States.Runtime",
      unrecognized(`arn:aws:states:::aws-sdk:${resource.service}:${resource.action}`),
    );
  if (!isObject(parameters)) throw unusable(parameters, ["The value must be a JSON object"]);
  const { result } = await connection.send({
    operation,
    parameters,
    spelling: SPELLING,
    failure: (error, module) => sdkFailure(error, serviceName(module.serviceId), module),
    abortSignal,
  });
  return result;
}
