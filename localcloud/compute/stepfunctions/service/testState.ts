// TestState: one state by itself, with as much of its inner workings shown as the caller asks for.
// Source: TestState, API Reference, and "Testing state machines with TestState API" in the Developer Guide.
import type { Definition, State } from "../definition/types.js";
import { describeErrors } from "../definition/validate.js";
import { validateWithResources } from "../integrations/validity.js";
import type { HistoryEvent } from "../interpreter/effects.js";
import type { MapItem } from "../interpreter/items.js";
import { matches } from "../interpreter/machine.js";
import { Payload } from "../interpreter/payload.js";
import { Run } from "../interpreter/run.js";
import { StatesError } from "../language/errors.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { ApiError, validation } from "./errors.js";
import { fileItems } from "./itemFormats.js";
import type { Region } from "./store.js";
import { type Request, readTest } from "./testStateRequest.js";
import { follow, LONGEST_TEST_SECONDS, type Seen } from "./testStateRun.js";
import type { ServiceWorld } from "./world.js";

/** Runs a state once: no retry is waited for, and the transition is reported, not taken. */
export async function testState(region: Region, body: JsonObject, world: ServiceWorld): Promise<JsonObject> {
  const { request, name, state, context } = readTest(body);
  const errors = describeErrors((await validateWithResources(JSON.stringify(alone(name, state, state)))).diagnostics);
  if (errors) throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${errors}'`);
  const input = Payload.read(request.input, object(request.input, "input", true));
  const { mock, stateConfiguration } = request;
  const stages: Record<string, string> = {};
  const run = new Run({
    definition: alone(name, state, mock && state.Type === "Parallel" ? asTask(state) : state, request),
    input,
    context: contextObjects(region, input.value, request.roleArn, world),
    ...(context ? { contextObject: context } : {}),
    region: region.region,
    roleArn: request.roleArn ?? "",
    chance: world.chance,
    timeoutSeconds: LONGEST_TEST_SECONDS,
    newMapRunArn: () => region.arn("mapRun", "TestState/TestState", world.chance.uuid()),
    inspect: (at, stage, text) => {
      if (at === name && !(stage === "result" && state.Type === "Map")) stages[stage] = text;
    },
    ...(mock && state.Type === "Map"
      ? {
          mockedMap: {
            failures: stateConfiguration.mapIterationFailureCount ?? 0,
            ...(stateConfiguration.mapItemReaderData === undefined
              ? {}
              : { readItems: () => readerItems(state, stateConfiguration.mapItemReaderData as string) }),
          },
        }
      : {}),
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

/** The Context object of an execution that there is not. */
function contextObjects(region: Region, input: Json, roleArn: string | undefined, { chance, clock }: ServiceWorld) {
  const [machine, execution] = [chance.uuid(), chance.uuid()];
  return {
    Execution: {
      Id: region.arn("express", machine, execution),
      Input: input,
      Name: execution,
      ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
      StartTime: new Date(clock.now()).toISOString(),
    },
    StateMachine: { Id: region.arn("stateMachine", machine), Name: machine },
  };
}

/** The items in what an ItemReader's source is said to hold. */
function readerItems({ ItemReader }: State, content: string): Promise<MapItem[]> {
  const config = isObject(ItemReader?.ReaderConfig) ? ItemReader.ReaderConfig : {};
  const isListing = ItemReader?.Resource.endsWith(":listObjectsV2") ?? false;
  const textOnly = (): never => {
    throw validation("mapItemReaderData is not supported for data that is not text");
  };
  return fileItems(
    isListing || config.InputType === undefined ? { ...config, InputType: "JSON" } : config,
    Buffer.from(content, "utf8"),
    "mapItemReaderData",
    { parquet: textOnly, zstd: textOnly },
  );
}

/** A machine in which every target of the state ends it, so that a transition can be seen by its target's entry. */
function alone(name: string, state: State, tested: State, request?: Request): Definition {
  const made = request?.stateConfiguration.retrierRetryCount ?? 0;
  const own: State = { ...tested };
  if (state.Retry && made > 0)
    own.Retry = state.Retry.map((retrier) => ({
      ...retrier,
      MaxAttempts: Math.max((retrier.MaxAttempts ?? 3) - made, 0),
    }));
  const States: Record<string, State> = { [name]: own };
  const targets = [
    state.Next,
    state.Default,
    ...(Array.isArray(state.Choices) ? state.Choices : []).map((choice) => choice?.Next),
    ...(Array.isArray(state.Catch) ? state.Catch : []).map((catcher) => catcher?.Next),
  ];
  for (const target of targets) if (typeof target === "string") States[target] ??= { Type: "Succeed" };
  return { StartAt: name, States };
}

/** A Parallel state whose work is mocked, as a task with the same fields around it. */
function asTask({ Branches: _, ...state }: State): State {
  return { ...state, Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage" };
}

/** The one member of an event that holds its details. */
const detailsOf = (event: HistoryEvent): JsonObject =>
  (Object.entries(event).find(([key]) => key.endsWith("EventDetails"))?.[1] as JsonObject | undefined) ?? {};

/** What went wrong in the state, also where it was caught. */
function failureOf({ events, outcome }: Seen): { error?: Json; cause?: Json } | undefined {
  if (outcome?.status === "TIMED_OUT") return { error: "States.Timeout" };
  const failed = events.findLast(
    (event) => /(Failed|TimedOut)$/.test(event.type) && !/^(Map|Parallel)State/.test(event.type),
  );
  return failed && detailsOf(failed);
}

function answer(
  name: string,
  state: State,
  request: Request,
  seen: Seen & { stages: Record<string, string>; variables: JsonObject; caught?: JsonObject },
): JsonObject {
  const { events, outcome, isRetriable, stages } = seen;
  const exited = events.find((event) => event.stateExitedEventDetails?.name === name)?.stateExitedEventDetails;
  const next = events.filter(({ type }) => type.endsWith("StateEntered"))[1]?.stateEnteredEventDetails?.name;
  const error = failureOf(seen);
  const isCaught = exited !== undefined && error !== undefined;
  const hasSucceeded = outcome?.status === "SUCCEEDED" || exited !== undefined;
  const status = isRetriable ? "RETRIABLE" : isCaught ? "CAUGHT_ERROR" : hasSucceeded ? "SUCCEEDED" : "FAILED";
  const handled = error && errorDetails(state, request, error, status);
  return {
    status,
    ...(exited?.output === undefined ? {} : { output: exited.output }),
    ...(error?.error === undefined ? {} : { error: error.error }),
    ...(error?.cause === undefined ? {} : { cause: plain(error.cause) }),
    ...(typeof next === "string" && status !== "FAILED" ? { nextState: next } : {}),
    ...(request.inspectionLevel === "INFO"
      ? {}
      : {
          inspectionData: {
            input: request.input,
            ...inspected(stages),
            ...(Object.keys(seen.variables).length > 0 ? { variables: JSON.stringify(seen.variables) } : {}),
            ...(handled ? { errorDetails: handled } : {}),
          },
        }),
  };
}

/** A cause without the place of the state in an execution. */
const plain = (cause: Json): Json =>
  typeof cause === "string"
    ? cause.replace(/^An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. /s, "")
    : cause;

/** Stages that are numbers, not texts of JSON. */
const NUMBERS = new Set(["maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"]);

const inspected = (stages: Record<string, string>): JsonObject =>
  Object.fromEntries(Object.entries(stages).map(([stage, text]) => [stage, NUMBERS.has(stage) ? Number(text) : text]));

/** Which retrier or catcher took the error, or would have but for its attempts. */
function errorDetails(state: State, request: Request, error: { error?: Json }, status: string): JsonObject | undefined {
  const thrown = new StatesError(error.error as string | undefined, undefined);
  const indexIn = (handlers: { ErrorEquals: string[] }[] | undefined) =>
    handlers?.findIndex(({ ErrorEquals }) => matches(ErrorEquals, thrown)) ?? -1;
  if (status === "CAUGHT_ERROR") return { catchIndex: indexIn(state.Catch) };
  const retryIndex = indexIn(state.Retry);
  if (retryIndex < 0) return undefined;
  if (status !== "RETRIABLE") return { retryIndex };
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds } = state.Retry?.[retryIndex] ?? {};
  const interval = IntervalSeconds * BackoffRate ** (request.stateConfiguration.retrierRetryCount ?? 0);
  return { retryIndex, retryBackoffIntervalSeconds: Math.min(interval, MaxDelaySeconds ?? Number.POSITIVE_INFINITY) };
}
