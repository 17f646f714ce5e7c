// Heartbeats of the claims of this process, from a thread of their own: a step that keeps the main thread busy is alive all the same.
import type { Worker } from "node:worker_threads";
import { type ClaimText, encodeClaim } from "./claim.js";

interface Beating {
  file: string;
  /** The text without its beat, as `encodeClaim` lays it out. */
  text: string;
  heartbeatMs: number;
  leaseMs: number;
}

type Order = { id: string; beating?: Beating };

let worker: Promise<Worker> | undefined;
let stopping = 0;
const losses = new Map<string, (reason: string) => void>();

/** Keeps a claim's file beating until it is stopped. */
export interface Heartbeat {
  /** Changes what the claim says. */
  say(claim: ClaimText): void;
  /** After this the file is not written any more. */
  stop(): Promise<void>;
}

/**
 * Begins the heartbeat of an existing file. The file is never made anew: once others have removed it, it is lost.
 * @param onLost called once when the file is gone, or could not be written for a whole lease
 */
export async function beat(
  file: string,
  claim: ClaimText,
  heartbeatMs: number,
  onLost: (reason: string) => void,
): Promise<Heartbeat> {
  worker ??= start();
  const thread = await worker;
  const order = (content?: ClaimText) => {
    const beating = content && { file, text: encodeClaim(content, 0), heartbeatMs, leaseMs: content.leaseMs };
    thread.postMessage({ id: file, beating } satisfies Order);
  };
  losses.set(file, onLost);
  order(claim);
  return {
    say: order,
    stop: async () => {
      losses.delete(file);
      // A process that only waits for this answer must not end before it.
      stopping += 1;
      thread.ref();
      const stopped = new Promise<void>((resolve) => {
        const listener = (message: { stopped?: string }) => {
          if (message.stopped !== file) return;
          thread.off("message", listener);
          resolve();
        };
        thread.on("message", listener);
      });
      order();
      await stopped;
      stopping -= 1;
      if (stopping === 0) thread.unref();
    },
  };
}

async function start(): Promise<Worker> {
  const { Worker: Thread } = await import("node:worker_threads");
  // The function's own text, so that it needs no file of its own inside a bundle.
  const thread = new Thread(`(${heart.toString()})()`, { eval: true });
  thread.unref();
  thread.on("message", (message: { lost?: string; reason?: string }) => {
    if (message.lost === undefined) return;
    losses.get(message.lost)?.(message.reason ?? "");
    losses.delete(message.lost);
  });
  return thread;
}

/** Runs in the thread; uses nothing from outside itself. */
function heart(): void {
  const { openSync, writeSync, ftruncateSync, closeSync } = process.getBuiltinModule("node:fs");
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  const hearts = new Map<string, { beating: Beating; timer: NodeJS.Timeout; beats: number; writtenMs: number }>();
  const write = (id: string) => {
    const own = hearts.get(id);
    if (!own) return;
    const { file, text, leaseMs } = own.beating;
    own.beats += 1;
    const head = String(own.beats);
    const lineEnd = text.indexOf("\n");
    // The beat takes the place of padding, so that the length stays.
    const body = `${head}${text.slice(lineEnd, text.length - (head.length - lineEnd) - 1)}\n`;
    let reason: string | undefined;
    try {
      const descriptor = openSync(file, "r+");
      try {
        ftruncateSync(descriptor, writeSync(descriptor, body, 0));
      } finally {
        closeSync(descriptor);
      }
      own.writtenMs = performance.now();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") reason = "it was taken away";
      else if (performance.now() - own.writtenMs > leaseMs) reason = `its heartbeat cannot be written: ${message}`;
    }
    if (reason === undefined) return;
    clearInterval(own.timer);
    hearts.delete(id);
    parentPort?.postMessage({ lost: id, reason });
  };
  parentPort?.on("message", ({ id, beating }: Order) => {
    const known = hearts.get(id);
    if (!beating) {
      if (known) clearInterval(known.timer);
      hearts.delete(id);
      parentPort?.postMessage({ stopped: id });
      return;
    }
    if (known) known.beating = beating;
    else {
      const timer = setInterval(write, beating.heartbeatMs, id);
      hearts.set(id, { beating, timer, beats: 0, writtenMs: performance.now() });
    }
    write(id);
  });
}
