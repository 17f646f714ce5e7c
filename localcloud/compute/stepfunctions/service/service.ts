// Step Functions of the local cloud, put together: store, executions under way, API, target of rules and schedules.

import type {
  ComputeService,
  ServiceRequest,
  ServiceResponse,
  SessionCredentials,
  TargetInvocation,
} from "../../service.js";
import type { Definition, Processor, State } from "../definition/types.js";
import type { Effect, Reply } from "../interpreter/effects.js";
import { StatesError } from "../language/errors.js";
import type { JsonObject } from "../language/json.js";
import { Conductor } from "./conductor.js";
import { newExecution, type Starter, startExecution } from "./executions.js";
import { readItems, writeResults } from "./itemReader.js";
import type { Execution, StateMachine } from "./model.js";
import { Router } from "./router.js";
import { type Region, Store } from "./store.js";
import { Tokens } from "./tokens.js";
import type { ServiceWorld } from "./world.js";

export interface StepFunctions extends ComputeService {
  readonly name: "states";
  /** Starts an execution for a rule, a schedule or a parent. */
  start(account: string, region: string, request: JsonObject): Execution;
}

/** Step Functions for all accounts and regions. */
export function createStepFunctions(world: ServiceWorld): StepFunctions {
  const store = new Store();
  const tokens = new Tokens();
  const conductors = new Map<Execution, Conductor>();
  let isClosing = false;

  const starter: Starter = {
    now: () => new Date(world.clock.now()),
    random: () => world.chance.random(),
    start: (region, execution) => conduct(region, execution),
    stop: (execution, error, cause) => conductors.get(execution)?.stop(error, cause),
    redrive: (region, execution) => conduct(region, execution),
  };

  function conduct(region: Region, execution: Execution, mapContext?: JsonObject): void {
    const conductor = new Conductor(
      execution,
      region.region,
      {
        clock: world.clock,
        chance: world.chance,
        effects: { begin: (_execution, effect, reply) => begin(region, execution, effect, reply) },
        newMapRunArn: (_execution, label) =>
          region.arn("mapRun", `${execution.machine.name}/${label}`, world.chance.uuid()),
        onEvents: (_execution, from) => world.observer.recorded(execution, region, from),
        onEnd: () => {
          conductors.delete(execution);
          for (const run of region.mapRuns.values())
            if (run.executionArn === execution.arn && run.status === "RUNNING") {
              run.status = "ABORTED";
              run.stoppedAt = starter.now();
            }
          world.observer.executionChanged(execution, region);
          (execution as Execution & { end?(): void }).end?.();
        },
        log: world.log,
      },
      mapContext,
    );
    conductors.set(execution, conductor);
    world.observer.executionChanged(execution, region);
    conductor.start();
  }

  function begin(
    region: Region,
    execution: Execution,
    effect: Exclude<Effect, { kind: "cancel" | "timer" }>,
    reply: (reply: Reply) => void,
  ): (() => void) | undefined {
    const role = (taskRoleArn?: string) => () =>
      world.sessions.of(region, execution.machine.arn, execution.revision.roleArn, taskRoleArn);
    const answerWith = (work: Promise<Reply>, failure: string) => {
      work.then(reply, (error: unknown) =>
        reply(
          error instanceof StatesError
            ? { kind: "failed", ...named(error.error, error.cause) }
            : { kind: "failed", error: failure, cause: (error as Error).message },
        ),
      );
      return undefined;
    };
    switch (effect.kind) {
      case "task":
        return beginTask(region, execution, effect, reply, role(effect.roleArn));
      case "readItems":
        return answerWith(
          readItems(effect, world.files(region, role())).then((items) => ({ kind: "items", items })),
          "States.ItemReaderFailed",
        );
      case "writeResults":
        return answerWith(
          writeResults(effect, world.files(region, role())).then((output) => ({ kind: "succeeded", output })),
          "States.ResultWriterFailed",
        );
      case "mapRun":
        return void keepMapRun(region, execution, effect);
      case "childExecution":
        return beginChild(region, execution, effect, reply);
    }
  }

  function beginTask(
    region: Region,
    execution: Execution,
    effect: Extract<Effect, { kind: "task" }>,
    reply: (reply: Reply) => void,
    credentials: () => Promise<SessionCredentials>,
  ): () => void {
    const abort = new AbortController();
    const token = effect.taskToken;
    if (token !== undefined) tokens.add(token, reply);
    if (effect.resource.includes(":activity:")) {
      if (region.activities.has(effect.resource) && token !== undefined)
        tokens.schedule(effect.resource, { token, input: JSON.stringify(effect.parameters) });
      else
        queueMicrotask(() =>
          reply({
            kind: "failed",
            error: "States.Runtime",
            cause: `The activity ${effect.resource} does not exist.`,
          }),
        );
    } else
      world.tasks.start({
        account: region.account,
        region: region.region,
        executionArn: execution.arn,
        stateMachineArn: execution.machine.arn,
        effect,
        credentials,
        signal: abort.signal,
        reply,
      });
    return () => {
      if (token !== undefined) tokens.expire(token);
      abort.abort();
    };
  }

  function keepMapRun(region: Region, execution: Execution, effect: Extract<Effect, { kind: "mapRun" }>): void {
    const now = starter.now();
    const run = region.mapRuns.get(effect.mapRunArn) ?? {
      arn: effect.mapRunArn,
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      status: effect.status,
      startedAt: now,
      maxConcurrency: effect.maxConcurrency,
      toleratedFailureCount: effect.toleratedFailureCount,
      toleratedFailurePercentage: effect.toleratedFailurePercentage,
      total: effect.total,
      executions: [],
      resultsWritten: 0,
    };
    region.mapRuns.set(run.arn, run);
    run.status = effect.status;
    run.total = effect.total;
    if (effect.status !== "RUNNING") run.stoppedAt = now;
  }

  function beginChild(
    region: Region,
    parent: Execution,
    effect: Extract<Effect, { kind: "childExecution" }>,
    reply: (reply: Reply) => void,
  ): () => void {
    const processor = processorOf(parent.revision.definition, effect.state) as Processor;
    const label = effect.mapRunArn.split("/")[1]?.split(":")[0] ?? effect.state;
    const definition: Definition = {
      QueryLanguage: parent.revision.definition.QueryLanguage ?? "JSONPath",
      ...processor,
    };
    const machine: StateMachine = {
      ...parent.machine,
      type: effect.type,
      name: parent.machine.name,
      revision: { ...parent.revision, definition, definitionText: JSON.stringify(definition) },
    };
    const name = world.chance.uuid();
    const child = newExecution(region, machine, {
      name,
      input: JSON.stringify(effect.input),
      now: starter.now(),
      mapRunArn: effect.mapRunArn,
      arn: region.arn(effect.type === "EXPRESS" ? "express" : "execution", `${machine.name}/${label}`, name),
    });
    region.executions.set(child.arn, child);
    region.mapRuns.get(effect.mapRunArn)?.executions.push(child);
    void child.ended.then(() => {
      const about = { executionArn: child.arn, name };
      if (child.status === "SUCCEEDED")
        reply({ kind: "succeeded", output: JSON.parse(child.output ?? "null"), ...about });
      else if (child.status === "TIMED_OUT") reply({ kind: "failed", error: "States.Timeout", ...about });
      else reply({ kind: "failed", ...named(child.error, child.cause), ...about });
    });
    conduct(region, child, { Item: { Index: effect.index, Value: effect.input } });
    return () => conductors.get(child)?.stop(undefined, undefined);
  }

  const router = new Router(store, { starter, tokens, world });

  return {
    name: "states",
    handle(request: ServiceRequest): Promise<ServiceResponse> {
      return router.handle(request);
    },
    start(account, region, request) {
      return startExecution(store.region(account, region), request, starter).execution;
    },
    async invokeTarget(invocation: TargetInvocation): Promise<void> {
      await world.startAsTarget(invocation);
    },
    async close() {
      if (isClosing) return;
      isClosing = true;
      const running = [...conductors.keys()];
      for (const execution of running)
        conductors.get(execution)?.stop("States.Runtime", "The local cloud was stopped.");
      await Promise.all(running.map(({ ended }) => ended));
      await world.observer.drained();
    },
  };
}

const named = (error: string | undefined, cause: string | undefined): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});

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
