// One execution: takes answers, gives effects and history events. Coroutines (the states) run until all of them wait for an answer.

import type { Definition, State } from "../definition/types.js";
import { StatesError } from "../language/errors.js";
import type { Chance } from "../language/intrinsic.js";
import type { JsonObject } from "../language/json.js";
import type { Answer, Effect, HistoryEvent, MapRunChanges, Outcome, Reply, Step } from "./effects.js";
import { type Checkpoint, Cursor, Frame, Scope, Variables } from "./frame.js";
import { runMachine } from "./machine.js";
import type { Payload } from "./payload.js";
import type { MockedMap } from "./states/mockedMap.js";

/** The service ends a Standard execution with more events than this. Source: Step Functions quotas. */
const MAXIMUM_EVENTS = 25_000;

export interface RunOptions {
  definition: Definition;
  input: Payload;
  /** The Context object's `Execution` and `StateMachine`. */
  context: { Execution: JsonObject; StateMachine: JsonObject };
  /** The Context object as a whole, given from outside (TestState). */
  contextObject?: JsonObject;
  /** Stands in for the work of every Map state (TestState). */
  mockedMap?: MockedMap;
  region: string;
  roleArn: string;
  chance: Chance;
  /** For a child of a Distributed Map: its `Map` in the Context object. */
  mapContext?: JsonObject;
  /** The ARN of a Distributed Map that begins in this execution. */
  newMapRunArn: (state: State, name: string) => string;
  /** Seconds after which the execution times out. @default the definition's */
  timeoutSeconds?: number;
  /** An execution with more events fails. @default 25,000, as for Standard executions */
  maximumEvents?: number;
  /** Told of a state's data at each stage of its processing, e.g. `afterInputPath`; for TestState. */
  inspect?: (state: string, stage: string, text: string) => void;
  /** Continues a failed execution where it failed. */
  redrive?: { checkpoint: Checkpoint; nextEventId: number; count: number };
}

/** A coroutine whose part of the execution was given up; nothing of it is kept. */
export class Abandoned extends Error {}

export class Run {
  nowMs = 0;
  /** How many states have been entered. */
  statesEntered = 0;
  /** How many have followed each other since the last answer. */
  statesInARow = 0;
  readonly root: Frame;
  private readonly scope = new Scope();
  private effects: Effect[] = [];
  private events: HistoryEvent[] = [];
  private outcome: Outcome | undefined;
  private nextEventId: number;
  private nextEffect = 1;
  private busy = 0;
  private settled: (() => void) | undefined;
  private readonly waiting = new Map<string, (reply: Reply) => void>();
  /** Map Runs that go on, by ARN: what takes a change of their bounds. */
  readonly mapRuns = new Map<string, (changes: MapRunChanges) => void>();

  constructor(readonly options: RunOptions) {
    this.nextEventId = options.redrive?.nextEventId ?? 1;
    const { definition, redrive } = options;
    this.root = new Frame(
      definition,
      definition.QueryLanguage ?? "JSONPath",
      this.scope,
      new Cursor(0),
      new Variables(undefined),
      options.mapContext,
      redrive?.checkpoint,
    );
  }

  /** Begins (or, with a checkpoint, goes on). Called once. */
  begin(nowMs: number): Promise<Step> {
    return this.advance(nowMs, () => {
      const { redrive, input, roleArn, definition } = this.options;
      const start = new Cursor(redrive ? this.nextEventId - 1 : 0);
      if (redrive)
        this.emit(start, "ExecutionRedriven", { executionRedrivenEventDetails: { redriveCount: redrive.count } });
      else
        this.emit(start, "ExecutionStarted", {
          executionStartedEventDetails: { input: input.text, inputDetails: { truncated: false }, roleArn },
        });
      // The first state's event refers to no other, as on AWS.
      if (redrive) this.root.cursor.last = start.last;
      const timeoutSeconds = this.options.timeoutSeconds ?? definition.TimeoutSeconds;
      if (timeoutSeconds !== undefined)
        this.request(this.scope, { kind: "timer", atMs: nowMs + timeoutSeconds * 1000 }, () => this.timeOut());
      this.spawn(() => this.body());
    });
  }

  /** Takes one answer. An answer to an effect that is no longer wanted changes nothing. */
  answer({ id, atMs, reply }: Answer): Promise<Step> {
    return this.advance(atMs, () => this.waiting.get(id)?.(reply));
  }

  /** Ends the execution from outside (StopExecution). */
  stop(nowMs: number, error?: string, cause?: string): Promise<Step> {
    return this.advance(nowMs, () => {
      if (this.outcome) return;
      this.cancel(this.scope);
      this.finish("ExecutionAborted", "executionAbortedEventDetails", { status: "ABORTED", error, cause });
    });
  }

  /** Changes the bounds of a Map Run that goes on; without one of that ARN nothing happens. */
  updateMapRun(nowMs: number, mapRunArn: string, changes: MapRunChanges): Promise<Step> {
    return this.advance(nowMs, () => this.mapRuns.get(mapRunArn)?.(changes));
  }

  private timeOut(): void {
    this.cancel(this.scope);
    this.finish("ExecutionTimedOut", "executionTimedOutEventDetails", { status: "TIMED_OUT" });
  }

  private async body(): Promise<void> {
    try {
      const output = await runMachine(this, this.root, this.options.input);
      this.cancel(this.scope);
      this.append(this.root.cursor.last, "ExecutionSucceeded", {
        executionSucceededEventDetails: { output: output.text, outputDetails: { truncated: false } },
      });
      this.outcome = { status: "SUCCEEDED", output: output.text };
    } catch (error) {
      if (error instanceof Abandoned) return;
      const failure =
        error instanceof StatesError
          ? error
          : new StatesError("States.Runtime", String((error as Error).stack ?? error));
      this.cancel(this.scope);
      this.finish("ExecutionFailed", "executionFailedEventDetails", {
        status: "FAILED",
        error: failure.error,
        cause: failure.cause,
      });
    }
  }

  private finish(type: string, details: `${string}Details`, outcome: Exclude<Outcome, { status: "SUCCEEDED" }>): void {
    const { error, cause } = outcome;
    this.append(this.root.cursor.last, type, { [details]: errorDetails(error, cause) });
    this.outcome = { status: outcome.status, ...errorDetails(error, cause) };
  }

  /** Runs what `begin` sets going until every coroutine waits, then hands out what came of it. */
  private async advance(nowMs: number, begin: () => void): Promise<Step> {
    this.nowMs = Math.max(this.nowMs, nowMs);
    this.statesInARow = 0;
    this.busy += 1;
    begin();
    this.busy -= 1;
    if (this.busy > 0)
      await new Promise<void>((resolve) => {
        this.settled = resolve;
      });
    const step: Step = {
      effects: this.effects,
      events: this.events,
      ...(this.outcome ? { outcome: this.outcome } : {}),
    };
    this.effects = [];
    this.events = [];
    return step;
  }

  private rest(): void {
    this.busy -= 1;
    if (this.busy > 0) return;
    this.settled?.();
    this.settled = undefined;
  }

  /** Starts a coroutine. */
  spawn(coroutine: () => Promise<void>): void {
    this.busy += 1;
    void coroutine().finally(() => this.rest());
  }

  /** Waits until `register`'s callback is called; the coroutine does not count as running meanwhile. */
  suspend<T>(scope: Scope, register: (resume: (value: T) => void) => void): Promise<T> {
    if (scope.isCancelled) return Promise.reject(new Abandoned());
    const promise = new Promise<T>((resolve, reject) =>
      register((value) => {
        this.busy += 1;
        if (scope.isCancelled) reject(new Abandoned());
        else resolve(value);
      }),
    );
    this.rest();
    return promise;
  }

  /** Asks for an effect; `onReply` sees each reply until the effect is forgotten. */
  request(scope: Scope, effect: WithoutId<Effect>, onReply: (reply: Reply) => void): string {
    const id = String(this.nextEffect++);
    this.effects.push({ ...effect, id } as Effect);
    scope.effects.add(id);
    this.waiting.set(id, onReply);
    return id;
  }

  /** Tells the world something that it does not answer. */
  tell(effect: Effect): void {
    this.effects.push(effect);
  }

  /** The effect has been answered for good, or is cancelled. */
  release(scope: Scope, id: string, cancel = false): void {
    if (!scope.effects.delete(id)) return;
    this.waiting.delete(id);
    if (cancel) this.effects.push({ kind: "cancel", id });
  }

  /** Waits for one effect with one answer. */
  perform(scope: Scope, effect: WithoutId<Effect>): Promise<Reply> {
    return this.suspend(scope, (resume) => {
      const id = this.request(scope, effect, (reply) => {
        this.release(scope, id);
        resume(reply);
      });
    });
  }

  /** Gives up a part of the execution: its effects are cancelled, what it had open is recorded as aborted. */
  cancel(scope: Scope): void {
    if (scope.isCancelled) return;
    scope.isCancelled = true;
    for (const child of scope.children) this.cancel(child);
    for (const id of [...scope.effects]) this.release(scope, id, true);
    for (const open of scope.open) this.append(open.cursor.last, `${open.type}Aborted`, open.details);
  }

  /** Adds an event after the cursor's last one and moves the cursor, unless told not to. @throws Abandoned */
  emit(cursor: Cursor, type: string, details: Details, { advance = true, scope = this.scope } = {}): number {
    if (scope.isCancelled) throw new Abandoned();
    const { maximumEvents = MAXIMUM_EVENTS } = this.options;
    if (this.nextEventId > maximumEvents - 1)
      throw new StatesError(
        "States.Runtime",
        `The execution reached the maximum number of history events (${maximumEvents}).`,
      );
    const id = this.append(cursor.last, type, details);
    if (advance) cursor.move(id);
    return id;
  }

  private append(previousEventId: number, type: string, details: Details): number {
    const id = this.nextEventId++;
    this.events.push({ id, previousEventId, timestampMs: this.nowMs, type, ...details });
    return id;
  }

  /** Adds an event with a predecessor of its own and moves the cursor to it. */
  emitAfter(previousEventId: number, cursor: Cursor, type: string, details: Details, scope: Scope): number {
    if (scope.isCancelled) throw new Abandoned();
    const id = this.append(previousEventId, type, details);
    cursor.move(id);
    return id;
  }

  get lastEventId(): number {
    return this.nextEventId - 1;
  }
}

type WithoutId<T> = T extends { id: string } ? Omit<T, "id"> : T;
export type Details = { [details: `${string}Details`]: JsonObject };

/** `error` and `cause` where there are any. */
export const errorDetails = (
  error: string | undefined,
  cause: string | undefined,
): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});
