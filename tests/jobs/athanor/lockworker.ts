// A process of the lock tests: takes a lock over and over, and appends a line when it has it and before it gives it back.
import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Locks } from "../../../jobs/athanor/locks/locks.js";
import { thisOwner } from "../../../jobs/athanor/locks/owner.js";
import type { LockMode } from "../../../jobs/athanor/workflow.js";

const [dataRoot, set, mode, rounds, log, times, how] = process.argv.slice(2) as [string, string, LockMode, ...string[]];
const locks = new Locks(dataRoot, JSON.parse(times as string));
// One that no process of this machine can look at is like one of another host.
const owner = {
  ...thisOwner(`run-${process.pid}`, "Test"),
  ...(how === "foreign" ? { machine: `other-${process.pid}` } : {}),
};
const descriptor = openSync(log as string, "a");
const write = (what: string) => writeSync(descriptor, `${what} ${mode} ${process.pid}\n`);

for (let round = 0; round < Number(rounds); round++) {
  const lock = await locks.acquire(set, mode, { owner, onWait: (blockers) => process.send?.({ waits: blockers }) });
  write("start");
  process.send?.({ has: round });
  // One that holds on gives the lock back when it is told to.
  if (how === "holding") await new Promise((resolve) => process.once("message", resolve));
  else await delay(1 + Math.random() * 4);
  await lock.assertHeld();
  write("end");
  await lock.release();
}
closeSync(descriptor);
process.disconnect?.();
