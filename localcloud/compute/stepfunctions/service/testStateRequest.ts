// What TestState is asked, and what it refuses. Source: TestState, API Reference, and AWS's answers for the wording.
import { z } from "zod";
import type { Definition, State } from "../definition/types.js";
import { MAXIMUM_PAYLOAD_BYTES } from "../interpreter/machine.js";
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { JsonTextError, readJson } from "../language/jsonText.js";
import { ApiError, validation } from "./errors.js";

const Data = z.string().max(MAXIMUM_PAYLOAD_BYTES);
const StateName = z.string().min(1).max(80);

export const Request = z.object({
  definition: z.string(),
  roleArn: z.string().optional(),
  input: Data.default("{}"),
  inspectionLevel: z.enum(["INFO", "DEBUG", "TRACE"]).default("INFO"),
  revealSecrets: z.boolean().default(false),
  variables: Data.optional(),
  stateName: StateName.optional(),
  mock: z
    .object({
      result: Data.optional(),
      errorOutput: z
        .object({ error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() })
        .optional(),
      fieldValidationMode: z.enum(["STRICT", "PRESENT", "NONE"]).optional(),
    })
    .optional(),
  context: Data.optional(),
  stateConfiguration: z
    .object({
      retrierRetryCount: z.number().int().min(0).optional(),
      errorCausedByState: StateName.optional(),
      mapIterationFailureCount: z.number().int().min(0).optional(),
      mapItemReaderData: Data.optional(),
    })
    .default({}),
});
export type Request = z.infer<typeof Request>;

/** A request that was checked. */
export interface Test {
  request: Request;
  name: string;
  state: State;
  /** The Context object, where it is given. */
  context?: JsonObject;
}

/** States that a single definition has no name for are called this. */
const NAMELESS = "StateName";
const PENDING = /\.(sync(:2)?|waitForTaskToken)$/;

/** @throws ApiError InvalidDefinition, ValidationException */
export function readTest(body: unknown): Test {
  const request = Request.parse(body);
  const { name, state } = stateOf(request);
  const { mock } = request;
  const isGroup = state.Type === "Map" || state.Type === "Parallel";
  if (mock) checkMock(request, state);
  else if (isGroup)
    throw unsupported(
      "does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
    );
  else if (state.Type === "Task" && PENDING.test(state.Resource ?? ""))
    throw unsupported("does not support '.sync' or '.waitForTaskToken' integration patterns.");
  else if (state.Type === "Task" && state.Resource?.includes(":activity:"))
    throw unsupported("does not support Activity tasks.");
  if (request.context !== undefined && !mock)
    throw validation("A Context object can only be specified when a mock is specified");
  if (state.Type === "Task" && !mock && request.roleArn === undefined)
    throw validation("The roleArn is required to test a Task state");
  checkConfiguration(request, state);
  return {
    request,
    name,
    state,
    ...(request.context === undefined ? {} : { context: contextOf(request.context, state) }),
  };
}

const unsupported = (what: string): ApiError => new ApiError("InvalidDefinition", `TestState API ${what}`);

function stateOf({ definition, stateName }: Request): { name: string; state: State } {
  let parsed: unknown;
  try {
    parsed = readJson(definition);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new ApiError(
      "InvalidDefinition",
      `Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: ${error.message}\n at ${error.source} at ${error.source}'`,
    );
  }
  if (!isObject(parsed)) throw new ApiError("InvalidDefinition", "Definition must be a valid JSON object");
  const machine = parsed as Partial<Definition> & Partial<State>;
  if (!machine.States) return { name: NAMELESS, state: machine as State };
  const found = stateName === undefined ? undefined : find(machine.States, stateName);
  if (stateName === undefined || !found) throw validation("stateName must name a state of the definition");
  const language = found.QueryLanguage ?? machine.QueryLanguage;
  return { name: stateName, state: { ...(language ? { QueryLanguage: language } : {}), ...found } };
}

/** A state of that name, at any depth. */
function find(states: Record<string, State>, name: string): State | undefined {
  if (Object.hasOwn(states, name)) return states[name];
  for (const state of Object.values(states))
    for (const group of groupsOf(state)) {
      const found = find(group.States, name);
      if (found) return found;
    }
  return undefined;
}

const groupsOf = ({ Branches = [], ItemProcessor, Iterator }: State) =>
  [...Branches, ItemProcessor, Iterator].filter((group) => group !== undefined);

function checkMock({ mock, revealSecrets }: Request, state: State): void {
  if (!["Task", "Map", "Parallel"].includes(state.Type))
    throw validation(`State type '${state.Type}' is not supported when a mock is specified`);
  const { result, errorOutput } = mock ?? {};
  if ((result === undefined) === (errorOutput === undefined))
    throw validation("A test mock should have only one of the following fields: [result, errorOutput].");
  if (revealSecrets) throw validation("TestState does not support RevealSecrets when a mock is specified.");
  if (errorOutput && errorOutput.error === undefined)
    throw validation("The field 'error' is required where a mock has an errorOutput.");
  if (result === undefined) return;
  let value: Json;
  try {
    value = JSON.parse(result) as Json;
  } catch {
    throw validation("Mocked result must be valid JSON");
  }
  const isList = state.Type === "Parallel" || (state.Type === "Map" && state.ResultWriter === undefined);
  if (isList && !Array.isArray(value)) throw validation("Mocked result must be an array.");
  if (state.Type === "Map" && !isList && !isObject(value)) throw validation("Mocked result must be a JSON object.");
  if (state.Type === "Parallel" && (value as Json[]).length !== state.Branches?.length)
    throw validation("Mocked result must contain the same number of items as number of Parallel branches.");
}

/** Each setting belongs to a kind of state. */
function checkConfiguration({ stateConfiguration, mock }: Request, state: State): void {
  const { errorCausedByState, mapIterationFailureCount, mapItemReaderData } = stateConfiguration;
  if ((mapIterationFailureCount !== undefined || mapItemReaderData !== undefined) && state.Type !== "Map")
    throw validation("mapIterationFailureCount and mapItemReaderData can only be specified for a Map state");
  if (mapItemReaderData !== undefined && !state.ItemReader)
    throw validation("mapItemReaderData can only be specified for a Map state with an ItemReader");
  if (errorCausedByState === undefined) return;
  if (!mock?.errorOutput || !groupsOf(state).some((group) => find(group.States, errorCausedByState)))
    throw validation(
      `errorCausedByState must name a state inside of a Map or Parallel state whose error is mocked: '${errorCausedByState}'`,
    );
}

/** Members of the Context object that may be given, with their members. */
const CONTEXT: Record<string, string[]> = {
  Execution: ["Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"],
  State: ["EnteredTime", "Name", "RetryCount"],
  StateMachine: ["Id", "Name"],
  Task: ["Token"],
};
/** Members that are not texts. */
const NOT_TEXT = new Set(["Execution.Input", "Execution.RedriveCount", "State.RetryCount"]);

function contextOf(text: string, state: State): JsonObject {
  const refuse = (reason: string): never => {
    throw validation(`Invalid Context object provided: ${reason}`);
  };
  let context: Json;
  try {
    context = JSON.parse(text) as Json;
  } catch {
    return refuse("it must be valid JSON");
  }
  if (!isObject(context)) return refuse("it must be a JSON object");
  for (const [name, value] of Object.entries(context)) {
    if (name === "Map") refuse("'Map' field is not supported when mocking a Context object");
    const members = CONTEXT[name];
    if (!members) return refuse(`Field '${name}' is not allowed`);
    if (!isObject(value)) return refuse(`${name} must be a JSON object`);
    for (const [member, content] of Object.entries(value)) {
      if (!members.includes(member)) refuse(`Field '${member}' is not allowed`);
      if (!NOT_TEXT.has(`${name}.${member}`) && typeof content !== "string")
        refuse(`${name}.${member} must be a string`);
    }
  }
  if ("Task" in context && !(state.Type === "Task" && PENDING.test(state.Resource ?? "")))
    refuse(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    );
  return context;
}
