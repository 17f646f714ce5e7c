// Batch and Step Functions: the infrastructure README's lines.
import assert from "node:assert/strict";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { until } from "../../support/until.js";
import { ALL_TRIPS, objectsBelow, submitted, succeeded, today, tripCounts } from "./checks.js";
import type { CommandLine, Visit } from "./line.js";

const STATE_MACHINE = "arn:aws:states:eu-central-1:120569615884:stateMachine:sanders-orchestrator-dev";

export const runLines: CommandLine[] = [
  {
    what: "uploads the sample where jobs look for it",
    line: `aws s3 cp data/tlc_raw.parquet \\
  s3://sanders-customer-platform-dev/raw/nyc_tlc/yellow_tripdata_2024-01.parquet`,
    async check(_answer, { platform }) {
      const { "": bytes = 0 } = await objectsBelow(platform, "raw/nyc_tlc/yellow_tripdata_2024-01.parquet");
      assert.ok(bytes > 3_000_000, `${bytes} bytes`);
    },
  },
  {
    what: "submits a job, which computes the features of the whole sample",
    line: `aws batch submit-job \\
  --job-name my-feature-extraction-job \\
  --job-queue sanders-batch-queue-dev \\
  --job-definition sanders-job-8g \\
  --region eu-central-1`,
    async check(answer, visit) {
      await succeeded(visit.platform, submitted(answer, visit, "my-feature-extraction-job"));
      assert.deepEqual(await tripCounts(visit.platform, today()), ALL_TRIPS);
      assert.ok("features.parquet" in (await objectsBelow(visit.platform, `features/daily/date=${today()}/`)));
    },
  },
  {
    what: "describes the job",
    line: "aws batch describe-jobs --jobs <JOB-ID> --region eu-central-1",
    check(answer, { jobs }) {
      const [job] = JSON.parse(answer).jobs;
      assert.deepEqual([job.jobId, job.status, job.container.exitCode], [jobs.at(-1), "SUCCEEDED", 0]);
      assert.match(job.container.logStreamName, /^sanders-job-8g-dev\/default\/[0-9a-f]+$/);
    },
  },
  {
    what: "starts an execution, which runs all three jobs",
    line: `aws stepfunctions start-execution \\
  --state-machine-arn ${STATE_MACHINE} \\
  --name execution-$(date +%s) \\
  --input '{"param1":"value1"}' \\
  --region eu-central-1`,
    async check(answer, visit) {
      const { executionArn } = JSON.parse(answer);
      assert.match(executionArn, /:execution:sanders-orchestrator-dev:execution-\d+$/);
      const execution = await ended(visit, executionArn);
      assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
      const { features, processing, training } = JSON.parse(execution.output ?? "");
      assert.deepEqual(
        [features.jobName, processing.jobName, training.jobName],
        ["feature-extraction", "data-processing", "model-training"],
      );
      const models = await objectsBelow(visit.platform, `models/fare/date=${today()}/`);
      assert.deepEqual(Object.keys(models).sort(), ["metrics.json", "model.json"]);
    },
  },
  {
    what: "lists the executions",
    line: `aws stepfunctions list-executions \\
  --state-machine-arn ${STATE_MACHINE} \\
  --region eu-central-1`,
    check(answer) {
      const { executions } = JSON.parse(answer);
      assert.deepEqual(
        executions.map(({ status }: { status: string }) => status),
        ["SUCCEEDED"],
      );
    },
  },
  {
    what: "describes the last one",
    line: `aws stepfunctions describe-execution --execution-arn "$(aws stepfunctions list-executions \\
  --state-machine-arn ${STATE_MACHINE} \\
  --query 'executions[0].executionArn' --output text)" --query '[status,input]'`,
    check: (answer) => assert.deepEqual(JSON.parse(answer), ["SUCCEEDED", '{"param1":"value1"}']),
  },
];

async function ended({ platform }: Visit, executionArn: string) {
  const states = new SFNClient(platform.client);
  return await until(`${executionArn} to end`, async () => {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? undefined : execution;
  });
}
