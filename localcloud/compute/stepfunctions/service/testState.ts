// TestState: one state by itself, with as much of its inner workings shown as the caller asks for.
// Source: TestState, API Reference, and "Using TestState API to test a state" in the Developer Guide.
import { z } from "zod";
import type { Definition, State } from "../definition/types.js";
import { describeErrors } from "../definition/validate.js";
import { validateWithResources } from "../integrations/validity.js";
import type { Effect, HistoryEvent, Outcome, Reply, Step } from "../interpreter/effects.js";
import { matches } from "../interpreter/machine.js";
import { Payload } from "../interpreter/payload.js";
import { Run } from "../interpreter/run.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
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
  mock: z
    .object({
      result: z.string().optional(),
      errorOutput: z.object({ error: z.string().optional(), cause: z.string().optional() }).optional(),
    })
    .optional(),
  context: z.string().optional(),
  stateConfiguration: z.object({ retrierRetryCount: z.number().int().min(0).optional() }).optional(),
});
type Request = z.infer<typeof Request>;

const MOCKABLE: State["Type"][] = ["Task", "Map", "Parallel"];

/** Runs a state once: no retry is waited for, and the transition is reported, not taken. */
export async function testState(region: Region, body: JsonObject, world: ServiceWorld): Promise<JsonObject> {
  const request = Request.parse(body);
  const { name, state } = stateOf(request.definition, request.stateName);
  if (request.mock && !MOCKABLE.includes(state.Type))
    throw validation("A mock can only be specified for Task, Map, or Parallel states");
  if (request.context !== undefined && !request.mock)
    throw validation("The context can only be specified together with a mock");
  if (state.Type === "Task" && !request.mock && request.roleArn === undefined)
    throw validation("The roleArn is required to test a Task state");
  const definition = alone(name, state, request);
  const errors = describeErrors((await validateWithResources(JSON.stringify(definition))).diagnostics);
  if (errors) throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${errors}'`);
  const input = Payload.read(request.input, object(request.input, "input", true));
  const context = request.context === undefined ? {} : (object(request.context, "context") as JsonObject);
  const stages: Record<string, string> = {};
  const run = new Run({
    definition,
    input,
    context: {
      Execution: (context.Execution as JsonObject | undefined) ?? {
        Id: region.arn("execution", "TestState", "TestState"),
        Input: input.value,
        Name: "TestState",
      },
      StateMachine: (context.StateMachine as JsonObject | undefined) ?? {
        Id: region.arn("stateMachine", "TestState"),
        Name: "TestState",
      },
    },
    ...(isObject(context.Map) ? { mapContext: context.Map } : {}),
    region: region.region,
    roleArn: request.roleArn ?? "",
    chance: world.chance,
    newMapRunArn: () => region.arn("mapRun", "TestState/TestState", world.chance.uuid()),
    inspect: (at, stage, text) => {
      if (at === name) stages[stage] = text;
    },
  });
  if (request.variables !== undefined)
    for (const [variable, value] of Object.entries(object(request.variables, "variables") as JsonObject))
      run.root.variables.set(variable, value);
  const seen = await follow(run, region, request, world);
  return answer(name, state, request, { ...seen, stages, variables: Object.fromEntries(run.root.variables.all()) });
}

function object(text: string, field: string, any = false): Json {
  try {
    const value = JSON.parse(text) as Json;
    if (any || isObject(value)) return value;
  } catch (error) {
    throw new ApiError("InvalidExecutionInput", `Invalid JSON in '${field}': '${(error as Error).message}'`);
  }
  throw validation(`The ${field} must be a JSON object`);
}

function stateOf(text: string, name: string | undefined): { name: string; state: State } {
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
  if (!machine.States) return { name: "TestState", state: machine as State };
  const state = name === undefined ? undefined : machine.States[name];
  if (name === undefined || !state) throw validation("stateName must name a state of the definition");
  return { name, state: { ...(machine.QueryLanguage ? { QueryLanguage: machine.QueryLanguage } : {}), ...state } };
}

/** A machine in which every target of the state ends it, so that a transition can be seen by its target's entry. */
function alone(name: string, state: State, { mock, stateConfiguration }: Request): Definition {
  const made = stateConfiguration?.retrierRetryCount ?? 0;
  const tested: State = { ...(mock ? mocked(state) : state) };
  if (state.Retry)
    tested.Retry = state.Retry.map((retrier) => ({
      ...retrier,
      MaxAttempts: Math.max((retrier.MaxAttempts ?? 3) - made, 0),
    }));
  const States: Record<string, State> = { [name]: tested };
  const targets = [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ];
  for (const target of targets)
    if (target !== undefined) States[target] ??= { Type: "Succeed", QueryLanguage: "JSONPath" };
  return { StartAt: name, States };
}

/** A Map or Parallel state whose work is mocked, as a task with the same fields around it. */
function mocked(state: State): State {
  if (state.Type === "Task") return state;
  const { QueryLanguage, Comment, InputPath, Parameters, Arguments, ResultSelector, ResultPath, OutputPath } = state;
  const { Assign, Output, Retry, Catch, Next, End } = state;
  const kept = { QueryLanguage, Comment, InputPath, Parameters, Arguments, ResultSelector, ResultPath, OutputPath };
  const fields = { ...kept, Assign, Output, Retry, Catch, Next, End };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage", ...given } as State;
}

interface Seen {
  events: HistoryEvent[];
  outcome: Outcome | undefined;
  /** The timer of a retry. */
  retry: Effect | undefined;
}

/** Carries out the state's effects until it ends, is to be retried, or leads on. */
async function follow(run: Run, region: Region, request: Request, world: ServiceWorld): Promise<Seen> {
  const events: HistoryEvent[] = [];
  const stateMachineArn = region.arn("stateMachine", "TestState");
  const abort = new AbortController();
  let step: Step = await run.begin(world.clock.now());
  for (;;) {
    events.push(...step.events);
    if (step.outcome) return { events, outcome: step.outcome, retry: undefined };
    const timer = step.effects.find((effect) => effect.kind === "timer");
    const task = step.effects.find((effect) => effect.kind === "task");
    if (!task) {
      if (events.some(({ type }) => /(Failed|TimedOut)$/.test(type)) || !timer)
        return { events, outcome: undefined, retry: timer };
      step = await run.answer({ id: timer.id, atMs: timer.atMs, reply: { kind: "fired" } });
      continue;
    }
    const { mock } = request;
    const reply = mock
      ? mockReply(mock)
      : await new Promise<Reply>((resolve) =>
          world.tasks.start({
            account: region.account,
            region: region.region,
            executionArn: region.arn("execution", "TestState", "TestState"),
            stateMachineArn,
            effect: task,
            credentials: () => world.sessions.of(region, stateMachineArn, request.roleArn ?? "", task.roleArn),
            signal: abort.signal,
            reply: (given) => {
              if (given.kind === "succeeded" || given.kind === "failed") resolve(given);
            },
          }),
        );
    step = await run.answer({ id: task.id, atMs: world.clock.now(), reply });
  }
}

function mockReply({ result, errorOutput }: NonNullable<Request["mock"]>): Reply {
  if (errorOutput) return { kind: "failed", ...errorOutput };
  const text = result ?? "{}";
  return { kind: "succeeded", output: object(text, "mock.result", true), text };
}

/** The one member of an event that holds its details. */
const detailsOf = (event: HistoryEvent): JsonObject =>
  (Object.entries(event).find(([key]) => key.endsWith("EventDetails"))?.[1] as JsonObject | undefined) ?? {};

function answer(
  name: string,
  state: State,
  request: Request,
  seen: Seen & { stages: Record<string, string>; variables: JsonObject },
): JsonObject {
  const { events, outcome, retry, stages } = seen;
  const exited = events.find((event) => event.stateExitedEventDetails?.name === name)?.stateExitedEventDetails;
  const failed = events.findLast(({ type }) => /(Failed|TimedOut)$/.test(type));
  const error = failed && detailsOf(failed);
  const next = events.filter(({ type }) => type.endsWith("StateEntered"))[1]?.stateEnteredEventDetails?.name;
  const isCaught = exited !== undefined && error !== undefined;
  const hasSucceeded = outcome?.status === "SUCCEEDED" || exited !== undefined;
  const status = retry ? "RETRIABLE" : isCaught ? "CAUGHT_ERROR" : hasSucceeded ? "SUCCEEDED" : "FAILED";
  const handled = error && errorDetails(state, request, error, status);
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
            ...stages,
            variables: JSON.stringify(seen.variables),
            ...(handled ? { errorDetails: handled } : {}),
          },
        }),
  };
}

/** Which retrier or catcher took the error. */
function errorDetails(state: State, request: Request, error: JsonObject, status: string): JsonObject | undefined {
  const thrown = new StatesError(error.error as string | undefined, undefined);
  const indexIn = (handlers: { ErrorEquals: string[] }[] | undefined) =>
    handlers?.findIndex(({ ErrorEquals }) => matches(ErrorEquals, thrown)) ?? -1;
  if (status === "CAUGHT_ERROR") return { catchIndex: indexIn(state.Catch) };
  if (status !== "RETRIABLE") return undefined;
  const retryIndex = indexIn(state.Retry);
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds } = state.Retry?.[retryIndex] ?? {};
  const interval = IntervalSeconds * BackoffRate ** (request.stateConfiguration?.retrierRetryCount ?? 0);
  return { retryIndex, retryBackoffIntervalSeconds: Math.min(interval, MaxDelaySeconds ?? Number.POSITIVE_INFINITY) };
}
