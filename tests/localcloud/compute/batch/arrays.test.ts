import assert from "node:assert/strict";
import { type FakeCloud, fakeCloud, type Json, jobOf, submit, withQueue } from "./fakes.js";

describe("array jobs and dependencies", () => {
  let cloud: FakeCloud;
  beforeEach(async () => {
    cloud = fakeCloud();
    await withQueue(cloud);
  });
  afterEach(() => cloud.batch.close());

  const indexOf = (container: { spec: { environment: Record<string, string> } }) =>
    Number(container.spec.environment.AWS_BATCH_JOB_ARRAY_INDEX);
  const children = async (id: string, status: string): Promise<number[]> => {
    const { jobSummaryList } = await cloud.call("listjobs", { arrayJobId: id, jobStatus: status });
    return jobSummaryList.map(({ arrayProperties }: Json) => arrayProperties.index);
  };

  it("runs each child with its index; the parent counts them, and succeeds with the last", async () => {
    const id = await submit(cloud, { arrayProperties: { size: 3 } });
    await cloud.executor.container(2);
    await cloud.settled();
    assert.deepEqual(cloud.executor.containers.map(indexOf), [0, 1, 2]);
    assert.deepEqual(
      cloud.executor.containers.map(({ spec }) => [
        spec.environment.AWS_BATCH_JOB_ID,
        spec.environment.AWS_BATCH_JOB_ARRAY_SIZE,
      ]),
      [0, 1, 2].map((index) => [`${id}:${index}`, "3"]),
    );
    cloud.executor.containers[1]?.exit(0);
    await cloud.settled();
    const parent = await jobOf(cloud, id);
    assert.equal(parent.status, "PENDING");
    assert.equal(parent.arrayProperties.size, 3);
    assert.deepEqual(parent.arrayProperties.statusSummary, {
      SUBMITTED: 0,
      PENDING: 0,
      RUNNABLE: 0,
      STARTING: 0,
      RUNNING: 2,
      SUCCEEDED: 1,
      FAILED: 0,
    });
    assert.equal((await jobOf(cloud, `${id}:1`)).arrayProperties.index, 1);
    assert.deepEqual(await children(id, "RUNNING"), [0, 2]);
    for (const container of cloud.executor.containers) container.exit(0);
    await cloud.settled();
    assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
    const announced = cloud.events.filter(({ resources }) => resources[0]?.endsWith(`${id}:2`));
    assert.deepEqual(
      announced.map(({ detail }) => (detail as Json).status),
      ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"],
    );
  });

  it("fails the parent when a child failed, after all have ended", async () => {
    const id = await submit(cloud, { arrayProperties: { size: 2 } });
    (await cloud.executor.container(0)).exit(1);
    await cloud.settled();
    assert.equal((await jobOf(cloud, id)).status, "PENDING");
    (await cloud.executor.container(1)).exit(0);
    await cloud.settled();
    const parent = await jobOf(cloud, id);
    assert.deepEqual([parent.status, parent.statusReason], ["FAILED", "Array Child Job failed"]);
  });

  it("starts a job after all it depends on succeeded, and fails it with AWS's reason when one failed", async () => {
    const first = await submit(cloud);
    const second = await submit(cloud);
    const both = await submit(cloud, { dependsOn: [{ jobId: first }, { jobId: second }] });
    const after = await submit(cloud, { dependsOn: [{ jobId: both }] });
    (await cloud.executor.container(0)).exit(0);
    await cloud.settled();
    assert.equal((await jobOf(cloud, both)).status, "PENDING");
    (await cloud.executor.container(1)).exit(3);
    await cloud.settled();
    for (const id of [both, after]) {
      const job = await jobOf(cloud, id);
      assert.deepEqual([job.status, job.statusReason, job.attempts], ["FAILED", "Dependent Job failed", []]);
    }
    const late = await submit(cloud, { dependsOn: [{ jobId: first }] });
    (await cloud.executor.container(2)).exit(0);
    await cloud.settled();
    assert.equal((await jobOf(cloud, late)).status, "SUCCEEDED");
  });

  it("runs a SEQUENTIAL array one after the other, and none behind one that failed", async () => {
    const id = await submit(cloud, { arrayProperties: { size: 4 }, dependsOn: [{ type: "SEQUENTIAL" }] });
    for (const [index, code] of [0, 0, 1].entries()) {
      const container = await cloud.executor.container(index);
      await cloud.settled();
      assert.equal(indexOf(container), index);
      assert.equal(cloud.executor.containers.length, index + 1);
      container.exit(code);
      await cloud.settled();
    }
    assert.equal((await jobOf(cloud, `${id}:3`)).statusReason, "Dependent Job failed");
    assert.equal((await jobOf(cloud, id)).status, "FAILED");
  });

  it("runs a child of an N_TO_N array after its twin", async () => {
    const left = await submit(cloud, { arrayProperties: { size: 2 } });
    const right = await submit(cloud, { arrayProperties: { size: 2 }, dependsOn: [{ jobId: left, type: "N_TO_N" }] });
    await cloud.executor.container(1);
    await cloud.settled();
    assert.equal(cloud.executor.containers.length, 2);
    cloud.executor.containers[1]?.exit(0);
    await cloud.settled();
    assert.equal((await cloud.executor.container(2)).spec.environment.AWS_BATCH_JOB_ID, `${right}:1`);
    cloud.executor.containers[0]?.exit(1);
    await cloud.settled();
    assert.equal((await jobOf(cloud, `${right}:0`)).statusReason, "Dependent Job failed");
    cloud.executor.containers[2]?.exit(0);
    await cloud.settled();
    assert.deepEqual([(await jobOf(cloud, left)).status, (await jobOf(cloud, right)).status], ["FAILED", "FAILED"]);
  });

  it("terminates every child of a terminated array; cancels only those that have not started", async () => {
    const narrow = fakeCloud({ machine: { cores: 1, memoryMiB: 1024 } });
    await withQueue(narrow);
    const id = await submit(narrow, { arrayProperties: { size: 5 } });
    await narrow.executor.container(1);
    await narrow.settled();
    assert.equal(narrow.executor.containers.length, 2);
    await narrow.call("canceljob", { jobId: id, reason: "enough" });
    await narrow.settled();
    assert.equal((await jobOf(narrow, id)).arrayProperties.statusSummary.FAILED, 3);
    assert.equal((await jobOf(narrow, id)).status, "PENDING");
    await narrow.call("terminatejob", { jobId: id, reason: "now" });
    await narrow.settled();
    const parent = await jobOf(narrow, id);
    assert.deepEqual([parent.status, parent.statusReason, parent.isTerminated], ["FAILED", "now", true]);
    assert.deepEqual((await jobOf(narrow, `${id}:4`)).statusReason, "enough");
    assert.equal(narrow.executor.containers.length, 2);
  });

  it("takes an array of 10,000 whose first child fails in a sequence", async () => {
    const id = await submit(cloud, { arrayProperties: { size: 10_000 }, dependsOn: [{ type: "SEQUENTIAL" }] });
    (await cloud.executor.container(0)).exit(1);
    await cloud.settled();
    const parent = await jobOf(cloud, id);
    assert.equal(parent.status, "FAILED");
    assert.equal(parent.arrayProperties.statusSummary.FAILED, 10_000);
  }).timeout(20_000);

  it("refuses what AWS refuses", async () => {
    const plain = await submit(cloud);
    const array = await submit(cloud, { arrayProperties: { size: 2 } });
    const refusals: [Record<string, unknown>, RegExp][] = [
      [{ arrayProperties: { size: 1 } }, /between 2 and 10000/],
      [{ arrayProperties: { size: 10_001 } }, /between 2 and 10000/],
      [{ dependsOn: [{ jobId: "00000000-0000-0000-0000-000000000000" }] }, /does not exist/],
      [{ dependsOn: [{ type: "SEQUENTIAL" }] }, /array jobs only/],
      [{ arrayProperties: { size: 2 }, dependsOn: [{ jobId: plain, type: "N_TO_N" }] }, /same size/],
      [{ arrayProperties: { size: 3 }, dependsOn: [{ jobId: array, type: "N_TO_N" }] }, /same size/],
      [{ dependsOn: Array.from({ length: 21 }, () => ({ jobId: plain })) }, /at most 20/],
    ];
    for (const [body, message] of refusals)
      await assert.rejects(submit(cloud, body), { code: "ClientException", message });
  });
});
