// The log group that Batch writes every job's log to, of which an account has one in each region.
import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import type * as pulumi from "@pulumi/pulumi";
import type { StackContext } from "./context.js";

/** Name that Batch chooses unless a job definition says otherwise ("Using the awslogs log driver", AWS Batch User Guide). */
export const BATCH_LOG_GROUP = "/aws/batch/job";

/**
 * The group as a resource, one for all units of a stack in a region (it belongs to the first that asks), where the stack owns it; `undefined` where Batch made it
 * and others use it too. See docs/decisions, "The log group of Batch".
 */
export function batchLogGroup(
  context: StackContext,
  settings: { owned: boolean; retentionDays: number; region: string },
  options: pulumi.CustomResourceOptions,
): LogGroup | undefined {
  if (!settings.owned) return undefined;
  return context.shared(
    `${BATCH_LOG_GROUP} ${settings.region}`,
    () =>
      new LogGroup(
        `batch-log-${settings.region}`,
        { name: BATCH_LOG_GROUP, retentionInDays: settings.retentionDays },
        options,
      ),
  );
}
