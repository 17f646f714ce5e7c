// `aws-sdk:<service>:<action>`: any operation of any service whose SDK is there. Source: "Learning to use AWS service SDK integrations".
import { StatesError } from "../language/errors.js";
import { isObject, type Json } from "../language/json.js";
import { type Connection, unusable } from "./connection.js";
import { sdkFailure } from "./failures.js";
import { javaName, upperFirst } from "./naming.js";
import { type TaskResource, unrecognized } from "./resource.js";
import { sdkModule } from "./sdk.js";
import type { Spelling } from "./shapes.js";

type SdkResource = Extract<TaskResource, { service: string }>;

/** Names as in the AWS SDK for Java 2, times in ISO 8601 without what is zero of a second. */
const SPELLING: Spelling = {
  member: javaName,
  time: (date) => date.toISOString().replace(".000Z", "Z"),
  bytes: "utf8",
};

/** The operation of a resource; undefined when the service has no such action, is not there, or cannot be waited for like that. */
export async function findOperation({ service, action, pattern }: SdkResource): Promise<string | undefined> {
  const operation = upperFirst(action);
  // Actions are spelled with a small letter first.
  if (pattern === "sync" || operation === action) return undefined;
  const module = await sdkModule(service);
  return module?.command(operation) ? operation : undefined;
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
    failure: (error, module) => sdkFailure(error, javaName(module.serviceId), module),
    abortSignal,
  });
  return result;
}
