import assert from "node:assert/strict";
import { type FakeCloud, fakeCloud, type Json, jobOf, refused, submit, withQueue, wrapped } from "./fakes.js";

const ARN = "arn:aws:batch:eu-central-1:111122223333";

describe("the AWS Batch API", () => {
  let cloud: FakeCloud;
  beforeEach(() => {
    cloud = fakeCloud();
  });
  afterEach(() => cloud.batch.close());

  const refuses = (operation: string, body: Record<string, unknown>, message: string | RegExp) =>
    refused(cloud, operation, body, message);

  describe("jobs", () => {
    const list = async (body: object) =>
      (await cloud.call("listjobs", body as Record<string, unknown>)).jobSummaryList.map(
        ({ jobName }: Json) => jobName,
      );

    it("lists a queue's jobs by status, RUNNING where none is named, in pages, newest first", async () => {
      await withQueue(cloud, {}, 1);
      for (let n = 0; n < 6; n += 1) await submit(cloud, { jobName: `job-${n}` });
      await cloud.executor.container(3);
      await cloud.settled();
      assert.deepEqual(await list({ jobQueue: "queue" }), ["job-3", "job-2", "job-1", "job-0"]);
      assert.deepEqual(await list({ jobQueue: "queue", jobStatus: "RUNNABLE" }), ["job-5", "job-4"]);
      const first = await cloud.call("listjobs", { jobQueue: "queue", maxResults: 3 });
      cloud.executor.containers[0]?.exit(0);
      await submit(cloud, { jobName: "job-6" });
      const second = await cloud.call("listjobs", {
        jobQueue: "queue",
        jobStatus: "SUCCEEDED",
        maxResults: 3,
        nextToken: first.nextToken,
      });
      await cloud.settled();
      assert.equal(first.jobSummaryList.length, 3);
      assert.equal(second.nextToken, undefined);
      const { frontOfQueue } = await cloud.call("getjobqueuesnapshot", { jobQueue: "queue" });
      assert.equal(frontOfQueue.jobs.length, 2);
    });

    it("filters by name, definition and time of creation, whatever the status", async () => {
      await withQueue(cloud);
      await submit(cloud, { jobName: "Daily-1" });
      cloud.clock.advance(10_000);
      await submit(cloud, { jobName: "daily-2" });
      cloud.clock.advance(10_000);
      await submit(cloud, { jobName: "weekly" });
      await cloud.executor.container(2);
      for (const container of cloud.executor.containers) container.exit(0);
      await cloud.settled();
      const filtered = (name: string, ...values: string[]) =>
        list({ jobQueue: "queue", jobStatus: "FAILED", filters: [{ name, values }] });
      assert.deepEqual(await filtered("JOB_NAME", "daily*"), ["daily-2", "Daily-1"]);
      assert.deepEqual(await filtered("JOB_NAME", "daily-1"), ["Daily-1"]);
      assert.deepEqual(await filtered("JOB_DEFINITION", "definition"), ["weekly", "daily-2", "Daily-1"]);
      assert.deepEqual(await filtered("JOB_DEFINITION", `${ARN}:job-definition/definition:1`), [
        "weekly",
        "daily-2",
        "Daily-1",
      ]);
      assert.deepEqual(await filtered("JOB_DEFINITION", "other*"), []);
      const middle = String(cloud.clock.now() - 10_000);
      assert.deepEqual(await filtered("BEFORE_CREATED_AT", middle), ["Daily-1"]);
      assert.deepEqual(await filtered("AFTER_CREATED_AT", middle), ["weekly"]);
      await refuses(
        "listjobs",
        { jobQueue: "queue", filters: [{ name: "OTHER", values: [] }] },
        /is not one of JOB_NAME/,
      );
      await refuses("listjobs", {}, /Exactly one of/);
    });

    it("keeps ended jobs for seven days", async () => {
      await withQueue(cloud);
      const id = await submit(cloud);
      (await cloud.executor.container(0)).exit(0);
      await cloud.settled();
      cloud.clock.advance(7 * 24 * 3600 * 1000);
      assert.equal((await jobOf(cloud, id)).status, "SUCCEEDED");
      cloud.clock.advance(1);
      assert.equal(await jobOf(cloud, id), undefined);
    });

    it("describes at most 100 at once, by id or ARN, and leaves out what is not there", async () => {
      await withQueue(cloud);
      const id = await submit(cloud);
      const { jobs } = await cloud.call("describejobs", { jobs: ["none", `${ARN}:job/${id}`] });
      assert.deepEqual(
        jobs.map(({ jobId }: Json) => jobId),
        [id],
      );
      await refuses(
        "describejobs",
        { jobs: Array.from({ length: 101 }, String) },
        wrapped("Maximum number of jobs supported is 100"),
      );
      await refuses("canceljob", { jobId: "none", reason: "r" }, "Job none does not exist.");
      await refuses("terminatejob", { jobId: id }, wrapped("reason must not be null."));
      assert.deepEqual(await cloud.call("terminatejobs", { jobs: ["none", id], reason: "r" }), {
        successful: ["none", id],
        errors: [],
      });
      await cloud.settled();
      assert.equal((await jobOf(cloud, id)).status, "FAILED");
    });
  });

  it("tags whatever has an ARN, but children of arrays", async () => {
    await withQueue(cloud, { tags: { a: "1" } });
    const id = await submit(cloud, { tags: { job: "yes" } });
    const array = await submit(cloud, { arrayProperties: { size: 2 } });
    for (const resource of ["compute-environment/ce", "job-queue/queue", "job-definition/definition:1", `job/${id}`]) {
      const path = `/v1/tags/${encodeURIComponent(`${ARN}:${resource}`)}`;
      assert.equal((await cloud.request("POST", path, { tags: { b: "2", c: "3" } })).status, 200);
      assert.equal((await cloud.request("DELETE", path, undefined, "tagKeys=b&tagKeys=a&tagKeys=job")).status, 200);
      assert.deepEqual((await cloud.request("GET", path)).body, { tags: { c: "3" } });
    }
    const child = await cloud.request("GET", `/v1/tags/${encodeURIComponent(`${ARN}:job/${array}:0`)}`);
    assert.deepEqual([child.status, child.type], [400, "ClientException"]);
  });

  it("says what it does not have", async () => {
    await refuses("createserviceenvironment", {}, /createserviceenvironment is not supported by the local cloud/);
    assert.deepEqual((await cloud.call("listconsumableresources", {})).consumableResources, []);
  });
});
