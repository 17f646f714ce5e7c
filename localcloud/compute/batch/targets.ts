// EventBridge rules and EventBridge Scheduler schedules whose target is Batch: they submit a job, with the target's role.
import { BatchClient, SubmitJobCommand, type SubmitJobCommandInput } from "@aws-sdk/client-batch";
import { z } from "zod";
import { toApiShape } from "../apiShape.js";
import type { ComputeContext, TargetInvocation } from "../service.js";
import { targetSessionName } from "../session-name.js";
import { parseBatchArn } from "./arn.js";

/** The universal target of EventBridge Scheduler, whose input is the whole request ("Using universal targets", EventBridge Scheduler User Guide). */
export const SUBMIT_JOB_TARGET = "arn:aws:scheduler:::aws-sdk:batch:submitJob";

/** BatchParameters of an EventBridge target (Amazon EventBridge API Reference). */
const batchTarget = z.looseObject({
  BatchParameters: z.looseObject({
    JobDefinition: z.string(),
    JobName: z.string(),
    ArrayProperties: z.looseObject({ Size: z.number().int().optional() }).nullish(),
    RetryStrategy: z.looseObject({ Attempts: z.number().int().optional() }).nullish(),
  }),
});

/** What of the input reaches the job ("Passing event information to an AWS Batch target", AWS Batch User Guide). */
const PASSED = [
  "Parameters",
  "ContainerOverrides",
  "DependsOn",
  "Timeout",
  "Tags",
  "ShareIdentifier",
  "SchedulingPriorityOverride",
];

/**
 * The SubmitJob request that an invocation amounts to.
 *
 * @throws ZodError when the target of a queue has no BatchParameters; Error when the ARN is no target of Batch
 */
export function submissionOf({ arn, input, target }: TargetInvocation): SubmitJobCommandInput {
  if (arn === SUBMIT_JOB_TARGET) return toApiShape(JSON.parse(input || "{}")) as SubmitJobCommandInput;
  if (parseBatchArn(arn)?.type !== "job-queue")
    throw new Error(`${arn} is neither a job queue nor ${SUBMIT_JOB_TARGET}`);
  const { JobDefinition, JobName, ArrayProperties, RetryStrategy } = batchTarget.parse(target).BatchParameters;
  const given = jsonObject(input);
  const passed = Object.fromEntries(PASSED.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
  return {
    ...(toApiShape(passed) as Partial<SubmitJobCommandInput>),
    jobName: JobName,
    jobQueue: arn,
    jobDefinition: JobDefinition,
    arrayProperties: ArrayProperties?.Size ? { size: ArrayProperties.Size } : undefined,
    retryStrategy: RetryStrategy?.Attempts ? { attempts: RetryStrategy.Attempts } : undefined,
  };
}

/**
 * Submits the job as the target's role, through the front door, so that IAM decides and CloudTrail records it.
 * Rejects with AccessDenied when the role does not trust the service or may not submit, and with what Batch refuses.
 */
export async function invokeBatchTarget(context: ComputeContext, invocation: TargetInvocation): Promise<void> {
  const { account, roleArn, source, arn } = invocation;
  const region = parseBatchArn(arn)?.region ?? invocation.region;
  if (!roleArn) throw new Error(`${source}: the target ${arn} has no role, which Batch needs`);
  const service = source.startsWith("arn:aws:scheduler:") ? "scheduler.amazonaws.com" : "events.amazonaws.com";
  const session = { account, region, roleArn, sessionName: targetSessionName(source), service, sourceArn: source };
  const credentials = await context.assumeRole(session);
  const client = new BatchClient({ ...context.clientConfig(account, region), credentials });
  try {
    await client.send(new SubmitJobCommand(submissionOf(invocation)));
  } finally {
    client.destroy();
  }
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // A constant input that is no JSON says nothing to Batch.
    return {};
  }
}
