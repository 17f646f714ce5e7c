// The way through a machine's states, and what every state has in common: entering, failing, retrying, catching, leaving.
import type { Catcher, Retrier, State } from "../definition/types.js";
import { QueryEvaluationError, StatesError } from "../language/errors.js";
import type { Json, JsonObject } from "../language/json.js";
import { sizeOf } from "../language/json.js";
import { evaluateTemplate } from "../language/jsonata.js";
import { Visit } from "./fields.js";
import type { Checkpoint, Frame } from "./frame.js";
import { Payload } from "./payload.js";
import { errorDetails, type Run } from "./run.js";
import { execute } from "./states/index.js";

/** Payloads of states, tasks and executions end at so many bytes. Source: Step Functions quotas. */
export const MAXIMUM_PAYLOAD_BYTES = 262_144;

/** Goes from state to state until one ends the machine. @throws StatesError */
export async function runMachine(run: Run, frame: Frame, input: Payload): Promise<Payload> {
  let name = frame.machine.StartAt;
  let data = input;
  const resume = frame.resume;
  frame.resume = undefined;
  if (resume) {
    name = resume.state;
    data = Payload.read(resume.input.text, resume.input.value);
  }
  for (let isFirst = true; ; isFirst = false) {
    const state = frame.machine.States[name] as State;
    const left = await runState(run, frame, name, state, data, isFirst ? resume : undefined);
    data = left.output;
    if (left.next === undefined) return data;
    name = left.next;
    await pause(run, frame);
  }
}

/** So many states follow each other before the world has a turn: an execution that goes round for ever holds up no other. */
const STATES_IN_A_ROW = 2000;

async function pause(run: Run, frame: Frame): Promise<void> {
  run.statesInARow += 1;
  if (run.statesInARow < STATES_IN_A_ROW) return;
  run.statesInARow = 0;
  await run.perform(frame.scope, { kind: "timer", atMs: run.nowMs });
}

/** How a state's work ended: its result, before `ResultSelector` and the rest, or its output where the type has no such fields. */
export interface Result {
  payload: Payload;
  /** Choice states name the next state. */
  next?: string | undefined;
  /** Fields of the rule that was chosen, which stand in for the state's. */
  fields?: { Assign?: JsonObject; Output?: Json };
  /** The event whose number the exit refers to, where it is not the last one. */
  exitAfter?: number;
}

/** Types whose work has a result of its own. */
const RESULT_TYPES = new Set<State["Type"]>(["Task", "Pass", "Parallel", "Map"]);

interface Left {
  output: Payload;
  next: string | undefined;
}

async function runState(
  run: Run,
  frame: Frame,
  name: string,
  state: State,
  input: Payload,
  resume: Checkpoint | undefined,
): Promise<Left> {
  const visit = new Visit(run, frame, name, state, input);
  frame.current = { state: name, input, children: [] };
  if (resume) visit.enteredEventId = frame.cursor.last;
  else
    visit.enteredEventId = run.emit(
      frame.cursor,
      `${state.Type}StateEntered`,
      { stateEnteredEventDetails: { name, input: input.text, inputDetails: { truncated: false } } },
      { scope: frame.scope },
    );
  const attempts = new Map<Retrier, number>();
  const open = { type: `${state.Type}State`, details: {}, cursor: frame.cursor };
  const isAbortable =
    state.Type === "Task" || state.Type === "Wait" || state.Type === "Parallel" || state.Type === "Map";
  if (isAbortable) frame.scope.open.push(open);
  for (let redriven = resume; ; redriven = undefined) {
    try {
      const result = await execute(visit, redriven);
      if (RESULT_TYPES.has(state.Type)) visit.inspect("result", result.payload);
      const left = await leave(visit, result);
      if (isAbortable) frame.scope.open.splice(frame.scope.open.indexOf(open), 1);
      return left;
    } catch (thrown) {
      if (!(thrown instanceof StatesError)) throw thrown;
      const error = located(thrown, visit);
      if (error instanceof QueryEvaluationError) recordEvaluationFailure(visit, error, thrown);
      const retrier = state.Retry?.find((candidate) => matches(candidate.ErrorEquals, error));
      const made = retrier ? (attempts.get(retrier) ?? 0) : 0;
      if (retrier && made < (retrier.MaxAttempts ?? 3)) {
        attempts.set(retrier, made + 1);
        await run.perform(frame.scope, {
          kind: "timer",
          atMs: run.nowMs + delayMs(retrier, made, run.options.chance.random),
        });
        visit.retryCount += 1;
        continue;
      }
      if (error.error !== "States.Runtime") recordFailure(visit);
      const catcher = state.Catch?.find((candidate) => matches(candidate.ErrorEquals, error));
      if (isAbortable) frame.scope.open.splice(frame.scope.open.indexOf(open), 1);
      if (!catcher) throw error;
      return await caught(visit, catcher, error);
    }
  }
}

/** Whether a retrier or catcher names the error. Source: "Handling errors in Step Functions workflows". */
export function matches(names: string[], error: StatesError): boolean {
  return names.some((name) => {
    if (name === "States.ALL") return error.error !== "States.Runtime";
    if (name === "States.TaskFailed") return error.error !== "States.Timeout";
    return name === error.error || (error.aliases?.includes(name) ?? false);
  });
}

/** Milliseconds to wait before the attempt after `made` attempts. */
export function delayMs(retrier: Retrier, made: number, random: () => number): number {
  const interval = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** made;
  const seconds = Math.min(interval, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round((retrier.JitterStrategy === "FULL" ? random() * seconds : seconds) * 1000);
}

const UNLOCATED = new Set([
  "States.Runtime",
  "States.QueryEvaluationError",
  "States.IntrinsicFailure",
  "States.NoChoiceMatched",
]);

/** The error with the state's name in its cause, where it arose in this state's own fields. */
function located(error: StatesError, visit: Visit): StatesError {
  if (error.isLocated || error.error === undefined || !UNLOCATED.has(error.error) || error.cause === undefined)
    return error;
  const prefix = `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEventId}). `;
  const located =
    error instanceof QueryEvaluationError
      ? new QueryEvaluationError(prefix + error.cause, error.field)
      : new StatesError(error.error, prefix + error.cause);
  located.isLocated = true;
  return located;
}

function recordEvaluationFailure(visit: Visit, error: QueryEvaluationError, thrown: StatesError): void {
  if (thrown.isLocated) return;
  const { cursor, scope } = visit.frame;
  // The service evaluates a field before it records what led to it, a Wait's time after.
  const previous = visit.state.Type === "Wait" ? cursor.last : cursor.previous;
  visit.run.emitAfter(
    previous,
    cursor,
    "EvaluationFailed",
    {
      evaluationFailedEventDetails: {
        ...errorDetails(error.error, error.cause),
        ...(error.field === undefined ? {} : { location: error.field }),
        state: visit.name,
      },
    },
    scope,
  );
}

/** Parallel and Map states record their own failure, once no retry is left. */
function recordFailure({ state, run, frame }: Visit): void {
  if (state.Type === "Parallel" || state.Type === "Map")
    run.emit(frame.cursor, `${state.Type}StateFailed`, {}, { scope: frame.scope });
}

async function caught(visit: Visit, catcher: Catcher, error: StatesError): Promise<Left> {
  const errorOutput = { Error: error.error ?? "", Cause: error.cause ?? "" };
  const extra = { errorOutput };
  const assigned = await assignments(visit, catcher.Assign, errorOutput, extra);
  const output = visit.isJsonata
    ? catcher.Output === undefined
      ? Payload.of(errorOutput)
      : Payload.of(await evaluateTemplate(catcher.Output, "Output", visit.bindings(extra)))
    : visit.withResult(catcher.ResultPath, Payload.of(errorOutput));
  exit(visit, output, assigned);
  return { output, next: catcher.Next };
}

/** From a result to the state's output: `ResultSelector`, `Assign`, `ResultPath`, `OutputPath`, or `Assign` and `Output`. */
async function leave(visit: Visit, result: Result): Promise<Left> {
  const { state } = visit;
  const fields = result.fields ?? state;
  const next = result.next ?? state.Next;
  let output: Payload;
  let assigned: Assignment[];
  if (visit.isJsonata) {
    const hasResult = state.Type === "Task" || state.Type === "Parallel" || state.Type === "Map";
    const extra: JsonObject = hasResult ? { result: result.payload.value } : {};
    assigned = await assignments(visit, fields.Assign, result.payload.value, extra);
    output =
      fields.Output === undefined
        ? result.payload
        : Payload.of(await evaluateTemplate(fields.Output, "Output", visit.bindings(extra)));
  } else {
    const selected =
      state.ResultSelector === undefined
        ? result.payload
        : visit.inspect("afterResultSelector", Payload.of(visit.template(state.ResultSelector, result.payload.value)));
    assigned = await assignments(visit, fields.Assign, selected.value, {});
    const hasResultPath = state.Type !== "Choice" && state.Type !== "Wait" && state.Type !== "Succeed";
    const combined = hasResultPath
      ? visit.inspect("afterResultPath", visit.withResult(state.ResultPath, selected))
      : selected;
    output = visit.atPath(state.OutputPath, combined, "OutputPath");
  }
  if (sizeOf(output.text) > MAXIMUM_PAYLOAD_BYTES) throw tooLarge(visit.name);
  exit(visit, output, assigned, result.exitAfter);
  return { output, next };
}

export const tooLarge = (name: string): StatesError =>
  new StatesError(
    "States.DataLimitExceeded",
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );

/** A variable's new value, and its JSON. */
interface Assignment {
  variable: string;
  value: Json;
  text: string;
  bytes: number;
}

/** All variables of an execution together end at so many bytes, those of one `Assign` as payloads do. Source: "Variables", Limits. */
const MAXIMUM_VARIABLES_BYTES = 10 * 1024 * 1024;

/** What an `Assign` gives its variables. @throws StatesError `States.DataLimitExceeded` for more than they may hold */
async function assignments(
  visit: Visit,
  assign: JsonObject | undefined,
  data: Json,
  extra: JsonObject,
): Promise<Assignment[]> {
  const values = await visit.assignments(assign, data, extra);
  const assigned = Object.entries(values ?? {}).map(([variable, value]) => {
    const text = JSON.stringify(value);
    return { variable, value, text, bytes: sizeOf(text) };
  });
  if (assigned.reduce((sum, { bytes }) => sum + bytes, 0) > MAXIMUM_PAYLOAD_BYTES)
    throw variablesTooLarge(`The state '${visit.name}' assigned`, MAXIMUM_PAYLOAD_BYTES);
  const sizes = assigned.map(({ variable, bytes }): [string, number] => [variable, bytes]);
  if (visit.frame.variables.bytesWith(sizes) > MAXIMUM_VARIABLES_BYTES)
    throw variablesTooLarge(`With the state '${visit.name}' the execution stored`, MAXIMUM_VARIABLES_BYTES);
  return assigned;
}

const variablesTooLarge = (what: string, most: number): StatesError =>
  new StatesError(
    "States.DataLimitExceeded",
    `${what} variables with a size exceeding the maximum number of bytes service limit (${most}).`,
  );

function exit(visit: Visit, output: Payload, assigned: Assignment[], exitAfter?: number): void {
  const { run, frame, state, name } = visit;
  const details = {
    name,
    output: output.text,
    outputDetails: { truncated: false },
    ...(assigned.length === 0
      ? {}
      : {
          assignedVariables: Object.fromEntries(assigned.map(({ variable, text }) => [variable, text])),
          assignedVariablesDetails: { truncated: false },
        }),
  };
  if (exitAfter === undefined)
    run.emit(frame.cursor, `${state.Type}StateExited`, { stateExitedEventDetails: details }, { scope: frame.scope });
  else
    run.emitAfter(
      exitAfter,
      frame.cursor,
      `${state.Type}StateExited`,
      { stateExitedEventDetails: details },
      frame.scope,
    );
  for (const { variable, value, bytes } of assigned) frame.variables.set(variable, value, bytes);
}
