// TestState: one state by itself, with as much of its inner workings shown as the caller asks for.
import { z } from "zod";
import type { Definition, State } from "../definition/types.js";
import { describeErrors, validateDefinition } from "../definition/validate.js";
import type { Effect, HistoryEvent, Outcome, Reply, Step } from "../interpreter/effects.js";
import { Payload } from "../interpreter/payload.js";
import { Run } from "../interpreter/run.js";
import type { JsonObject } from "../language/json.js";
import { ApiError, validation } from "./errors.js";
import type { Region } from "./store.js";
import type { ServiceWorld } from "./world.js";

const Request = z.object({
  definition: z.string(),
  roleArn: z.string().optional(),
  input: z.string().default("{}"),
  inspectionLevel: z.enum(["INFO", "DEBUG", "TRACE"]).default("INFO"),
  revealSecrets: z.boolean().default(false),
  variables: z.string().optional(),
  stateName: z.string().optional(),
});

const STATE = "TestState";

/** Runs a state once: no retry is waited for, and the transition is reported, not taken. */
export async function testState(region: Region, body: JsonObject, world: ServiceWorld): Promise<JsonObject> {
  const request = Request.parse(body);
  const state = stateOf(request.definition, request.stateName);
  if (state.Type === "Task" && request.roleArn === undefined)
    throw validation("The roleArn is required to test a Task state");
  const definition = alone(state);
  const { diagnostics } = validateDefinition(JSON.stringify(definition));
  const errors = describeErrors(diagnostics);
  if (errors) throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${errors}'`);
  const arn = region.arn("execution", STATE, STATE);
  const input = Payload.read(request.input);
  const run = new Run({
    definition,
    input,
    context: {
      Execution: { Id: arn, Input: input.value, Name: STATE },
      StateMachine: { Id: region.arn("stateMachine", STATE), Name: STATE },
    },
    region: region.region,
    roleArn: request.roleArn ?? "",
    chance: world.chance,
    newMapRunArn: () => region.arn("mapRun", STATE, STATE),
  });
  if (request.variables !== undefined)
    for (const [name, value] of Object.entries(JSON.parse(request.variables) as JsonObject))
      run.root.variables.set(name, value);
  const { events, outcome, wanted } = await follow(run, region, arn, request.roleArn ?? "", world);
  return answer(state, request, events, outcome, wanted);
}

function stateOf(text: string, name: string | undefined): State {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      "InvalidDefinition",
      `Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ${(error as Error).message}'`,
    );
  }
  const machine = parsed as Partial<Definition> & Partial<State>;
  if (!machine.States) return machine as State;
  const state = name === undefined ? undefined : machine.States[name];
  if (!state) throw validation("stateName must name a state of the definition");
  return { ...(machine.QueryLanguage ? { QueryLanguage: machine.QueryLanguage } : {}), ...state };
}

/** A machine in which every target of the state ends it, so that a transition can be seen by its target's entry. */
function alone(state: State): Definition {
  const States: Record<string, State> = { [STATE]: state };
  const targets = [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ];
  for (const target of targets)
    if (target !== undefined) States[target] ??= { Type: "Succeed", QueryLanguage: "JSONPath" };
  return { StartAt: STATE, States };
}

/** Carries out the state's effects until it ends, is to be retried, or leads on. */
async function follow(
  run: Run,
  region: Region,
  arn: string,
  roleArn: string,
  world: ServiceWorld,
): Promise<{ events: HistoryEvent[]; outcome: Outcome | undefined; wanted: Effect | undefined }> {
  const events: HistoryEvent[] = [];
  const abort = new AbortController();
  let step: Step = await run.begin(world.clock.now());
  for (;;) {
    events.push(...step.events);
    if (step.outcome) return { events, outcome: step.outcome, wanted: undefined };
    const timer = step.effects.find((effect) => effect.kind === "timer");
    const task = step.effects.find((effect) => effect.kind === "task");
    if (!task) {
      const isRetry = events.some(({ type }) => /(Failed|TimedOut)$/.test(type));
      if (isRetry || !timer) return { events, outcome: undefined, wanted: timer };
      step = await run.answer({ id: timer.id, atMs: timer.atMs, reply: { kind: "fired" } });
      continue;
    }
    const reply = await new Promise<Reply>((resolve) =>
      world.tasks.start({
        account: region.account,
        region: region.region,
        executionArn: arn,
        stateMachineArn: region.arn("stateMachine", STATE),
        effect: task,
        credentials: () => world.sessions.of(region, region.arn("stateMachine", STATE), roleArn),
        signal: abort.signal,
        reply: (given) => {
          if (given.kind === "succeeded" || given.kind === "failed") resolve(given);
        },
      }),
    );
    step = await run.answer({ id: task.id, atMs: world.clock.now(), reply });
  }
}

function answer(
  state: State,
  request: z.infer<typeof Request>,
  events: HistoryEvent[],
  outcome: Outcome | undefined,
  wanted: Effect | undefined,
): JsonObject {
  const exited = events.find((event) => event.stateExitedEventDetails?.name === STATE)?.stateExitedEventDetails;
  const failed = [...events].reverse().find(({ type }) => /(Failed|TimedOut)$/.test(type));
  const error = failed
    ? (Object.values(failed).find((value) => typeof value === "object") as JsonObject | undefined)
    : undefined;
  const entered = events.filter(({ type }) => type.endsWith("StateEntered"));
  const next = entered[1]?.stateEnteredEventDetails?.name;
  const isCaught = exited !== undefined && error !== undefined;
  const status = wanted
    ? "RETRIABLE"
    : isCaught
      ? "CAUGHT_ERROR"
      : outcome?.status === "SUCCEEDED" || exited
        ? "SUCCEEDED"
        : "FAILED";
  const scheduled = events.find(({ type }) => type.endsWith("Scheduled"));
  const parameters =
    scheduled && (Object.values(scheduled).find((value) => typeof value === "object") as JsonObject).parameters;
  const result = events.find(({ type }) => /(Task|Function|Activity)Succeeded$/.test(type));
  const resultText = result && (Object.values(result).find((value) => typeof value === "object") as JsonObject).output;
  return {
    status,
    ...(exited?.output === undefined ? {} : { output: exited.output }),
    ...(error?.error === undefined ? {} : { error: error.error }),
    ...(error?.cause === undefined ? {} : { cause: error.cause }),
    ...(typeof next === "string" && status !== "FAILED" ? { nextState: next } : {}),
    ...(request.inspectionLevel === "INFO"
      ? {}
      : {
          inspectionData: {
            input: request.input,
            ...(parameters === undefined
              ? {}
              : state.QueryLanguage === "JSONata"
                ? { afterArguments: parameters }
                : { afterParameters: parameters }),
            ...(resultText === undefined ? {} : { result: resultText }),
            ...(exited?.assignedVariables === undefined ? {} : { variables: JSON.stringify(exited.assignedVariables) }),
          },
        }),
  };
}
