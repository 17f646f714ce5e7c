// The platform README's lines: jobs with environments of their own, three at once, logs, dashboard.
import assert from "node:assert/strict";
import {
  ALL_TRIPS,
  feature,
  features,
  logOf,
  objectsBelow,
  submitted,
  succeeded,
  today,
  tripCounts,
} from "./checks.js";
import type { CommandLine } from "./line.js";
import { tailLine } from "./logs.js";

const ENVIRONMENT = `[
      {"name":"SCP_ENV","value":"prod"},
      {"name":"TLC_DATA_PATH","value":"s3://sanders-customer-platform-prod/raw/nyc_tlc/yellow_tripdata_2024-01.parquet"}
    ]`;

/** One of the three submissions, which are not waited for before the next. */
const variant = (name: string, size: string): CommandLine => ({
  what: `submits ${name}`,
  line: `aws batch submit-job --job-name ${name} \\
  --job-queue sanders-batch-queue-prod \\
  --job-definition sanders-job-2g-prod:1 \\
  --container-overrides '{
    "command":["jobs/daily_features_tlc_${size}.py"],
    "environment":${ENVIRONMENT}
  }' --region eu-central-1`,
  check: (answer, visit) => void submitted(answer, visit, name),
});

export const platformLines: CommandLine[] = [
  {
    what: "uploads the sample",
    line: `aws s3 cp data/tlc_raw.parquet \\
  s3://sanders-customer-platform-prod/raw/nyc_tlc/yellow_tripdata_2024-01.parquet`,
    async check(_answer, { platform }) {
      assert.deepEqual(Object.keys(await objectsBelow(platform, "raw/nyc_tlc/")), ["yellow_tripdata_2024-01.parquet"]);
    },
  },
  variant("small-500", "small"),
  variant("medium-1000", "medium"),
  variant("large-2000", "large"),
  {
    what: "verifies the three outputs in S3",
    line: `aws s3 ls s3://sanders-customer-platform-prod/features/daily/daily/date=$(date +%Y-%m-%d)/ \\
  --region eu-central-1`,
    async run(line, { platform, jobs }) {
      assert.equal(jobs.length, 3);
      for (const jobId of jobs) await succeeded(platform, jobId);
      return (await platform.shell(line)).stdout;
    },
    check: (answer) =>
      assert.deepEqual(
        answer
          .trim()
          .split("\n")
          .map((each) => each.split(/\s+/).at(-1)),
        ["features_large.parquet", "features_medium.parquet", "features_small.parquet"],
      ),
  },
  {
    what: "checks the records in DynamoDB, where the largest data set has its say",
    line: `aws dynamodb scan --table-name sanders_daily_customer_features_prod \\
  --filter-expression "attribute_exists(dataset_size)" \\
  --region eu-central-1`,
    check(answer) {
      const items: Record<string, { S?: string; N?: string }>[] = JSON.parse(answer).Items;
      assert.deepEqual(items.map((item) => [item.customer_id?.S, item.trip_count_1d?.N, item.dataset_size?.N]).sort(), [
        ["1", "769", "2000"],
        ["2", "1206", "2000"],
        ["4", "25", "2000"],
      ]);
    },
  },
  {
    what: "submits the job of the whole sample with an environment of its own",
    line: `aws batch submit-job \\
  --job-name daily-features-test \\
  --job-queue sanders-batch-queue-prod \\
  --job-definition sanders-job-8g-prod:1 \\
  --container-overrides '{
    "command":["jobs/daily_features_tlc.py"],
    "environment":${ENVIRONMENT}
  }' \\
  --region eu-central-1`,
    async check(answer, visit) {
      const { platform } = visit;
      await succeeded(platform, submitted(answer, visit, "daily-features-test"));
      assert.deepEqual(await tripCounts(platform, today()), ALL_TRIPS);
      for (const { dataset_size } of await features(platform, today())) assert.equal(dataset_size, 200_000);
    },
  },
  {
    what: "checks the job's status",
    line: `aws batch describe-jobs --jobs <job-id> --region eu-central-1 \\
  --query "jobs[0].[jobName,status,container.exitCode]"`,
    check: (answer) => assert.deepEqual(JSON.parse(answer), ["daily-features-test", "SUCCEEDED", 0]),
  },
  tailLine,
  {
    what: "shows one job's log by its stream",
    line: `aws logs get-log-events --log-group-name /aws/batch/job --log-stream-name "$(aws batch describe-jobs \\
  --jobs <job-id> --query 'jobs[0].container.logStreamName' --output text)" --query 'events[].message'`,
    check(answer) {
      const lines: Record<string, unknown>[] = JSON.parse(answer).map((line: string) => JSON.parse(line));
      assert.equal(lines[0]?.message, "started");
      assert.equal(lines[0]?.environment, "prod");
    },
  },
  {
    what: "leaves what the whole sample says when a smaller variant runs again",
    line: `aws batch submit-job --job-name small-500 \\
  --job-queue sanders-batch-queue-prod \\
  --job-definition sanders-job-2g-prod:1 \\
  --container-overrides '{
    "command":["jobs/daily_features_tlc_small.py"],
    "environment":${ENVIRONMENT}
  }' --region eu-central-1`,
    async check(answer, visit) {
      await succeeded(visit.platform, submitted(answer, visit, "small-500"));
      const { trip_count_1d, dataset_size } = await feature(visit.platform, "1", today());
      assert.deepEqual([trip_count_1d, dataset_size], [ALL_TRIPS["1"], 200_000]);
    },
  },
  {
    what: "fails a job that the image does not have, and says which it has",
    line: `aws batch submit-job --job-name my-new-job \\
  --job-queue sanders-batch-queue-prod \\
  --job-definition sanders-job-8g-prod:1 \\
  --container-overrides '{"command":["jobs/my_new_job.py"]}'`,
    async check(answer, visit) {
      const job = await visit.platform.ended(submitted(answer, visit, "my-new-job"));
      assert.equal(job.status, "FAILED");
      assert.equal(job.statusReason, "Essential container in task exited");
      const log = (await logOf(visit.platform, job.container?.logStreamName)).join("\n");
      assert.match(log, /my_new_job/);
      assert.match(log, /daily_features_tlc_small/);
    },
  },
  {
    what: "has the dashboard",
    line: "aws cloudwatch get-dashboard --dashboard-name sanders-platform-prod --query DashboardBody --output text",
    check(answer) {
      const titles = JSON.parse(answer).widgets.map(
        ({ properties }: { properties: { title: string } }) => properties.title,
      );
      for (const title of [
        "Success rate of jobs, %",
        "Duration of jobs, seconds",
        "Capacity of the feature table",
        "Executions",
      ])
        assert.ok(titles.includes(title), titles.join());
    },
  },
  {
    what: "has the alarms, which tell the topic",
    line: `aws cloudwatch describe-alarms --query 'MetricAlarms[].[AlarmName,AlarmActions[0]]'`,
    check: (answer, { platform }) =>
      assert.deepEqual(
        JSON.parse(answer).sort(),
        ["batch-failures", "dynamodb-writes", "execution-failures"].map((what) => [
          `sanders-${what}-prod`,
          `arn:aws:sns:eu-central-1:${platform.account}:sanders-alerts-prod`,
        ]),
      ),
  },
];
