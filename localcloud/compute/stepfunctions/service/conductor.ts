// Carries out one execution: gives the interpreter its answers in turn, and does what it asks for.
import type { Clock } from "../../clock.js";
import type { Effect, MapRunChanges, Reply, Step } from "../interpreter/effects.js";
import { Payload } from "../interpreter/payload.js";
import { Run } from "../interpreter/run.js";
import type { Chance } from "../language/intrinsic.js";
import type { JsonObject } from "../language/json.js";
import type { BeginEffect } from "./effects.js";
import type { Execution } from "./model.js";

/** An Express execution lasts at most so long. Source: Step Functions quotas. */
const EXPRESS_SECONDS = 300;
const EXPRESS_EVENTS = 10_000;

export interface ConductorWorld {
  clock: Clock;
  chance: Chance;
  begin: BeginEffect;
  /** The history has grown from `from` on. */
  onEvents(from: number): void;
  onEnd(): void;
  newMapRunArn(label: string): string;
  log(message: string): void;
}

export class Conductor {
  private run: Run;
  private readonly stops = new Map<string, () => void>();
  private turn: Promise<void> = Promise.resolve();
  private hasEnded = false;

  constructor(
    private readonly execution: Execution,
    region: string,
    private readonly world: ConductorWorld,
    mapContext?: JsonObject,
  ) {
    const { machine, revision, redriveCount, checkpoint } = execution;
    this.run = new Run({
      definition: revision.definition,
      input: Payload.read(execution.input),
      context: {
        Execution: {
          Id: execution.arn,
          Input: JSON.parse(execution.input),
          StartTime: execution.startedAt.toISOString(),
          Name: execution.name,
          RoleArn: revision.roleArn,
          RedriveCount: redriveCount,
          ...(execution.redrivenAt ? { RedriveTime: execution.redrivenAt.toISOString() } : {}),
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
      region,
      roleArn: revision.roleArn,
      chance: world.chance,
      newMapRunArn: (state, name) => world.newMapRunArn(state.Label ?? name),
      ...(mapContext ? { mapContext } : {}),
      ...(machine.type === "EXPRESS"
        ? {
            timeoutSeconds: Math.min(revision.definition.TimeoutSeconds ?? EXPRESS_SECONDS, EXPRESS_SECONDS),
            maximumEvents: Number.POSITIVE_INFINITY,
          }
        : {}),
      ...(redriveCount > 0 && checkpoint
        ? { redrive: { checkpoint, nextEventId: execution.events.length + 1, count: redriveCount } }
        : {}),
    });
  }

  start(): void {
    this.take((nowMs) => this.run.begin(nowMs));
  }

  stop(error: string | undefined, cause: string | undefined): void {
    this.take((nowMs) => this.run.stop(nowMs, error, cause));
  }

  updateMapRun(mapRunArn: string, changes: MapRunChanges): void {
    this.take((nowMs) => this.run.updateMapRun(nowMs, mapRunArn, changes));
  }

  private answer(id: string, reply: Reply): void {
    this.take((nowMs) => this.run.answer({ id, atMs: nowMs, reply }));
  }

  /** One step after the other, in the order in which they were asked for. */
  private take(step: (nowMs: number) => Promise<Step>): void {
    this.turn = this.turn
      .then(async () => {
        if (!this.hasEnded) this.carryOut(await step(this.world.clock.now()));
      })
      .catch((error: unknown) => {
        this.world.log(`states: ${this.execution.arn}: ${String((error as Error).stack ?? error)}`);
      });
  }

  private carryOut(step: Step): void {
    const { execution, world } = this;
    const from = execution.events.length;
    for (const event of step.events) execution.events.push(event);
    if (step.events.length > 0) world.onEvents(from);
    // An Express execution has no history to ask for: it keeps no more than its tasks' metrics look back to.
    if (execution.machine.type === "EXPRESS" && execution.events.length > 2 * EXPRESS_EVENTS)
      execution.events.splice(0, execution.events.length - EXPRESS_EVENTS);
    for (const effect of step.effects) this.begin(effect);
    if (!step.outcome) return;
    this.hasEnded = true;
    for (const stop of this.stops.values()) stop();
    this.stops.clear();
    execution.status = step.outcome.status;
    execution.stoppedAt = new Date(world.clock.now());
    if (step.outcome.status === "SUCCEEDED") execution.output = step.outcome.output;
    else {
      if (step.outcome.error !== undefined) execution.error = step.outcome.error;
      if (step.outcome.cause !== undefined) execution.cause = step.outcome.cause;
      const checkpoint = this.run.root.checkpoint();
      if (checkpoint) execution.checkpoint = checkpoint;
    }
    world.onEnd();
  }

  private begin(effect: Effect): void {
    if (effect.kind === "cancel") {
      this.stops.get(effect.id)?.();
      this.stops.delete(effect.id);
      return;
    }
    if (effect.kind === "timer") {
      const delay = Math.max(effect.atMs - this.world.clock.now(), 0);
      this.stops.set(
        effect.id,
        this.world.clock.after(delay, () => {
          this.stops.delete(effect.id);
          this.answer(effect.id, { kind: "fired" });
        }),
      );
      return;
    }
    const id = "id" in effect ? effect.id : undefined;
    const stop = this.world.begin(effect, (reply) => {
      if (id === undefined) return;
      if (reply.kind === "succeeded" || reply.kind === "failed" || reply.kind === "items") this.stops.delete(id);
      this.answer(id, reply);
    });
    if (stop && id !== undefined) this.stops.set(id, stop);
  }
}
