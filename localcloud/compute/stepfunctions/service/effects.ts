// What an execution asks of the world, carried out: tasks, items and results in S3, child executions.

import type { SessionCredentials } from "../../service.js";
import type { Definition, Processor, State } from "../definition/types.js";
import type { Effect, Reply } from "../interpreter/effects.js";
import { StatesError } from "../language/errors.js";
import type { Json, JsonObject } from "../language/json.js";
import { newExecution, type Starter } from "./executions.js";
import { readItems } from "./itemReader.js";
import { recordMapRun } from "./mapRuns.js";
import type { Execution, MapRun, StateMachine } from "./model.js";
import { testWriter, writeResults } from "./resultWriter.js";
import type { Region } from "./store.js";
import type { Tokens } from "./tokens.js";
import type { ServiceWorld } from "./world.js";

/** Effects that reach beyond the execution's own clock. */
export type OuterEffect = Exclude<Effect, { kind: "cancel" | "timer" }>;

/** Begins an effect; the returned function stops it. */
export type BeginEffect = (effect: OuterEffect, reply: (reply: Reply) => void) => (() => void) | undefined;

export interface EffectContext {
  region: Region;
  execution: Execution;
  world: ServiceWorld;
  tokens: Tokens;
  starter: Starter;
  /** Begins or continues an execution. */
  conduct(region: Region, execution: Execution, mapContext?: JsonObject): void;
}

/** The effects of one execution. */
export function effectHandler(context: EffectContext): BeginEffect {
  const { region, execution, world, starter } = context;
  const role = (taskRoleArn?: string) => () =>
    world.sessions.of(region, baseArn(execution.machine), execution.revision.roleArn, taskRoleArn);
  return (effect, reply) => {
    switch (effect.kind) {
      case "task":
        return beginTask(context, effect, reply, role(effect.roleArn));
      case "readItems":
        return answerWith(
          readItems(effect, world.files(region, role())).then((items) => ({ kind: "items", items })),
          "States.ItemReaderFailed",
          reply,
        );
      case "openMapRun":
        return answerWith(
          openMapRun(context, effect, role()).then(() => ({ kind: "succeeded", output: null })),
          "States.Permissions",
          reply,
        );
      case "writeResults":
        return answerWith(
          exportResults(context, region.mapRuns.get(effect.mapRunArn) as MapRun).then((output) => ({
            kind: "succeeded",
            output,
          })),
          "States.ResultWriterFailed",
          reply,
        );
      case "mapRun":
        recordMapRun(region, execution, effect, starter.now());
        return void world.observer.mapRunsChanged(region);
      case "childExecution":
        return beginChild(context, effect, reply);
    }
  };
}

/**
 * Asks whether the role lets the run start its children or, where the run has begun before, redrive them, and writes a manifest
 * that says nothing yet: what is not allowed is to fail before any child begins.
 */
async function openMapRun(
  { region, execution, world }: EffectContext,
  { mapRunArn, writer }: Extract<Effect, { kind: "openMapRun" }>,
  credentials: () => Promise<SessionCredentials>,
): Promise<void> {
  const permissions = world.permissions(region, credentials);
  const run = region.mapRuns.get(mapRunArn);
  const failed = run?.executions.find(({ machine, status }) => machine.type === "STANDARD" && status !== "SUCCEEDED");
  if (failed) await permissions.mayRedrive(failed.arn);
  if (!failed || (run && run.byIndex.size < run.inputs.length)) await permissions.mayStart(baseArn(execution.machine));
  if (writer?.resource !== undefined) await testWriter(mapRunArn, writer, world.files(region, credentials));
}

/** Writes what became of a run's children, as its ResultWriter says. @throws StatesError `States.ResultWriterFailed` */
export async function exportResults(
  { region, execution, world, starter }: Pick<EffectContext, "region" | "execution" | "world" | "starter">,
  run: MapRun,
): Promise<Json> {
  const credentials = () => world.sessions.of(region, baseArn(execution.machine), execution.revision.roleArn);
  const output = await writeResults(run, world.files(region, credentials), () => starter.now());
  run.areResultsWritten = run.writer?.resource !== undefined;
  return output;
}

function answerWith(work: Promise<Reply>, failure: string, reply: (reply: Reply) => void): undefined {
  work.then(reply, (error: unknown) =>
    reply(
      error instanceof StatesError
        ? { kind: "failed", ...named(error.error, error.cause) }
        : { kind: "failed", error: failure, cause: (error as Error).message },
    ),
  );
}

const named = (error: string | undefined, cause: string | undefined): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

/** The state machine's own ARN, also of a Distributed Map's child. */
const baseArn = ({ arn }: StateMachine): string => arn.split("/")[0] as string;

function beginTask(
  { region, execution, world, tokens }: EffectContext,
  effect: Extract<Effect, { kind: "task" }>,
  reply: (reply: Reply) => void,
  credentials: Parameters<ServiceWorld["tasks"]["start"]>[0]["credentials"],
): () => void {
  const abort = new AbortController();
  const token = effect.taskToken;
  if (effect.resource.includes(":activity:")) {
    if (token !== undefined) tokens.add(token, reply);
    if (region.activities.has(effect.resource) && token !== undefined)
      tokens.schedule(effect.resource, { token, input: JSON.stringify(effect.parameters) });
    else
      queueMicrotask(() =>
        reply({ kind: "failed", error: "States.Runtime", cause: `The activity ${effect.resource} does not exist.` }),
      );
  } else {
    // Whoever has the token may be faster than the answer to the request that carried it, which comes first in the history.
    const early: Reply[] = [];
    let isSubmitted = false;
    if (token !== undefined)
      tokens.add(token, (given) => {
        if (isSubmitted) reply(given);
        else early.push(given);
      });
    world.tasks.start({
      account: region.account,
      region: region.region,
      executionArn: execution.arn,
      stateMachineArn: baseArn(execution.machine),
      effect,
      credentials,
      signal: abort.signal,
      reply(given) {
        reply(given);
        if (given.kind !== "submitted" || isSubmitted) return;
        isSubmitted = true;
        for (const waiting of early) reply(waiting);
      },
    });
  }
  return () => {
    if (token !== undefined) tokens.expire(token);
    abort.abort();
  };
}

function beginChild(
  context: EffectContext,
  effect: Extract<Effect, { kind: "childExecution" }>,
  reply: (reply: Reply) => void,
): () => void {
  const { region, execution: parent, world, starter, conduct } = context;
  const run = region.mapRuns.get(effect.mapRunArn);
  const before = run?.byIndex.get(effect.index);
  const isRedriven = before?.machine.type === "STANDARD";
  const mapContext = { Item: { Index: effect.index, Value: effect.input } };
  const child = isRedriven ? before : newChild(context, effect);
  let isWanted = true;
  const answer = () => {
    const about = { executionArn: child.arn, name: child.name };
    if (child.status === "SUCCEEDED")
      reply({ kind: "succeeded", output: JSON.parse(child.output ?? "null"), ...about });
    else if (child.status === "TIMED_OUT") reply({ kind: "failed", error: "States.Timeout", ...about });
    else reply({ kind: "failed", ...named(child.error, child.cause), ...about });
  };
  inTurn(() => {
    if (!isWanted) return;
    if (isRedriven) starter.redrive(region, child, mapContext);
    else {
      if (before) run?.executions.splice(run.executions.indexOf(before), 1);
      run?.executions.push(child);
      run?.byIndex.set(effect.index, child);
      region.executions.set(child.arn, child);
      conduct(region, child, mapContext);
    }
    void child.ended.then(answer, (error: unknown) => world.log(`states: ${parent.arn}: ${String(error)}`));
  });
  return () => {
    isWanted = false;
    starter.stop(child);
  };
}

/** Children begun before others have their turn: ten thousand at once must not keep the API waiting. */
const BEGUN_AT_ONCE = 100;
const waiting: (() => void)[] = [];

function inTurn(begin: () => void): void {
  if (waiting.push(begin) === 1) setImmediate(beginSome);
}

function beginSome(): void {
  for (const begin of waiting.slice(0, BEGUN_AT_ONCE)) begin();
  waiting.splice(0, BEGUN_AT_ONCE);
  if (waiting.length > 0) setImmediate(beginSome);
}

/** An execution of the processor, as a state machine of its own: `<machine>/<label of the Map>`. */
function newChild(
  { region, execution: parent, world, starter }: EffectContext,
  effect: Extract<Effect, { kind: "childExecution" }>,
): Execution {
  const { machine, revision } = parent;
  const processor = processorOf(revision.definition, effect.state) as Processor;
  const label = effect.mapRunArn.split("/")[1]?.split(":")[0] ?? effect.state;
  const definition: Definition = { QueryLanguage: revision.definition.QueryLanguage ?? "JSONPath", ...processor };
  const name = world.chance.uuid();
  const child: StateMachine = {
    ...machine,
    type: effect.type,
    arn: `${baseArn(machine)}/${label}`,
    revision: { ...revision, definition, definitionText: JSON.stringify(definition) },
  };
  return newExecution(region, child, {
    name,
    input: JSON.stringify(effect.input),
    now: starter.now(),
    mapRunArn: effect.mapRunArn,
    itemCount: effect.items,
    arn:
      effect.type === "EXPRESS"
        ? region.arn("express", `${machine.name}/${label}`, name, world.chance.uuid())
        : region.arn("execution", `${machine.name}/${label}`, name),
  });
}

/** The processor of a Map state, wherever in the definition it stands; names are unique in it. */
function processorOf(machine: { States: Record<string, State> }, name: string): Processor | undefined {
  for (const [key, state] of Object.entries(machine.States)) {
    const own = state.ItemProcessor ?? state.Iterator;
    if (key === name) return own;
    for (const inner of [...(state.Branches ?? []), ...(own ? [own] : [])]) {
      const found = processorOf(inner, name);
      if (found) return found;
    }
  }
  return undefined;
}
