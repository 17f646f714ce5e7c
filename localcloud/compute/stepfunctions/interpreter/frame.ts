// Where an execution is: frames (a definition's states, a branch, an iteration) with their variables, history cursor and open effects.

import type { Machine, QueryLanguage } from "../definition/types.js";
import type { Json, JsonObject } from "../language/json.js";
import type { Payload } from "./payload.js";
import type { Details } from "./run.js";
import type { MapRunProgress } from "./states/mapRun.js";

/** The history's last event on one path through the execution, and the one before it. */
export class Cursor {
  previous: number;

  constructor(public last: number) {
    this.previous = last;
  }

  move(id: number): void {
    this.previous = this.last;
    this.last = id;
  }
}

/** A part of the execution that can be given up as one. */
export class Scope {
  isCancelled = false;
  readonly children = new Set<Scope>();
  readonly effects = new Set<string>();
  /** What is recorded as aborted when the scope is given up, e.g. type `TaskState`. */
  readonly open: { type: string; details: Details; cursor: Cursor }[] = [];

  child(): Scope {
    const child = new Scope();
    this.children.add(child);
    return child;
  }
}

/** Variables by scope: a branch reads those outside, and assigns its own. */
export class Variables {
  private readonly own = new Map<string, Json>();

  constructor(private readonly outer: Variables | undefined) {}

  get(name: string): Json | undefined {
    return this.own.has(name) ? this.own.get(name) : this.outer?.get(name);
  }

  set(name: string, value: Json): void {
    this.own.set(name, value);
  }

  /** All that is in scope. */
  all(): Map<string, Json> {
    return this.outer ? new Map([...this.outer.all(), ...this.own]) : this.own;
  }

  snapshot(): [string, Json][] {
    return [...this.own];
  }
}

/** Where a frame stood when its execution ended, enough to go on from there. */
export interface Checkpoint {
  state: string;
  input: { value: Json; text: string };
  variables: [string, Json][];
  /** Branches or iterations of the state: finished ones with their output, others with their own checkpoint; null for one not begun. */
  children: ({ output: { value: Json; text: string } } | Checkpoint | null)[];
  /** What the state's Map Run has done. */
  mapRun?: MapRunProgress;
}

export class Frame {
  /** The state that is being executed. */
  current:
    | { state: string; input: Payload; children: (Frame | Payload | undefined)[]; mapRun?: MapRunProgress }
    | undefined;

  constructor(
    readonly machine: Machine,
    readonly language: QueryLanguage,
    readonly scope: Scope,
    readonly cursor: Cursor,
    readonly variables: Variables,
    /** `Map` of the Context object. */
    readonly map: JsonObject | undefined,
    /** Where to go on instead of at the beginning. */
    public resume: Checkpoint | undefined,
  ) {
    for (const [name, value] of resume?.variables ?? []) variables.set(name, value);
  }

  checkpoint(): Checkpoint | null {
    if (!this.current) return this.resume ?? null;
    const { state, input, children, mapRun } = this.current;
    return {
      state,
      input: { value: input.value, text: input.text },
      variables: this.variables.snapshot(),
      children: children.map((child) => {
        if (child === undefined) return null;
        if (child instanceof Frame) return child.checkpoint();
        return { output: { value: child.value, text: child.text } };
      }),
      ...(mapRun ? { mapRun } : {}),
    };
  }
}
