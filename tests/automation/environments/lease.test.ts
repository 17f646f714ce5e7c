import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { acquireLease, isStale, type LeaseRecord, readLease, self } from "../../../automation/environments/lease.js";
import { writeJson } from "../../../automation/files.js";
import { startOf } from "../../../localcloud/server/processes.js";
import { freshHome } from "../support.js";

const record = (change: Partial<LeaseRecord> = {}): LeaseRecord => ({
  id: "somebody",
  owner: self(),
  purpose: "up",
  heartbeatAt: new Date(),
  ...change,
});

describe("the lease of an environment", () => {
  const home = freshHome();
  const path = () => join(home.path(), "lease.json");

  it("is refused while its owner lives, saying who that is", async () => {
    const lease = await acquireLease(path(), "Environment s1", "up");
    await assert.rejects(acquireLease(path(), "Environment s1", "down"), {
      name: "LeaseHeldError",
      message: `Environment s1 is in use: process ${process.pid} on ${hostname()} is at work (up). Wait for it, or end it.`,
    });
    await lease.release();
    assert.equal(existsSync(path()), false);
    await (await acquireLease(path(), "Environment s1", "down")).release();
  });

  it("is taken over from a process that is gone", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const pid = child.pid ?? 0;
    const owner = { pid, startedAt: startOf(pid), host: hostname() };
    await writeJson(path(), record({ owner }));
    await assert.rejects(acquireLease(path(), "Environment s1", "sweep"), /process \d+ on .* is at work/);
    child.kill("SIGKILL");
    await once(child, "exit");
    const lease = await acquireLease(path(), "Environment s1", "sweep");
    assert.equal((await readLease(path()))?.owner.pid, process.pid);
    await lease.release();
  });

  it("is taken over from a process whose number another one has by now", async () => {
    await writeJson(path(), record({ owner: { ...self(), startedAt: "1" } }));
    await (await acquireLease(path(), "Environment s1", "sweep")).release();
  });

  it("goes to one of many that want a dead one's", async () => {
    await writeJson(path(), record({ owner: { ...self(), startedAt: "1" } }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLease(path(), "s1", "sweep")));
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    assert.equal(won.length, 1);
    assert.equal((await readLease(path()))?.id, won[0]?.id);
    await won[0]?.release();
  });

  it("that its writer left half written is none", async () => {
    mkdirSync(home.path(), { recursive: true });
    writeFileSync(path(), '{"id": "x", ');
    await (await acquireLease(path(), "s1", "up")).release();
  });

  it("does not take another's away when it is released late", async () => {
    const late = await acquireLease(path(), "s1", "up");
    await writeJson(path(), record({ id: "another" }));
    await late.release();
    assert.equal((await readLease(path()))?.id, "another");
  });

  it("of another host is judged by its heartbeat, of this one by the process alone", () => {
    const now = new Date();
    const quiet = new Date(now.getTime() - 61_000);
    const elsewhere = { pid: 1, startedAt: null, host: "elsewhere" };
    assert.equal(isStale(record({ owner: elsewhere, heartbeatAt: now }), now), false);
    assert.equal(isStale(record({ owner: elsewhere, heartbeatAt: quiet }), now), true);
    assert.equal(isStale(record({ heartbeatAt: quiet }), now), false, "a live owner's lease is never broken");
    assert.equal(
      isStale(record({ heartbeatAt: now }), now, hostname(), () => false),
      true,
    );
  });
});
