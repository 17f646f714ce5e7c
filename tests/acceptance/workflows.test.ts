// What the platform does by itself, on real data: the clock submits jobs that write features, and an execution's input
// reaches every job.
import assert from "node:assert/strict";
import { BatchClient, DescribeJobsCommand, type JobDetail, ListJobsCommand } from "@aws-sdk/client-batch";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { findBackgroundCloud } from "../../localcloud/server/background.js";
import { until } from "../support/until.js";
import { ALL_TRIPS, objectsBelow, succeeded, today, tripCounts } from "./lines/checks.js";
import { openPlatform, type Platform } from "./platform.js";

const DEFAULT_INPUT = "raw/nyc_tlc/yellow_tripdata_2024-01.parquet";
const JOBS = ["feature-extraction", "data-processing", "model-training"];

describe("Sanders by itself", function () {
  this.timeout(180_000);

  let platform: Platform;
  let batch: BatchClient;

  before(async () => {
    platform = await openPlatform("itself", "dev");
    batch = new BatchClient(platform.client);
    for (const key of [DEFAULT_INPUT, "raw/given.parquet"]) {
      const source = key === DEFAULT_INPUT ? "tlc_raw" : "tlc_small";
      const { code, stderr } = await platform.shell(
        `aws s3 cp data/${source}.parquet s3://${platform.outputs.S3BucketName}/${key}`,
      );
      assert.equal(code, 0, stderr);
    }
  });
  after(async () => {
    await platform?.down().finally(() => platform.driver.close());
  });

  it("computes the day's features when the daily schedule fires", async () => {
    await findBackgroundCloud(platform.driver.home)?.fire({
      account: platform.account,
      region: platform.client.region,
      kind: "schedule",
      name: "sanders-daily-features-dev",
    });
    const { jobId = "" } = await newest("daily-features");
    await succeeded(platform, jobId);
    assert.deepEqual(await tripCounts(platform, today()), ALL_TRIPS);
    assert.ok("features.parquet" in (await objectsBelow(platform, `features/daily/date=${today()}/`)));
  });

  it("computes features when the clock reaches the time of a schedule", async () => {
    const time = new Date(Date.now() + 5_000).toISOString().slice(0, 19);
    const schedule = JSON.parse(await answerOf("aws scheduler get-schedule --name sanders-daily-features-dev"));
    const input = JSON.parse(schedule.Target.Input);
    const environment = [
      { Name: "FEATURE_DATE", Value: "2026-02-06" },
      { Name: "TLC_DATA_PATH", Value: `s3://${platform.outputs.S3BucketName}/raw/given.parquet` },
    ];
    const target = {
      ...schedule.Target,
      Input: JSON.stringify({
        ...input,
        JobName: "once",
        ContainerOverrides: { ...input.ContainerOverrides, Environment: environment },
      }),
    };
    await answerOf(
      `aws scheduler create-schedule --name once --schedule-expression 'at(${time})' \\
        --flexible-time-window Mode=OFF --action-after-completion DELETE --target '${JSON.stringify(target)}'`,
    );
    const { jobId = "", createdAt = 0 } = await newest("once");
    assert.ok(createdAt >= Date.parse(`${time}Z`), "it was not submitted before its time");
    await succeeded(platform, jobId);
    const counts = await tripCounts(platform, "2026-02-06");
    assert.deepEqual(Object.keys(counts), ["1", "2", "4"]);
    assert.ok(Number(counts["2"]) < Number(ALL_TRIPS["2"]));
  });

  it("gives each of the orchestrator's jobs the input's environment", async () => {
    const given = {
      TLC_DATA_PATH: `s3://${platform.outputs.S3BucketName}/${DEFAULT_INPUT}`,
      FEATURE_DATE: "2026-02-07",
    };
    await executed({ environment: given });
    for (const name of JOBS) {
      const { FEATURE_DATE, TLC_DATA_PATH } = environmentOf(await newest(name));
      assert.deepEqual({ TLC_DATA_PATH, FEATURE_DATE }, given, name);
    }
    assert.deepEqual(await tripCounts(platform, "2026-02-07"), ALL_TRIPS);
    assert.deepEqual(Object.keys(await objectsBelow(platform, "features/daily/date=2026-02-07/")), [
      "features.parquet",
    ]);
    assert.deepEqual(Object.keys(await objectsBelow(platform, "models/fare/date=2026-02-07/")).sort(), [
      "metrics.json",
      "model.json",
    ]);
    assert.deepEqual(await objectsBelow(platform, `models/fare/date=${today()}/`), {});
  });

  it("leaves the jobs their defaults without input", async () => {
    await executed({});
    for (const name of JOBS) {
      const environment = environmentOf(await newest(name));
      assert.equal(environment.FEATURE_DATE, undefined, name);
      assert.equal(environment.TLC_DATA_PATH, undefined, name);
      assert.equal(environment.SCP_ENV, "dev", name);
    }
    assert.deepEqual(Object.keys(await objectsBelow(platform, `models/fare/date=${today()}/`)).sort(), [
      "metrics.json",
      "model.json",
    ]);
  });

  async function answerOf(line: string): Promise<string> {
    const { code, stdout, stderr } = await platform.shell(line);
    assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Runs the orchestrator. @throws with its cause when it fails */
  async function executed(input: unknown): Promise<void> {
    const states = new SFNClient(platform.client);
    const { executionArn } = await states.send(
      new StartExecutionCommand({
        stateMachineArn: platform.outputs.StepFunctionsStateMachineARN,
        input: JSON.stringify(input),
      }),
    );
    const execution = await until("the execution to end", async () => {
      const { status, error, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
      return status === "RUNNING" ? undefined : { status, error, cause };
    });
    assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
  }

  /** The newest job of a name, as soon as there is one. */
  async function newest(name: string): Promise<JobDetail> {
    return await until(`a job ${name}`, async () => {
      const { jobSummaryList = [] } = await batch.send(
        new ListJobsCommand({
          jobQueue: platform.outputs.BatchJobQueueName,
          filters: [{ name: "JOB_NAME", values: [name] }],
        }),
      );
      const [last] = jobSummaryList.sort((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));
      if (!last?.jobId) return undefined;
      const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: [last.jobId] }));
      return jobs?.[0];
    });
  }
});

const environmentOf = ({ container }: JobDetail): Record<string, string | undefined> =>
  Object.fromEntries((container?.environment ?? []).map(({ name, value }) => [name, value]));
