import assert from "node:assert/strict";
import fc from "fast-check";
import { isEnded, type Job, type JobStatus } from "../../../../localcloud/compute/batch/model.js";
import { apply, type Change, newJobTable, submit } from "../../../../localcloud/compute/batch/scheduler/lifecycle.js";

const plainJob = (id: string, waitsFor: string[], attempts: number): Job => ({
  account: "111122223333",
  region: "eu-central-1",
  id,
  arn: `arn:${id}`,
  name: id,
  queue: "queue",
  definition: "definition:1",
  definitionName: "definition",
  sequence: 0,
  status: "SUBMITTED",
  createdAt: 0,
  dependsOn: [],
  waitsFor,
  platform: "FARGATE",
  vcpus: 1,
  memoryMiB: 512,
  retryStrategy: { attempts, evaluateOnExit: [] },
  parameters: {},
  container: {},
  attempts: [],
  platformCapabilities: [],
  propagateTags: false,
  tags: {},
});

/** Which status may follow which: "Job states", AWS Batch User Guide. */
const FOLLOWS: Record<JobStatus, JobStatus[]> = {
  SUBMITTED: ["PENDING", "RUNNABLE", "FAILED"],
  PENDING: ["RUNNABLE", "FAILED", "SUCCEEDED"],
  RUNNABLE: ["STARTING", "FAILED"],
  STARTING: ["RUNNING", "RUNNABLE", "FAILED", "SUCCEEDED"],
  RUNNING: ["SUCCEEDED", "FAILED", "RUNNABLE"],
  SUCCEEDED: [],
  FAILED: [],
};

describe("the core of Batch", () => {
  it("brings any graph of jobs and arrays to an end, whatever exits and whoever is cancelled", () => {
    const shape = fc.array(
      fc.record({
        attempts: fc.integer({ min: 1, max: 3 }),
        size: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined }),
        sequential: fc.boolean(),
        needs: fc.array(fc.nat(), { maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat({ max: 999 })), (plans, stream) => {
        const next = () => stream.next().value as number;
        const table = newJobTable();
        const runnable: string[] = [];
        const active = new Set<string>();
        const last = new Map<string, JobStatus>();
        const observe = (changes: readonly Change[]) => {
          for (const change of changes) {
            if (change.kind === "stop") {
              assert.ok(active.has(change.jobId), "only what runs is stopped");
              continue;
            }
            const { job } = change;
            const before = last.get(job.id) ?? "SUBMITTED";
            assert.ok(FOLLOWS[before].includes(job.status), `${before} to ${job.status}`);
            last.set(job.id, job.status);
            if (job.status === "RUNNABLE") runnable.push(job.id);
          }
        };
        for (const [index, plan] of plans.entries()) {
          const id = `j${index}`;
          const waitsFor = index === 0 ? [] : [...new Set(plan.needs.map((need) => `j${need % index}`))];
          const job = plainJob(id, waitsFor, plan.attempts);
          const { size } = plan;
          const jobs: Job[] =
            size === undefined
              ? [job]
              : [
                  { ...job, array: { size, remaining: size, failed: 0 } },
                  ...Array.from({ length: size }, (_, child) => ({
                    ...job,
                    id: `${id}:${child}`,
                    waitsFor: [...waitsFor, ...(plan.sequential && child > 0 ? [`${id}:${child - 1}`] : [])],
                    child: { parent: id, index: child, size },
                  })),
                ];
          observe(submit(table, jobs, 0));
        }
        for (let step = 1; runnable.length + active.size > 0; step += 1) {
          assert.ok(step < 2000, "it does not come to an end");
          const choice = next();
          const start = runnable[choice % Math.max(runnable.length, 1)];
          if (choice % 3 === 0 && start !== undefined) {
            runnable.splice(runnable.indexOf(start), 1);
            const task = { id: String(step), arn: `task/${step}` };
            const changes = apply(table, { kind: "placed", jobId: start, computeEnvironment: "ce", task }, step);
            if (changes.length > 0) active.add(start);
            observe(changes);
          } else if (choice % 13 === 0) {
            const jobId = `j${next() % plans.length}`;
            const kind = next() % 2 === 0 ? "cancel" : "terminate";
            observe(apply(table, { kind, jobId, reason: "test" }, step));
          } else {
            const [jobId] = active;
            if (jobId === undefined) continue;
            if (next() % 5 > 0) observe(apply(table, { kind: "started", jobId }, step));
            active.delete(jobId);
            const exit = { exitCode: next() % 2, statusReason: "Essential container in task exited" };
            observe(apply(table, { kind: "exited", jobId, exit }, step));
          }
        }
        for (const job of table.jobs.values()) {
          assert.ok(isEnded(job.status), `${job.id} is ${job.status}`);
          assert.ok(job.attempts.length <= job.retryStrategy.attempts);
          const needed = job.waitsFor.map((id) => table.jobs.get(id)?.status);
          if (job.status === "SUCCEEDED") assert.ok(needed.every((status) => status === "SUCCEEDED"));
          if (!job.array) continue;
          const children = Array.from({ length: job.array.size }, (_, n) => table.jobs.get(`${job.id}:${n}`)?.status);
          assert.equal(job.status, children.includes("FAILED") ? "FAILED" : "SUCCEEDED");
        }
      }),
      { numRuns: 400 },
    );
  });

  it("takes an event that comes too late for nothing", () => {
    const table = newJobTable();
    submit(table, [plainJob("a", [], 3)], 0);
    apply(table, { kind: "placed", jobId: "a", computeEnvironment: "ce", task: { id: "t", arn: "t" } }, 1);
    apply(table, { kind: "exited", jobId: "a", exit: { exitCode: 0, statusReason: "done" } }, 2);
    const ended = table.jobs.get("a");
    for (const event of [
      { kind: "started", jobId: "a" },
      { kind: "timedOut", jobId: "a" },
      { kind: "exited", jobId: "a", exit: { exitCode: 1, statusReason: "again" } },
      { kind: "terminate", jobId: "a", reason: "late" },
      { kind: "cancel", jobId: "unknown", reason: "late" },
    ] as const)
      assert.deepEqual(apply(table, event, 3), []);
    assert.equal(table.jobs.get("a"), ended);
  });
});
