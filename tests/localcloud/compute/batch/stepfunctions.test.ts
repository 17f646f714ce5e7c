import assert from "node:assert/strict";
import { submitJobForStepFunctions } from "../../../../localcloud/compute/batch/service.js";
import { ACCOUNT, type FakeCloud, fakeCloud, type Json, jobOf, REGION, withQueue } from "./fakes.js";

describe("batch:submitJob of Step Functions", () => {
  let cloud: FakeCloud;
  beforeEach(async () => {
    cloud = fakeCloud();
    await withQueue(cloud);
  });
  afterEach(() => cloud.batch.close());

  const parameters = {
    JobName: "from-states",
    JobQueue: "queue",
    JobDefinition: "definition",
    Parameters: { inputPath: "raw" },
    ContainerOverrides: { Command: ["Ref::inputPath"], Environment: [{ Name: "FEATURE_DATE", Value: "2026-02-07" }] },
    Tags: { costCenter: "x" },
  };
  const run = (more: { sync: boolean; parameters?: Record<string, unknown>; signal?: AbortSignal }) =>
    submitJobForStepFunctions(cloud.batch, { account: ACCOUNT, region: REGION, parameters, ...more });

  it("answers at once without .sync", async () => {
    const outcome = (await run({ sync: false })) as { result: Record<string, string> };
    assert.deepEqual(Object.keys(outcome.result), ["JobArn", "JobId", "JobName"]);
    const job = await jobOf(cloud, outcome.result.JobId ?? "");
    assert.deepEqual(job.container.command, ["raw"]);
    assert.deepEqual(job.container.environment, [{ name: "FEATURE_DATE", value: "2026-02-07" }]);
    assert.deepEqual(job.tags, { costCenter: "x" });
  });

  it("answers with the job's detail in PascalCase once a .sync job has succeeded", async () => {
    const outcome = run({ sync: true });
    (await cloud.executor.container(0)).exit(0);
    const { result } = (await outcome) as { result: Json };
    assert.equal(result.Status, "SUCCEEDED");
    assert.equal(result.JobName, "from-states");
    assert.equal(result.Attempts[0].Container.ExitCode, 0);
    assert.deepEqual(result.Container.Environment, [
      { Name: "FEATURE_DATE", Value: "2026-02-07" },
      { Name: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" },
    ]);
    assert.deepEqual(result.Container.ResourceRequirements[0], { Type: "VCPU", Value: "0.25" });
    assert.deepEqual(result.Parameters, { inputPath: "raw" });
    assert.deepEqual(Object.keys(result), Object.keys(result).sort());
  });

  it("fails with States.TaskFailed and the detail as JSON when a .sync job has failed", async () => {
    const outcome = run({ sync: true });
    (await cloud.executor.container(0)).exit(3);
    const { error, cause } = (await outcome) as { error: string; cause: string };
    assert.equal(error, "States.TaskFailed");
    const detail = JSON.parse(cause);
    assert.deepEqual(
      [detail.Status, detail.Container.ExitCode, detail.StatusReason],
      ["FAILED", 3, "Essential container in task exited"],
    );
    assert.equal(detail.Attempts.length, 1);
  });

  it("reports a refused submission as the SDK would", async () => {
    const { error, cause } = (await run({ sync: true, parameters: { ...parameters, JobQueue: "none" } })) as {
      error: string;
      cause: string;
    };
    assert.equal(error, "Batch.ClientException");
    assert.match(
      cause,
      /^JobQueue none not found\. \(Service: AWSBatch; Status Code: 400; Error Code: ClientException; Request ID: [0-9a-f-]+; Proxy: null\)$/,
    );
  });

  it("terminates the job of an execution that was stopped", async () => {
    const stop = new AbortController();
    const outcome = run({ sync: true, signal: stop.signal });
    const container = await cloud.executor.container(0);
    await cloud.settled();
    stop.abort();
    assert.equal(container.stopped, 30);
    const { cause } = (await outcome) as { cause: string };
    assert.equal(JSON.parse(cause).IsTerminated, true);
  });
});
