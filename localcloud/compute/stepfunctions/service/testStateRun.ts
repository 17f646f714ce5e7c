// One state carried out by itself: its task is called or mocked, its waiting is not waited for, and it ends in time.
import type { Effect, HistoryEvent, Outcome, Reply, Step, TaskEffect } from "../interpreter/effects.js";
import type { Run } from "../interpreter/run.js";
import type { Json } from "../language/json.js";
import type { Region } from "./store.js";
import type { Request } from "./testStateRequest.js";
import type { ServiceWorld } from "./world.js";

/** A test may run for five minutes. Source: TestState, API Reference. */
export const LONGEST_TEST_SECONDS = 300;

type TimerEffect = Extract<Effect, { kind: "timer" }>;

export interface Seen {
  events: HistoryEvent[];
  outcome: Outcome | undefined;
  /** A retry would follow. */
  isRetriable: boolean;
}

/** Carries out the state's effects until it ends, is to be retried, or leads on. */
export async function follow(run: Run, region: Region, request: Request, world: ServiceWorld): Promise<Seen> {
  const events: HistoryEvent[] = [];
  const timers = new Map<string, TimerEffect>();
  let task: TaskEffect | undefined;
  const take = (step: Step): void => {
    events.push(...step.events);
    for (const effect of step.effects) {
      if (effect.kind === "timer") timers.set(effect.id, effect);
      else if (effect.kind === "task") task = effect;
      else if (effect.kind === "cancel") timers.delete(effect.id);
    }
  };
  const begunMs = world.clock.now();
  let step = await run.begin(begunMs);
  take(step);
  const fire = async (timer: TimerEffect, atMs = timer.atMs) => {
    timers.delete(timer.id);
    step = await run.answer({ id: timer.id, atMs, reply: { kind: "fired" } });
    take(step);
  };
  while (!step.outcome) {
    const next = [...timers.values()].sort((left, right) => left.atMs - right.atMs)[0] as TimerEffect;
    if (task) {
      const called: TaskEffect = task;
      task = undefined;
      const reply = await carryOut(called, next.atMs, region, request, world);
      if (reply) {
        step = await run.answer({ id: called.id, atMs: world.clock.now(), reply });
        take(step);
      } else await fire(next, world.clock.now());
    } else if (events.some(({ type }) => /(Failed|TimedOut)$/.test(type)))
      return { events, outcome: undefined, isRetriable: true };
    else await fire(next);
  }
  return { events, outcome: step.outcome, isRetriable: false };
}

/** What becomes of the task; undefined when it takes until `untilMs`, and then it is stopped. */
async function carryOut(
  effect: TaskEffect,
  untilMs: number,
  region: Region,
  { mock, roleArn = "" }: Request,
  world: ServiceWorld,
): Promise<Reply | undefined> {
  if (mock) return mockReply(mock);
  const stateMachineArn = region.arn("stateMachine", "TestState");
  const abort = new AbortController();
  return new Promise<Reply | undefined>((resolve) => {
    const callOff = world.clock.after(Math.max(untilMs - world.clock.now(), 0), () => {
      abort.abort();
      resolve(undefined);
    });
    world.tasks.start({
      account: region.account,
      region: region.region,
      executionArn: region.arn("execution", "TestState", "TestState"),
      stateMachineArn,
      effect,
      credentials: () => world.sessions.of(region, stateMachineArn, roleArn, effect.roleArn),
      signal: abort.signal,
      reply: (given) => {
        if (given.kind !== "succeeded" && given.kind !== "failed") return;
        callOff();
        resolve(given);
      },
    });
  });
}

function mockReply({ result = "{}", errorOutput }: NonNullable<Request["mock"]>): Reply {
  if (errorOutput) return { kind: "failed", ...errorOutput };
  return { kind: "succeeded", output: JSON.parse(result) as Json, text: result };
}
