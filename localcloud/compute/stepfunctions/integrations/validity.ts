// Whether a Task state's resource exists, for the validation of definitions.
import { findOperation } from "./awsSdk.js";
import { parseTaskResource, unrecognized } from "./resource.js";
import { findIntegration } from "./services/index.js";

/** What AWS says of a resource that does not exist; undefined for one that does. Lambda functions and activities are not looked for. */
export function checkResource(arn: string): string | undefined {
  if (arn.includes(":activity:")) return undefined;
  const resource = parseTaskResource(arn);
  if (resource?.kind === "function") return undefined;
  const exists =
    resource &&
    (resource.kind === "optimized"
      ? findIntegration(resource)
      : resource.pattern !== "sync" && findOperation(resource));
  return exists ? undefined : unrecognized(arn);
}
