// `aws-sdk:<service>:<action>`: any operation of any service whose SDK is installed. Source: "Learning to use AWS service SDK integrations".
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { StatesError } from "../language/errors.js";
import { isObject, type Json } from "../language/json.js";
import { type Connection, unusable } from "./connection.js";
import { sdkFailure } from "./failures.js";
import { javaName, upperFirst } from "./naming.js";
import { type TaskResource, unrecognized } from "./resource.js";
import { sdkModule } from "./sdk.js";
import type { Spelling } from "./shapes.js";

/** Names as in the AWS SDK for Java 2, times in ISO 8601 without what is zero of a second. */
const SPELLING: Spelling = { member: javaName, time: (date) => date.toISOString().replace(".000Z", "Z") };

let packages: Map<string, string> | undefined;

/** Packages of installed clients by the name that resources use: `cloudwatchlogs` → `cloudwatch-logs`. */
function clientPackages(): Map<string, string> {
  if (packages) return packages;
  const scope = dirname(dirname(createRequire(import.meta.url).resolve("@aws-sdk/client-sts/package.json")));
  const names = readdirSync(scope).filter((name) => name.startsWith("client-"));
  packages = new Map(names.map((name) => [name.slice(7).replaceAll("-", ""), name.slice(7)]));
  return packages;
}

/** The package and operation of a resource; undefined when the service has no such action, or is not installed. */
export function findOperation({
  service,
  action,
}: Extract<TaskResource, { service: string }>): { client: string; operation: string } | undefined {
  const client = clientPackages().get(service);
  const operation = upperFirst(action);
  // Actions are spelled with a small letter first.
  if (client === undefined || operation === action || !sdkModule(client).command(operation)) return undefined;
  return { client, operation };
}

/** @throws StatesError in AWS's words */
export async function callAwsSdk(
  resource: Extract<TaskResource, { service: string }>,
  parameters: Json,
  connect: (client: string) => Connection,
  abortSignal: AbortSignal,
): Promise<Json> {
  const found = resource.pattern === "sync" ? undefined : findOperation(resource);
  if (!found)
    throw new StatesError(
      "States.Runtime",
      unrecognized(`arn:aws:states:::aws-sdk:${resource.service}:${resource.action}`),
    );
  if (!isObject(parameters)) throw unusable(parameters, ["The value must be a JSON object"]);
  const { result } = await connect(found.client).send({
    operation: found.operation,
    parameters,
    spelling: SPELLING,
    failure: (error, module) => sdkFailure(error, javaName(module.serviceId), module),
    abortSignal,
  });
  return result;
}
