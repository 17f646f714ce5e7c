// Expressions that may take long, in threads that can be ended: a few, started when the first is wanted, gone when none is for a while.
import { Worker } from "node:worker_threads";
import { type Given, LIMITS } from "./expression.js";
import type { FromThread, ToThread } from "./expressionThread.js";

const THREADS = 2;
/** A thread without work ends after so long. */
const IDLE_MS = 30_000;
const MEMORY_MIB = 512;
/** The library looks at the time itself; what is still at it so much later is inside one step. */
const GRACE_MS = 250;
/** More than four times what any field may hold. */
const MAXIMUM_BYTES = 1_048_576;

interface Job {
  source: string;
  given: Given;
  resolve(answer: FromThread): void;
}

const waiting: Job[] = [];
const idle: Thread[] = [];
let threads = 0;

/** Evaluates an expression in a thread of its own. It is answered at the latest when the time limit is over, once its turn has come. */
export function evaluateInThread(source: string, given: Given): Promise<FromThread> {
  return new Promise((resolve) => {
    waiting.push({ source, given, resolve });
    dispatch();
  });
}

function dispatch(): void {
  while (waiting.length > 0) {
    const thread = idle.pop() ?? (threads < THREADS ? new Thread() : undefined);
    if (!thread) return;
    thread.take(waiting.shift() as Job);
  }
}

class Thread {
  private readonly worker = new Worker(new URL("expressionThread.js", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  private job: Job | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor() {
    threads += 1;
    this.worker.on("online", () => this.limit());
    this.worker.on("message", (answer: FromThread) => this.finish(answer));
    this.worker.on("error", (error: Error & { code?: string }) =>
      this.end({
        kind: "failed",
        message: error.message,
        ...(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? { code: "D2015" } : {}),
      }),
    );
    this.worker.on("exit", () => this.end(TIMED_OUT));
  }

  take(job: Job): void {
    const { source, given } = job;
    clearTimeout(this.timer);
    this.job = job;
    this.worker.ref();
    this.worker.postMessage({ source, given, maximumBytes: MAXIMUM_BYTES } satisfies ToThread);
    if (this.worker.threadId > 0) this.limit();
  }

  /** The time of a job counts from when the thread can work at it. */
  private limit(): void {
    clearTimeout(this.timer);
    if (this.job) this.timer = setTimeout(() => this.end(TIMED_OUT), LIMITS.timeout + GRACE_MS);
  }

  private finish(answer: FromThread): void {
    if (this.isOver) return;
    clearTimeout(this.timer);
    const job = this.job;
    this.job = undefined;
    idle.push(this);
    // A thread that waits keeps no process alive.
    this.worker.unref();
    this.timer = setTimeout(() => this.end(TIMED_OUT), IDLE_MS).unref();
    job?.resolve(answer);
    dispatch();
  }

  private end(answer: FromThread): void {
    if (this.isOver) return;
    this.isOver = true;
    threads -= 1;
    clearTimeout(this.timer);
    if (idle.includes(this)) idle.splice(idle.indexOf(this), 1);
    void this.worker.terminate();
    this.job?.resolve(answer);
    dispatch();
  }
}

const TIMED_OUT: FromThread = {
  kind: "failed",
  code: "D1012",
  message: "The evaluation took too long",
};
