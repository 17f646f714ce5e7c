// Who may do what in the platform: the statements of each role, from ARNs.
import { type Input, interpolate } from "@pulumi/pulumi";
import type { Statement } from "../../components/iam/policy.js";

/** The jobs: the platform's bucket and table, nothing else. */
export function jobStatements(arns: { bucket: Input<string>; table: Input<string> }): Statement[] {
  return [
    { sid: "ListLake", actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [arns.bucket] },
    {
      sid: "ReadAndWriteLake",
      actions: [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      resources: [interpolate`${arns.bucket}/*`],
    },
    {
      sid: "ReadAndWriteFeatures",
      actions: [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
      ],
      resources: [arns.table],
    },
  ];
}

/** Submitting the platform's own jobs to its own queue, any revision: one that runs is not cut off by a newer one. */
export function submitStatement(arns: {
  queue: Input<string>;
  /** Of the job definitions, without revision. */
  jobDefinitions: readonly Input<string>[];
}): Statement {
  return {
    sid: "SubmitJobs",
    actions: ["batch:SubmitJob"],
    resources: [arns.queue, ...arns.jobDefinitions.map((arn) => interpolate`${arn}:*`)],
  };
}

/**
 * Executions of the orchestrator. Waiting for a job (`.sync`) takes more than submitting it: to follow it by a rule that Step
 * Functions manages, and to end it when the execution ends ("Run AWS Batch workloads with Step Functions").
 */
export function orchestratorStatements(arns: {
  queue: Input<string>;
  jobDefinitions: readonly Input<string>[];
  topic: Input<string>;
  /** `arn:aws:batch:<region>:<account>:job`, without the id. */
  jobs: string;
  /** Of the rule `StepFunctionsGetEventsForBatchJobsRule`. */
  eventsRule: string;
}): Statement[] {
  return [
    submitStatement(arns),
    { sid: "FollowJobs", actions: ["batch:DescribeJobs"], resources: ["*"] },
    { sid: "EndJobs", actions: ["batch:TerminateJob"], resources: [`${arns.jobs}/*`] },
    {
      sid: "HearOfJobs",
      actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
      resources: [arns.eventsRule],
    },
    { sid: "TellOfFailure", actions: ["sns:Publish"], resources: [arns.topic] },
  ];
}
