// A world for the interpreter without a cloud: a clock that jumps to the next timer, and tasks answered by functions.
import type { Definition } from "../../../../localcloud/compute/stepfunctions/definition/types.js";
import { validateDefinition } from "../../../../localcloud/compute/stepfunctions/definition/validate.js";
import type {
  Answer,
  Effect,
  HistoryEvent,
  Outcome,
  Reply,
  Step,
  TaskEffect,
} from "../../../../localcloud/compute/stepfunctions/interpreter/effects.js";
import type { Checkpoint } from "../../../../localcloud/compute/stepfunctions/interpreter/frame.js";
import { Payload } from "../../../../localcloud/compute/stepfunctions/interpreter/payload.js";
import { Run } from "../../../../localcloud/compute/stepfunctions/interpreter/run.js";
import { fraction } from "../../../../localcloud/compute/stepfunctions/language/intrinsic.js";
import type { Json } from "../../../../localcloud/compute/stepfunctions/language/json.js";

export const START_MS = Date.UTC(2026, 0, 1);

export interface WorldOptions {
  input?: Json;
  /** Replies of a task; each may say after how many milliseconds it comes. */
  task?: (effect: TaskEffect, call: number) => (Reply & { afterMs?: number })[];
  seed?: number;
  redrive?: { checkpoint: Checkpoint; nextEventId: number; count: number };
  /** Answers to give in order instead of this world's own. */
  answers?: Answer[];
  /** Stops the execution at this time. */
  stopAtMs?: number;
}

export interface Ended {
  outcome: Outcome | undefined;
  events: HistoryEvent[];
  /** Every effect that was asked for. */
  effects: Effect[];
  /** Effects cancelled before they were answered. */
  cancelled: string[];
  answers: Answer[];
  /** Milliseconds from start to end. */
  tookMs: number;
  run: Run;
}

/** Checks and parses a definition that a test wrote as an object. */
export function define(definition: object): Definition {
  const { definition: parsed, diagnostics } = validateDefinition(JSON.stringify(definition));
  if (!parsed) throw new Error(`the test's definition is not valid: ${JSON.stringify(diagnostics)}`);
  return parsed;
}

/** Runs a definition to its end (or until nothing is left to wait for). */
export async function play(definition: Definition, options: WorldOptions = {}): Promise<Ended> {
  let draws = options.seed ?? 1;
  const chance = {
    random: () => fraction(draws++),
    uuid: () => `00000000-0000-4000-8000-${String(draws++).padStart(12, "0")}`,
  };
  const input = Payload.of(options.input ?? {});
  const run = new Run({
    definition,
    input,
    context: {
      Execution: { Id: "arn:execution", Input: input.value, Name: "test" },
      StateMachine: { Id: "arn:machine", Name: "machine" },
    },
    region: "eu-central-1",
    roleArn: "arn:aws:iam::123456789012:role/test",
    chance,
    newMapRunArn: (_state, name) => `arn:mapRun:${name}`,
    ...(options.redrive ? { redrive: options.redrive } : {}),
  });
  const ended: Ended = { outcome: undefined, events: [], effects: [], cancelled: [], answers: [], tookMs: 0, run };
  let nowMs = START_MS;
  let calls = 0;
  const queue: Answer[] = [];
  const take = (step: Step) => {
    ended.events.push(...step.events);
    ended.effects.push(...step.effects);
    ended.outcome = step.outcome ?? ended.outcome;
    for (const effect of step.effects) {
      if (effect.kind === "timer") queue.push({ id: effect.id, atMs: effect.atMs, reply: { kind: "fired" } });
      else if (effect.kind === "cancel") {
        ended.cancelled.push(effect.id);
        for (let index = queue.length - 1; index >= 0; index -= 1)
          if (queue[index]?.id === effect.id) queue.splice(index, 1);
      } else if (effect.kind === "task")
        for (const { afterMs, ...reply } of options.task?.(effect, calls++) ?? [])
          queue.push({ id: effect.id, atMs: nowMs + (afterMs ?? 0), reply: reply as Reply });
    }
  };
  take(await run.begin(nowMs));
  const given = options.answers ? [...options.answers] : undefined;
  while (!ended.outcome) {
    queue.sort((left, right) => left.atMs - right.atMs);
    const answer = given ? given.shift() : queue.shift();
    if (options.stopAtMs !== undefined && (answer?.atMs ?? Number.POSITIVE_INFINITY) >= options.stopAtMs) {
      take(await run.stop(options.stopAtMs, "Stopped", "by the test"));
      break;
    }
    if (!answer) break;
    nowMs = Math.max(nowMs, answer.atMs);
    ended.answers.push(answer);
    take(await run.answer(answer));
  }
  ended.tookMs = nowMs - START_MS;
  return ended;
}

/** The output of an execution that succeeded. */
export function outputOf(ended: Ended): Json {
  if (ended.outcome?.status !== "SUCCEEDED")
    throw new Error(`the execution did not succeed: ${JSON.stringify(ended.outcome)}`);
  return JSON.parse(ended.outcome.output) as Json;
}

/** Types of the events, in order. */
export const types = (ended: Ended): string[] => ended.events.map((event) => event.type);
