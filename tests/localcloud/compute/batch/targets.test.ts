import assert from "node:assert/strict";
import { submissionOf } from "../../../../localcloud/compute/batch/targets.js";
import type { TargetInvocation } from "../../../../localcloud/compute/service.js";

const QUEUE = "arn:aws:batch:eu-central-1:111122223333:job-queue/queue";
const invocation = (more: Partial<TargetInvocation>): TargetInvocation => ({
  account: "111122223333",
  region: "eu-central-1",
  arn: QUEUE,
  roleArn: "arn:aws:iam::111122223333:role/events",
  input: "{}",
  target: { BatchParameters: { JobDefinition: "definition:1", JobName: "daily" } },
  source: "arn:aws:events:eu-central-1:111122223333:rule/daily",
  ...more,
});

describe("Batch as a target", () => {
  it("submits what BatchParameters say", () => {
    const BatchParameters = {
      JobDefinition: "d",
      JobName: "j",
      ArrayProperties: { Size: 3 },
      RetryStrategy: { Attempts: 2 },
    };
    assert.deepEqual(submissionOf(invocation({ target: { BatchParameters } })), {
      jobName: "j",
      jobQueue: QUEUE,
      jobDefinition: "d",
      arrayProperties: { size: 3 },
      retryStrategy: { attempts: 2 },
    });
  });

  it("passes Parameters and ContainerOverrides of the input on, whose members have capitals", () => {
    const input = JSON.stringify({
      Parameters: { FeatureDate: "2026-02-07" },
      ContainerOverrides: { Command: ["jobs/x"], Environment: [{ Name: "A", Value: "b" }] },
      JobQueue: "arn:aws:batch:eu-central-1:111122223333:job-queue/other",
    });
    const request = submissionOf(invocation({ input }));
    assert.deepEqual(request.parameters, { FeatureDate: "2026-02-07" });
    assert.deepEqual(request.containerOverrides, { command: ["jobs/x"], environment: [{ name: "A", value: "b" }] });
    assert.equal(request.jobQueue, QUEUE);
  });

  it("takes nothing from an event that was passed as it is", () => {
    const input = JSON.stringify({ version: "0", "detail-type": "Scheduled Event", detail: {} });
    assert.deepEqual(Object.keys(submissionOf(invocation({ input }))).sort(), [
      "arrayProperties",
      "jobDefinition",
      "jobName",
      "jobQueue",
      "retryStrategy",
    ]);
  });

  it("takes the whole request from a universal target of EventBridge Scheduler", () => {
    const request = submissionOf(
      invocation({
        arn: "arn:aws:scheduler:::aws-sdk:batch:submitJob",
        target: {},
        input: JSON.stringify({ JobName: "j", JobQueue: "queue", JobDefinition: "d", Parameters: { K: "v" } }),
      }),
    );
    assert.deepEqual(request, { jobName: "j", jobQueue: "queue", jobDefinition: "d", parameters: { K: "v" } });
  });

  it("refuses a queue without BatchParameters and an ARN of something else", () => {
    assert.throws(() => submissionOf(invocation({ target: {} })), /BatchParameters/);
    assert.throws(
      () => submissionOf(invocation({ arn: "arn:aws:sqs:eu-central-1:111122223333:x" })),
      /neither a job queue/,
    );
  });
});
