import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import {
  backgroundEnded,
  backgroundStatus,
  findBackgroundCloud,
  joinBackgroundCloud,
  stopBackgroundCloud,
} from "../../../localcloud/server/background.js";
import { nextLook, retryDelayMs } from "../../../localcloud/server/owner.js";
import { besideServer } from "../../../localcloud/server/paths.js";
import { isAlive, startOf } from "../../../localcloud/server/processes.js";
import { allGone, processTree } from "./process-tree.js";

describe("the background cloud", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "crucible-home-"));
  });
  afterEach(async () => {
    await stopBackgroundCloud({ home, force: true });
    rmSync(home, { recursive: true, force: true });
  });

  /** Writes the journal of an environment, as the driver does before it joins. */
  function journal(name: string, expiresInMs: number | null, cloud = "background"): void {
    const folder = join(home, "environments", name);
    mkdirSync(folder, { recursive: true });
    const expiresAt = expiresInMs === null ? null : new Date(Date.now() + expiresInMs).toISOString();
    const owner = { pid: process.pid, startedAt: startOf(process.pid), host: "here" };
    const fields = { name, account: "111122223333", units: ["sanders"], environment: "dev", target: "local", owner };
    const created = { status: "up", cloud, createdAt: new Date().toISOString(), expiresAt };
    writeFileSync(join(folder, "journal.json"), JSON.stringify({ ...fields, ...created }));
  }

  /** A stand-in for `crucible down`: notes that it was called, and removes the environment unless it is to fail. */
  function down(behaviour: "succeed" | "fail"): { command: string[]; calls(): string[] } {
    const log = join(home, "down.log");
    const environments = JSON.stringify(join(home, "environments"));
    const source = `const { appendFileSync, rmSync } = await import("node:fs");
      const name = process.argv[1];
      appendFileSync(${JSON.stringify(log)}, name + "\\n");
      if (${behaviour === "fail"}) process.exit(3);
      rmSync(${environments} + "/" + name, { recursive: true });`;
    return {
      command: [process.execPath, "--input-type=module", "-e", source],
      calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
    };
  }

  const cloudLog = () => readFileSync(join(home, "cloud", "data", "cloud.log"), "utf8");

  it("is one for all who start it at once, and its address is for its owner's eyes only", async () => {
    journal("s1", null);
    const clouds = await Promise.all([1, 2, 3].map(() => joinBackgroundCloud({ home })));
    assert.equal(new Set(clouds.map((cloud) => cloud.pid)).size, 1);
    assert.equal(clouds.filter((cloud) => cloud.started).length, 1);
    assert.equal(statSync(join(home, "cloud", "cloud.json")).mode & 0o777, 0o600);
    const status = backgroundStatus(home);
    assert.equal(status.cloud?.endpoint, clouds[0]?.endpoint);
    assert.deepEqual(status.environments, [{ name: "s1", status: "up", expiresAt: null }]);
    assert.equal(findBackgroundCloud(home)?.pid, clouds[0]?.pid);
  });

  it("is one for processes that start it at once", async () => {
    journal("s1", null);
    const background = JSON.stringify(`file://${besideServer("background.js")}`);
    const source = `const { joinBackgroundCloud } = await import(${background});
      console.log((await joinBackgroundCloud({ home: ${JSON.stringify(home)} })).pid);`;
    const run = promisify(execFile);
    const starts = [1, 2, 3].map(() => run(process.execPath, ["--input-type=module", "-e", source]));
    const pids = (await Promise.all(starts)).map((done) => done.stdout.trim());
    assert.deepEqual(new Set(pids), new Set([String(findBackgroundCloud(home)?.pid)]));
  });

  it("does not stop while environments live in it, unless forced", async () => {
    journal("s1", null);
    const cloud = await joinBackgroundCloud({ home });
    const tree = processTree(cloud.pid);
    await assert.rejects(stopBackgroundCloud({ home }), /holds s1\. Destroy them first/);
    assert.equal(backgroundStatus(home).running, true);
    assert.equal(await stopBackgroundCloud({ home, force: true }), true);
    await allGone(tree, 500);
    assert.equal(backgroundStatus(home).running, false);
    assert.equal(await stopBackgroundCloud({ home }), false);
  });

  it("destroys an environment when its time is over, and ends with the last one", async () => {
    const fake = down("succeed");
    journal("short", 300);
    journal("private", 0, "private");
    const cloud = await joinBackgroundCloud({ home, down: fake.command });
    const tree = processTree(cloud.pid);
    await backgroundEnded(home);
    await allGone(tree, 500);
    assert.deepEqual(fake.calls(), ["short"], "private clouds' environments are not its own");
    assert.match(cloudLog(), /environment short: destroyed[\s\S]*ending: no environment is left/);
    assert.equal(existsSync(join(home, "cloud", "cloud.json")), false);
    assert.equal(existsSync(join(home, "cloud", "lock")), false);
  });

  it("hears of environments that come, that are prolonged and that go, without being asked", async () => {
    const fake = down("succeed");
    const firstEndsAt = Date.now() + 3000;
    journal("first", 3000);
    const cloud = await joinBackgroundCloud({ home, down: fake.command });
    journal("first", null);
    journal("second", 100);
    const tree = processTree(cloud.pid);
    await until(() => fake.calls().includes("second"));
    await new Promise((resolve) => setTimeout(resolve, firstEndsAt + 200 - Date.now()));
    assert.deepEqual(fake.calls(), ["second"], "the first one was prolonged");
    assert.ok(isAlive({ pid: cloud.pid, startedAt: null }));
    rmSync(join(home, "environments", "first"), { recursive: true });
    await allGone(tree);
  });

  it("tries again later when destroying fails, and stays for the environment", async () => {
    const fake = down("fail");
    journal("stuck", 0);
    const cloud = await joinBackgroundCloud({ home, down: fake.command });
    await until(() => /down ended with exit code 3; again in 30 s/.test(cloudLog()));
    assert.deepEqual(fake.calls(), ["stuck"]);
    assert.ok(isAlive({ pid: cloud.pid, startedAt: null }));
  });

  it("is started anew after one that was killed", async () => {
    journal("s1", null);
    const killed = await joinBackgroundCloud({ home });
    const tree = processTree(killed.pid);
    process.kill(killed.pid, "SIGKILL");
    await allGone(tree);
    assert.equal(backgroundStatus(home).running, false);
    const next = await joinBackgroundCloud({ home });
    assert.equal(next.started, true);
    assert.notEqual(next.pid, killed.pid);
  });

  it("takes over a lock whose owner is gone", async () => {
    journal("s1", null);
    mkdirSync(join(home, "cloud"));
    const gone = { pid: process.pid, startedAt: "1", host: (await import("node:os")).hostname() };
    writeFileSync(join(home, "cloud", "lock"), JSON.stringify(gone));
    assert.equal((await joinBackgroundCloud({ home })).started, true);
  });

  it("stays without environments when it was asked to, until it is stopped", async () => {
    const cloud = await joinBackgroundCloud({ home, keep: true });
    journal("s1", null);
    await new Promise((resolve) => setTimeout(resolve, 200));
    rmSync(join(home, "environments", "s1"), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(isAlive({ pid: cloud.pid, startedAt: null }));
    assert.equal(await stopBackgroundCloud({ home }), true);
  });
});

describe("when the background cloud acts", () => {
  it("looks next at the first expiry, but not before a failed attempt may be repeated", () => {
    const environment = (name: string, at: number | null) => ({
      name,
      status: "up" as const,
      expiresAt: at === null ? null : new Date(at),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(fc.nat(1e6)), fc.nat(1e6))), (cases) => {
        const environments = cases.map(([at], index) => environment(String(index), at));
        const next = nextLook(environments, (name) => cases[Number(name)]?.[1] ?? 0);
        const due = cases.flatMap(([at, notBefore]) => (at === null ? [] : [Math.max(at, notBefore)]));
        assert.equal(next, due.length === 0 ? Number.POSITIVE_INFINITY : due.sort((a, b) => a - b)[0]);
      }),
    );
  });

  it("waits longer after every failure, up to ten minutes", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((failures) => retryDelayMs(failures) / 1000);
    assert.deepEqual(delays, [30, 60, 120, 240, 480, 600, 600]);
  });
});

async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
