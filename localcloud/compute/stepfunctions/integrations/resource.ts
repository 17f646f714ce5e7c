// The resource of a Task state, taken apart: a function's ARN, or a service, an action and how it is waited for.
import type { TaskPattern } from "../interpreter/effects.js";

export type TaskResource =
  | { kind: "function"; arn: string }
  | { kind: "optimized" | "aws-sdk"; service: string; action: string; pattern: TaskPattern; variant: string };

/** Undefined for an ARN that is neither; activities are not looked at here. */
export function parseTaskResource(arn: string): TaskResource | undefined {
  if (/^arn:[^:]+:lambda:[^:]+:\d{12}:function:/.test(arn)) return { kind: "function", arn };
  const match =
    /^arn:[^:]+:states:[^:]*:[^:]*:(aws-sdk:)?([a-z0-9-]+):([A-Za-z0-9]+)(?:\.(sync|waitForTaskToken)(:\d+)?)?$/.exec(
      arn,
    );
  if (!match) return undefined;
  const [, sdk, service = "", action = "", suffix, variant = ""] = match;
  const pattern = suffix === undefined ? "requestResponse" : (suffix as TaskPattern);
  if (variant && pattern !== "sync") return undefined;
  return { kind: sdk ? "aws-sdk" : "optimized", service, action, pattern, variant };
}

/** What AWS says of a resource that does not exist. */
export const unrecognized = (arn: string): string =>
  `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`;
