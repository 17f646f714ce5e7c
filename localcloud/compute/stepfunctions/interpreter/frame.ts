// Where an execution is: frames (a definition's states, a branch, an iteration) with their variables, history cursor and open effects.

import type { Machine, QueryLanguage } from "../definition/types.js";
import { type Json, type JsonObject, sizeOf } from "../language/json.js";
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
  /** Bytes of JSON by variable. */
  private readonly sizes = new Map<string, number>();
  /** What all scopes of the execution hold together. */
  private readonly stored: { bytes: number };

  constructor(private readonly outer: Variables | undefined) {
    this.stored = outer?.stored ?? { bytes: 0 };
  }

  get(name: string): Json | undefined {
    return this.own.has(name) ? this.own.get(name) : this.outer?.get(name);
  }

  /** @param bytes size of the value's JSON */
  set(name: string, value: Json, bytes = sizeOf(JSON.stringify(value))): void {
    this.own.set(name, value);
    this.stored.bytes += bytes - (this.sizes.get(name) ?? 0);
    this.sizes.set(name, bytes);
  }

  /** What the execution's variables would take with these, by their bytes, in this scope. */
  bytesWith(sizes: Iterable<[string, number]>): number {
    let bytes = this.stored.bytes;
    for (const [name, size] of sizes) bytes += size - (this.sizes.get(name) ?? 0);
    return bytes;
  }

  /** The scope has ended: its variables are stored no longer. */
  release(): void {
    for (const bytes of this.sizes.values()) this.stored.bytes -= bytes;
    this.sizes.clear();
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

  /** The frame has ended, or is given up: its variables and those of the frames in it are stored no longer. */
  release(): void {
    this.variables.release();
    for (const child of this.current?.children ?? []) if (child instanceof Frame) child.release();
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
