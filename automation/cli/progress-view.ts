// Progress on standard error: one line that is rewritten on a terminal, a line now and then elsewhere.
import { formatDuration } from "../environments/duration.js";
import type { OnProgress, Progress } from "../progress.js";
import { shortType } from "../worker/events.js";

const REWRITE_MS = 100;
/** Without a terminal nobody waits longer than this for a sign of life. */
const SIGN_OF_LIFE_MS = 2_000;

interface Task {
  step: string;
  since: number;
  done: number;
  /** What the engine is at. */
  current: Set<string>;
  lastTold: number;
}

export interface ProgressOptions {
  /** Lines of workflow states are kept on the screen. */
  states?: boolean;
  write?: (text: string) => void;
  isTerminal?: boolean;
  columns?: number;
  now?: () => number;
}

export class ProgressView {
  readonly #tasks = new Map<string, Task>();
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #now: () => number;
  readonly #options: ProgressOptions;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(options: ProgressOptions = {}) {
    this.#options = options;
    this.#write = options.write ?? ((text) => void process.stderr.write(text));
    this.#isTerminal = options.isTerminal ?? (process.stderr.isTTY === true && process.env.TERM !== "dumb");
    this.#now = options.now ?? Date.now;
  }

  /** What a task reports to. @param name stands before its lines; empty for the only one */
  task(name: string): OnProgress {
    const task: Task = { step: "waiting", since: this.#now(), done: 0, current: new Set(), lastTold: this.#now() };
    this.#tasks.set(name, task);
    this.#start();
    return (progress) => this.#take(name, task, progress);
  }

  /** A line that stays, above the progress. */
  line(text: string): void {
    this.#clear();
    this.#write(`${text}\n`);
  }

  /** A task has ended. */
  end(name: string): void {
    this.#tasks.delete(name);
    if (this.#tasks.size === 0) this.stop();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }

  #start(): void {
    this.#timer ??= setInterval(() => this.refresh(), this.#isTerminal ? REWRITE_MS : SIGN_OF_LIFE_MS / 4);
    this.#timer.unref();
  }

  #take(name: string, task: Task, progress: Progress): void {
    switch (progress.kind) {
      case "step":
        Object.assign(task, { step: progress.message, since: this.#now(), done: 0 });
        task.current.clear();
        break;
      case "resource": {
        const what = shortType(progress.type);
        if (progress.phase === "begin") task.current.add(progress.urn);
        else task.current.delete(progress.urn);
        if (progress.phase === "done" && progress.op !== "same") task.done += 1;
        if (progress.phase === "failed") this.line(label(name, `${what} failed (${progress.op})`));
        break;
      }
      case "diagnostic":
        if (progress.severity === "warning") this.line(label(name, `warning: ${progress.message}`));
        break;
      case "state": {
        const { state } = progress;
        task.step = `${progress.workflow}: ${state.name}`;
        task.since = this.#now();
        if (this.#options.states) this.line(label(name, describeState(state)));
        break;
      }
    }
  }

  /** Shows what is going on now. */
  refresh(): void {
    if (this.#isTerminal) {
      const all = [...this.#tasks].map(([name, task]) => label(name, this.#describe(task))).join("  ·  ");
      const columns = (this.#options.columns ?? process.stderr.columns ?? 80) - 1;
      this.#write(`\r\x1b[2K${all.length > columns ? `${all.slice(0, columns - 1)}…` : all}`);
      this.#shown = true;
      return;
    }
    for (const [name, task] of this.#tasks) {
      if (this.#now() - task.lastTold < SIGN_OF_LIFE_MS) continue;
      task.lastTold = this.#now();
      this.#write(`${label(name, `… ${this.#describe(task)}`)}\n`);
    }
  }

  #describe({ step, since, done, current }: Task): string {
    const took = formatDuration((this.#now() - since) / 1000);
    const [urn] = current;
    const resource = urn === undefined ? "" : `, ${urn.split("::").at(-1)}`;
    return `${step} (${done > 0 ? `${done} done, ` : ""}${took}${resource})`;
  }

  #clear(): void {
    if (this.#shown) this.#write("\r\x1b[2K");
    this.#shown = false;
  }
}

const label = (name: string, text: string): string => (name === "" ? text : `${name}: ${text}`);

const MARKS = { entered: "→", succeeded: "✓", failed: "✗", retried: "↻" } as const;

/** One step of a state in a line: `✓ Model training  5.2 s`. */
export function describeState({ name, phase, seconds, error }: Extract<Progress, { kind: "state" }>["state"]): string {
  const took = phase === "entered" ? "" : `  ${formatDuration(seconds)}`;
  return `${MARKS[phase]} ${name}${took}${error === undefined ? "" : `  ${error}`}`;
}
