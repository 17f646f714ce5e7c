// A history read as a course of states: which ran when, in which branch, and how each ended.
import type { HistoryEvent } from "@aws-sdk/client-sfn";

export interface StateRun {
  name: string;
  /** Kind of state: `Task`, `Parallel`, `Map`, `Choice`, `Wait`, `Pass`, `Succeed`, `Fail`. */
  type: string;
  enteredAt: Date;
  /** Absent while it runs, and for one that ended the execution. */
  exitedAt?: Date;
  status: "running" | "succeeded" | "failed" | "caught";
  /** How many times its task was tried. */
  attempts: number;
  error?: string;
  cause?: string;
  /** Nesting in Parallel and Map states; 0 at the top. */
  depth: number;
}

/** One step of a state, as it is shown while the execution runs. */
export interface StateProgress {
  name: string;
  type: string;
  phase: "entered" | "succeeded" | "failed" | "retried";
  at: Date;
  /** From entry to this step, in seconds. */
  seconds: number;
  error?: string;
}

const ENTERED = /^(\w+)StateEntered$/;
const EXITED = /^(\w+)StateExited$/;
const FAILURE = /(Failed|TimedOut|Aborted)$/;
const OF_THE_EXECUTION = /^Execution/;
const TRY = /^(TaskScheduled|LambdaFunctionScheduled|ActivityScheduled)$/;
const ENDING_TYPES = new Set(["Fail"]);

interface Failure {
  error?: string;
  cause?: string;
}

/** The details member of an event, whatever its name, where it tells of a failure. */
function failureOf(event: HistoryEvent): Failure {
  const details = Object.entries(event).find(([key, value]) => key.endsWith("EventDetails") && value)?.[1];
  const { error, cause } = (details ?? {}) as Failure;
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

/** Reads a history, event by event; a run can be asked for its states at any time. */
export class Timeline {
  /** The state run to which an event belongs, by the event's id: branches interleave, so each event's predecessor decides. */
  readonly #runOf = new Map<number, StateRun | undefined>();
  /** What a Parallel or Map state was in when it began its branches, by the id of the event in the branch. */
  readonly #parents = new Map<StateRun, StateRun | undefined>();
  readonly states: StateRun[] = [];

  /** Takes the next events of the history; returns the steps to show. */
  add(events: readonly HistoryEvent[]): StateProgress[] {
    return events.flatMap((event) => this.#take(event));
  }

  #take(event: HistoryEvent): StateProgress[] {
    const id = event.id ?? 0;
    const type = event.type ?? "";
    const at = event.timestamp ?? new Date(0);
    const previous = this.#runOf.get(event.previousEventId ?? 0);
    const entered = ENTERED.exec(type);
    if (entered) return [this.#enter(id, entered[1] ?? "", event.stateEnteredEventDetails?.name ?? "?", at, previous)];
    const exited = EXITED.exec(type);
    if (exited) return this.#exit(id, event.stateExitedEventDetails?.name ?? "?", at, previous);

    this.#runOf.set(id, previous);
    if (!previous || OF_THE_EXECUTION.test(type)) {
      if (FAILURE.test(type)) this.#end(at, failureOf(event));
      return [];
    }
    if (TRY.test(type)) {
      previous.attempts += 1;
      // What a retry made good is no failure of the state.
      delete previous.error;
      delete previous.cause;
      if (previous.attempts > 1) return [step(previous, "retried", at)];
    } else if (FAILURE.test(type) && previous.status === "running" && previous.error === undefined) {
      Object.assign(previous, failureOf(event));
      return [step(previous, "failed", at)];
    }
    return [];
  }

  #enter(id: number, type: string, name: string, at: Date, previous: StateRun | undefined): StateProgress {
    const parent = previous && (previous.exitedAt ? this.#parents.get(previous) : previous);
    const run: StateRun = {
      name,
      type,
      enteredAt: at,
      status: "running",
      attempts: 0,
      depth: parent ? parent.depth + 1 : 0,
    };
    if (ENDING_TYPES.has(type)) run.status = "failed";
    this.#parents.set(run, parent);
    this.#runOf.set(id, run);
    this.states.push(run);
    return step(run, run.status === "failed" ? "failed" : "entered", at);
  }

  #exit(id: number, name: string, at: Date, previous: StateRun | undefined): StateProgress[] {
    let run = previous;
    while (run && (run.name !== name || run.exitedAt)) run = this.#parents.get(run);
    run ??= this.states.findLast((candidate) => candidate.name === name && !candidate.exitedAt);
    this.#runOf.set(id, run);
    if (!run) return [];
    run.exitedAt = at;
    run.status = run.error === undefined ? "succeeded" : "caught";
    return [step(run, "succeeded", at)];
  }

  /** The execution failed: what still ran ended with it, and the deepest of them is where it failed. */
  #end(at: Date, failure: Failure): void {
    for (const run of this.states.filter((candidate) => !candidate.exitedAt)) {
      run.exitedAt = at;
      run.status = "failed";
      if (run.error === undefined) Object.assign(run, failure);
    }
  }
}

function step(run: StateRun, phase: StateProgress["phase"], at: Date): StateProgress {
  const seconds = Math.max(0, (at.getTime() - run.enteredAt.getTime()) / 1000);
  return { name: run.name, type: run.type, phase, at, seconds, ...(run.error !== undefined && { error: run.error }) };
}

/** The states of a complete history. */
export function timelineOf(history: readonly HistoryEvent[]): StateRun[] {
  const timeline = new Timeline();
  timeline.add(history);
  return timeline.states;
}
