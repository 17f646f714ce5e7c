// Locks among processes: what each holder writes down at its beginning and end shows who was there together.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  blockersOf,
  type ClaimName,
  type ClaimText,
  decodeClaim,
  encodeClaim,
  nextName,
} from "../../../jobs/athanor/locks/claim.js";
import { Lives } from "../../../jobs/athanor/locks/lives.js";
import { LOCK_TIMES, type Lock, LockLostError, Locks } from "../../../jobs/athanor/locks/locks.js";
import { isGone, lifeOf, thisOwner } from "../../../jobs/athanor/locks/owner.js";
import type { LockMode } from "../../../jobs/athanor/workflow.js";
import { TIMES, World } from "./support.js";

const worker = fileURLToPath(new URL("./lockworker.js", import.meta.url));

describe("Athanor: locks", () => {
  let world: World;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    for (const child of children.splice(0))
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    world.remove();
  });

  const set = () => world.path("prod/coop");
  const owner = (name: string) => thisOwner(name, "Test");
  const locks = () => new Locks(world.dataRoot, TIMES);

  /** A process that takes the lock `rounds` times. @param how `foreign`: as if on another machine; `holding`: until a message comes */
  function start(mode: LockMode, rounds: number, how: "" | "foreign" | "holding" = ""): ChildProcess {
    const args = [world.dataRoot, set(), mode, String(rounds), world.path("log"), JSON.stringify(TIMES), how];
    const child = fork(worker, args);
    children.push(child);
    return child;
  }
  const ended = (child: ChildProcess) =>
    new Promise<number | null>((resolve) => {
      child.once("exit", (code) => resolve(code));
    });
  const has = (child: ChildProcess, round = 0) =>
    new Promise<void>((resolve) => {
      child.on("message", (message: { has?: number }) => message.has === round && resolve());
    });

  /** Pairs that were there together, by their modes. A process that was killed ends where the next exclusive one begins. */
  function together(killed?: number): { conflicts: string[]; shared: number; rounds: number } {
    const lines = readFileSync(world.path("log"), "utf8").trim().split("\n");
    const present = new Map<string, string>();
    const conflicts: string[] = [];
    let shared = 0;
    for (const line of lines) {
      const [what, mode, pid] = line.split(" ") as [string, string, string];
      if (what === "end") {
        present.delete(pid);
        continue;
      }
      for (const [other, otherMode] of present)
        if (other === String(killed)) present.delete(other);
        else if (mode === "EXCLUSIVE" || otherMode === "EXCLUSIVE")
          conflicts.push(`${mode} ${pid} with ${otherMode} ${other}`);
        else shared += 1;
      present.set(pid, mode);
    }
    return { conflicts, shared, rounds: lines.filter((line) => line.startsWith("start")).length };
  }

  for (const foreign of [false, true])
    it(`never lets two in of whom one is exclusive: 8 processes${foreign ? " of other machines" : ""}, one killed`, async () => {
      const modes: LockMode[] = [
        "EXCLUSIVE",
        "EXCLUSIVE",
        "SHARED",
        "EXCLUSIVE",
        "SHARED",
        "SHARED",
        "EXCLUSIVE",
        "SHARED",
      ];
      const processes = modes.map((mode) => start(mode, 12, foreign ? "foreign" : ""));
      const victim = processes[Math.floor(Math.random() * processes.length)] as ChildProcess;
      const ends = Promise.all(processes.map(ended));
      await has(victim, 2 + Math.floor(Math.random() * 8));
      victim.kill("SIGKILL");
      const codes = await ends;
      assert.deepEqual(
        codes.filter((code) => code !== 0),
        [null],
      );
      const { conflicts, shared, rounds } = together(victim.pid);
      assert.deepEqual(conflicts, []);
      assert.ok(shared > 0, "shared holders were never there together");
      assert.ok(rounds >= 7 * 12, `${rounds} rounds`);
      // Whoever comes next clears away what the killed one has left, if none of the others has.
      await (await locks().acquire(set(), "EXCLUSIVE", { owner: owner("next") })).release();
      assert.deepEqual(readdirSync(world.path(".athanor/locks")), []);
    });

  it("takes the lock of a process of another machine after its lease, of this machine at once", async () => {
    for (const [foreign, least, most] of [
      [true, TIMES.leaseMs * 0.6, TIMES.leaseMs * 4],
      [false, 0, TIMES.leaseMs * 0.9],
    ] as const) {
      const holder = start("EXCLUSIVE", 1_000_000, foreign ? "foreign" : "");
      await has(holder);
      holder.kill("SIGKILL");
      await ended(holder);
      const sinceMs = performance.now();
      const waits: ClaimText[][] = [];
      const lock = await locks().acquire(set(), "EXCLUSIVE", {
        owner: owner("next"),
        onWait: (claims) => waits.push(claims),
      });
      const waitedMs = performance.now() - sinceMs;
      assert.ok(waitedMs >= least && waitedMs <= most, `${foreign ? "foreign" : "own"}: ${waitedMs} ms`);
      if (foreign) assert.equal(waits[0]?.[0]?.owner.pid, holder.pid);
      await lock.release();
    }
    // In 60 s at the latest: silence, two looks, and the server's answers.
    assert.ok(LOCK_TIMES.leaseMs + 4 * LOCK_TIMES.pollMs + LOCK_TIMES.heartbeatMs < 60_000);
  });

  it("never breaks the lock of a live process whose main thread is busy for longer than its lease", async () => {
    const lock = await locks().acquire(set(), "EXCLUSIVE", { owner: { ...owner("busy"), machine: "another" } });
    const other = start("EXCLUSIVE", 1);
    await new Promise<void>((resolve) => {
      other.on("message", (message: { waits?: unknown }) => message.waits && resolve());
    });
    const untilMs = performance.now() + TIMES.leaseMs * 2;
    while (performance.now() < untilMs) Math.sqrt(untilMs);
    await lock.assertHeld();
    assert.equal(existsSync(world.path("log")), true);
    assert.equal(readFileSync(world.path("log"), "utf8"), "");
    await lock.release();
    assert.equal(await ended(other), 0);
  });

  it("never breaks the lock of a process of this machine that is stopped for longer than its lease", async () => {
    const holder = start("EXCLUSIVE", 1, "holding");
    await has(holder);
    holder.kill("SIGSTOP");
    const sinceMs = performance.now();
    let toldOf: ClaimText[] = [];
    const next = locks().acquire(set(), "EXCLUSIVE", { owner: owner("next"), onWait: (claims) => (toldOf = claims) });
    // `unlock` knows at once; whoever waits looks on for several leases.
    const { removed, live } = await locks().unlock(set(), false);
    assert.deepEqual(removed, []);
    assert.equal(live[0]?.owner.pid, holder.pid);
    const first = await Promise.race([next, delay(TIMES.leaseMs * 3, "still waits")]);
    assert.equal(first, "still waits", `taken after ${performance.now() - sinceMs} ms`);
    assert.equal(toldOf[0]?.owner.pid, holder.pid);
    holder.kill("SIGCONT");
    const end = ended(holder);
    holder.send("give it back");
    await (await next).release();
    assert.equal(await end, 0, "the holder, which asserts that it holds the lock");
    assert.deepEqual(together().conflicts, []);
  });

  it("first come, first served: readers that come after a writer wait behind it", async () => {
    const order: string[] = [];
    const take = async (name: string, mode: LockMode): Promise<Lock> => {
      const lock = await locks().acquire(set(), mode, {
        owner: owner(name),
        onWait: () => order.push(`${name} waits`),
      });
      order.push(`${name} has it`);
      return lock;
    };
    const until = async (what: string) => {
      while (!order.includes(what)) await new Promise((resolve) => setImmediate(resolve));
    };
    const first = await take("reader 1", "SHARED");
    const second = await take("reader 2", "SHARED");
    const writing = take("writer", "EXCLUSIVE");
    await until("writer waits");
    const reading = take("reader 3", "SHARED");
    await until("reader 3 waits");
    await first.release();
    await second.release();
    const writer = await writing;
    assert.ok(!order.includes("reader 3 has it"));
    await writer.release();
    await (await reading).release();
    assert.deepEqual(
      order.filter((line) => line.endsWith("has it")),
      ["reader 1", "reader 2", "writer", "reader 3"].map((name) => `${name} has it`),
    );
  });

  it("tells the holder when its lock was taken away, and gives up waiting when asked to", async () => {
    const lock = await locks().acquire(set(), "EXCLUSIVE", { owner: owner("loser") });
    const stop = new AbortController();
    const waiting = locks().acquire(set(), "SHARED", {
      owner: owner("impatient"),
      signal: stop.signal,
      onWait: () => stop.abort(new Error("enough")),
    });
    await assert.rejects(waiting, /enough/);
    assert.equal((await locks().list()).length, 1);
    const lost = new Promise((resolve) => lock.signal.addEventListener("abort", resolve));
    const { removed } = await locks().unlock(set(), true);
    assert.equal(removed[0]?.owner.run, "loser");
    await lost;
    assert.ok(lock.signal.reason instanceof LockLostError);
    await assert.rejects(lock.assertHeld(), /The EXCLUSIVE lock on prod\/coop was lost: it was taken away/);
    await lock.release();
  });

  it("refuses what is not below the data root", async () => {
    await assert.rejects(locks().acquire("/etc", "SHARED", { owner: owner("x") }), /not below the data root/);
  });
});

describe("Athanor: rules of locks", () => {
  const claim = (number: number, mode: LockMode, id = `${number}`): ClaimName => ({ number, mode, id });

  it("an exclusive claim waits for all before it, a shared one for the exclusive ones", () => {
    const queue = [
      claim(1, "SHARED"),
      claim(2, "EXCLUSIVE"),
      claim(3, "SHARED"),
      claim(4, "SHARED"),
      claim(5, "EXCLUSIVE"),
    ];
    const waits = queue.map((mine) => blockersOf(mine, queue).map(({ number }) => number));
    assert.deepEqual(waits, [[], [1], [2], [2], [1, 2, 3, 4]]);
    assert.deepEqual(
      blockersOf(claim(1, "EXCLUSIVE", "b"), [claim(1, "EXCLUSIVE", "a"), claim(1, "EXCLUSIVE", "c")]).map(
        ({ id }) => id,
      ),
      ["a"],
    );
    assert.equal(nextName(queue, "SHARED").number, 6);
  });

  it("only silence that was watched counts: neither clocks nor a time when nobody could look", () => {
    const lives = new Lives(1000, 100);
    const text = (beat: number) => ({ file: "a", text: `beat ${beat}`, claim: undefined });
    assert.deepEqual(lives.stale([text(1)], 0), []);
    assert.deepEqual(lives.stale([text(1)], 50_000), [], "the observer itself stood still");
    for (let now = 50_100; now < 50_900; now += 100) assert.deepEqual(lives.stale([text(1)], now), []);
    assert.deepEqual(lives.stale([text(2)], 50_900), [], "a sign of life");
    let now = 51_000;
    while (lives.stale([text(2)], now).length === 0) now += 100;
    assert.equal(now, 51_900);
  });

  it("a process is gone when its id is another's now, and alive only where that is known", () => {
    const me = thisOwner("r", "s");
    assert.equal(isGone(me), false);
    assert.equal(isGone({ ...me, processStart: "1" }), true);
    assert.equal(isGone({ ...me, pid: 2 ** 22 - 1 }), true);
    assert.equal(isGone({ ...me, pid: 2 ** 22 - 1, machine: "another" }), false);
    const lives = [me, { ...me, processStart: "1" }, { ...me, machine: "another" }, { ...me, processStart: "" }];
    assert.deepEqual(lives.map(lifeOf), ["alive", "gone", "unknown", "unknown"]);
  });

  it("a claim's text keeps its length, whatever it says", () => {
    const text: ClaimText = {
      path: "prod/ä",
      mode: "SHARED",
      owner: thisOwner("r", "s"),
      state: "waiting",
      since: new Date(0).toISOString(),
      leaseMs: 1,
    };
    assert.deepEqual(decodeClaim(encodeClaim(text, 12)), text);
    assert.equal(
      Buffer.byteLength(encodeClaim(text, 1)),
      Buffer.byteLength(encodeClaim({ ...text, state: "held" }, 123456)),
    );
    assert.equal(decodeClaim(encodeClaim(text, 1).slice(0, 40)), undefined);
  });
});
