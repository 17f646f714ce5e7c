import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mapConcurrent } from "../../../jobs/lib/concurrency.js";
import { databaseMemoryMiB } from "../../../jobs/lib/duckdb.js";
import { InputError, UsageError } from "../../../jobs/lib/errors.js";
import { containerLimits } from "../../../jobs/lib/limits.js";
import { createLogger } from "../../../jobs/lib/log.js";
import { runProgram } from "../../../jobs/lib/program.js";
import { type JobResult, runToExit } from "../../../jobs/lib/runner.js";

function harness() {
  const lines: Record<string, unknown>[] = [];
  const keep = (line: string) => lines.push(JSON.parse(line));
  const log = createLogger({ job: "test", out: keep, err: keep, now: () => new Date("2026-02-07T00:00:00Z") });
  const host = new EventEmitter();
  const run = (work: (signal: AbortSignal) => Promise<JobResult>) =>
    runToExit({ log, work, process: host as unknown as NodeJS.Process });
  return { lines, host, run };
}

describe("a run of a job", () => {
  it("ends with a line of metrics", async () => {
    const { lines, run } = harness();
    const code = await run(async () => ({ rowsIn: 5, rowsOut: 2, written: ["s3://b/k"], figures: { refused: 3n } }));
    assert.equal(code, 0);
    const { seconds, peakMemoryMiB, ...metrics } = lines.at(-1) ?? {};
    assert.deepEqual(metrics, {
      time: "2026-02-07T00:00:00.000Z",
      level: "info",
      job: "test",
      message: "metrics",
      rowsIn: 5,
      rowsOut: 2,
      objects: 1,
      written: ["s3://b/k"],
      refused: 3,
    });
    assert.ok(typeof seconds === "number" && typeof peakMemoryMiB === "number");
  });

  it("says by its exit code whether another try may help", async () => {
    const codes = [new InputError("no rows"), new UsageError("no such job"), new TypeError("a defect")].map(
      async (error) => {
        const { lines, run } = harness();
        const code = await run(() => Promise.reject(error));
        const { message, stack } = lines.at(-1) ?? {};
        return [code, message, typeof stack];
      },
    );
    assert.deepEqual(await Promise.all(codes), [
      [1, "no rows", "undefined"],
      [2, "no such job", "undefined"],
      [1, "a defect", "string"],
    ]);
  });

  it("stops on SIGTERM: the work ends, and the exit code says by what", async () => {
    const { lines, host, run } = harness();
    const code = run(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new Error("interrupted")));
          host.emit("SIGTERM");
        }),
    );
    assert.equal(await code, 143);
    assert.equal(lines.at(-1)?.message, "Stopped by SIGTERM");
    assert.equal(host.listenerCount("SIGTERM"), 0);
  });

  it("is not called done when it was stopped at its very end", async () => {
    const { host, run } = harness();
    const code = await run(async () => {
      host.emit("SIGINT");
      return { rowsIn: 0, rowsOut: 0, written: [] };
    });
    assert.equal(code, 130);
  });
});

describe("a program that a job runs", () => {
  const node = (script: string, more: Partial<Parameters<typeof runProgram>[0]> = {}) =>
    runProgram({ command: process.execPath, args: ["-e", script], onLine: () => undefined, ...more });

  it("hands over its lines and fails with the end of its standard error", async () => {
    const lines: string[] = [];
    await node("console.log('one\\ntwo')", { onLine: (line) => lines.push(line) });
    assert.deepEqual(lines, ["one", "two"]);
    await assert.rejects(node("console.error('the reason'); process.exit(3)"), /ended with exit code 3: the reason/);
    await assert.rejects(
      runProgram({ command: "no-such-program", args: [], onLine: () => undefined }),
      /could not be run: .*ENOENT/,
    );
  });

  it("ends with the job", async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const ended = node("console.log(process.pid); setInterval(() => {}, 1000)", {
      signal: stop.signal,
      onLine: (line) => {
        lines.push(line);
        stop.abort(new Error("stopped"));
      },
    });
    await assert.rejects(ended, /stopped/);
    assert.throws(() => process.kill(Number(lines[0]), 0), { code: "ESRCH" });
  });
});

describe("what a container may use", () => {
  const machine = (files: Record<string, string>) => ({
    memoryMiB: 16384,
    cpus: 8,
    read: (path: string) => files[path],
  });

  it("is what the job definition said", () => {
    assert.deepEqual(containerLimits({ memoryMiB: 2048, vcpus: 0.5 }, machine({})), { memoryMiB: 2048, threads: 1 });
    assert.deepEqual(containerLimits({ memoryMiB: 2048, ompThreads: 4 }, machine({})), { memoryMiB: 2048, threads: 4 });
  });

  it("is the control group's otherwise, of either version", () => {
    const version2 = { "/sys/fs/cgroup/memory.max": "2147483648", "/sys/fs/cgroup/cpu.max": "150000 100000" };
    assert.deepEqual(containerLimits({}, machine(version2)), { memoryMiB: 2048, threads: 2 });
    const version1 = {
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "1073741824",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    };
    assert.deepEqual(containerLimits({}, machine(version1)), { memoryMiB: 1024, threads: 8 });
  });

  it("is the least of them where they differ: a submission may have asked for less", () => {
    const files = { "/sys/fs/cgroup/memory.max": "1073741824" };
    assert.deepEqual(containerLimits({ memoryMiB: 2048, vcpus: 4, ompThreads: 2 }, machine(files)), {
      memoryMiB: 1024,
      threads: 2,
    });
  });

  it("is the machine's where nothing limits it, and never more", () => {
    const unlimited = { "/sys/fs/cgroup/memory.max": "max", "/sys/fs/cgroup/cpu.max": "max 100000" };
    assert.deepEqual(containerLimits({}, machine(unlimited)), { memoryMiB: 16384, threads: 8 });
    assert.deepEqual(containerLimits({ memoryMiB: 99999, vcpus: 64 }, machine({})), { memoryMiB: 16384, threads: 8 });
  });

  it("leaves room beside the database", () => {
    assert.deepEqual([512, 2048, 16384].map(databaseMemoryMiB), [256, 1228, 9830]);
  });
});

describe("many things at once", () => {
  it("keeps to the limit and to the order", async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrent([5, 1, 4, 2, 3], 2, async (value) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return value * 10;
    });
    assert.deepEqual([results, most], [[50, 10, 40, 20, 30], 2]);
  });

  it("begins nothing new after a failure", async () => {
    const begun: number[] = [];
    await assert.rejects(
      mapConcurrent([1, 2, 3, 4], 1, async (value) => {
        begun.push(value);
        if (value === 2) throw new Error("two");
      }),
      /two/,
    );
    assert.deepEqual(begun, [1, 2]);
  });
});
