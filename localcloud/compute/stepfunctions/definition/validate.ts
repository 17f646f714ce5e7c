// Checks a definition before it runs, with the diagnostics that ValidateStateMachineDefinition gives.
// Source: the API's reference, and AWS's answers for the wording.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { JsonTextError, readJson } from "../language/jsonText.js";
import { checkExpress } from "./express.js";
import { allowedFields, belongsToOther, EXCLUSIVE, REQUIRED, STATE_TYPES } from "./fields.js";
import { checkField } from "./fieldValues.js";
import { checkDistributed, checkProcessorConfig } from "./map.js";
import { type Diagnostic, Report } from "./report.js";
import { checkChoices, checkErrorHandling, wrongLanguage } from "./rules.js";
import { checkTransitions } from "./transitions.js";
import type { Definition, QueryLanguage, State } from "./types.js";
import { VariableScope } from "./variables.js";
import { warnOfResult, warnOfText } from "./warnings.js";

/** Bytes of a definition. Source: Step Functions quotas. */
export const MAXIMUM_DEFINITION_BYTES = 1_048_576;
const MAXIMUM_NAME = 80;
/** Branches and processors in each other. AWS has such a bound (`TOO_DEEPLY_NESTED`) and does not tell it. */
const MAXIMUM_DEPTH = 50;
const GROUP_FIELDS = ["Comment", "StartAt", "States"];
const MACHINE_FIELDS = [...GROUP_FIELDS, "QueryLanguage", "TimeoutSeconds", "Version"];
const PROCESSOR_FIELDS = [...GROUP_FIELDS, "ProcessorConfig"];

/** What a whole definition has in common, and where in it a group of states stands. */
interface Context {
  /** The machine's; states may have their own, and groups inside them have the machine's again. */
  language: QueryLanguage;
  /** Names of states seen so far; they are unique in the whole definition. */
  names: Set<string>;
  labels: Set<string>;
  scope: VariableScope | undefined;
  depth: number;
}

/** Parses and checks a definition. The definition is given only when there is no error. */
export function validateDefinition(
  text: string,
  type: "STANDARD" | "EXPRESS" = "STANDARD",
): { definition?: Definition; diagnostics: Diagnostic[] } {
  const report = new Report();
  const { diagnostics } = report;
  let parsed: Json | undefined;
  try {
    parsed = text.trim() === "" ? undefined : readJson(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    diagnostics.push({ severity: "ERROR", code: "INVALID_JSON_DESCRIPTION", ...describe(error) });
    return { diagnostics };
  }
  if (!isObject(parsed)) {
    report.overall("Definition must be a valid JSON object", "SCHEMA_VALIDATION_FAILED");
    return { diagnostics };
  }
  checkMachine(parsed, report);
  if (type === "EXPRESS") checkExpress(parsed, report);
  const isValid = diagnostics.every(({ severity }) => severity !== "ERROR");
  return { ...(isValid ? { definition: parsed as unknown as Definition } : {}), diagnostics };
}

function describe({ message, source, path, duplicate }: JsonTextError): Pick<Diagnostic, "message" | "location"> & {
  code?: string;
} {
  if (duplicate !== undefined && path.at(-1) === "States")
    return {
      code: "DUPLICATE_STATE_NAME",
      message: `Duplicate State name: ${duplicate}`,
      location: new Report().at(...path, duplicate).location,
    };
  return { message: `${message}\n at ${source}`, location: source };
}

/** How InvalidDefinition prints the errors. */
export function describeErrors(diagnostics: Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === "ERROR")
    .map(({ code, message, location }) => `${code}: ${message} at ${location ?? null}`)
    .join(", ");
}

function checkMachine(machine: JsonObject, report: Report): void {
  report.unsupported(Object.keys(machine).filter((field) => !MACHINE_FIELDS.includes(field)));
  const { TimeoutSeconds, Version, QueryLanguage } = machine;
  if (TimeoutSeconds !== undefined) report.at("TimeoutSeconds").number(TimeoutSeconds, 0, Number.MAX_SAFE_INTEGER);
  report.at("Version").oneOf(Version, "1.0");
  report.at("QueryLanguage").oneOf(QueryLanguage, "JSONPath", "JSONata");
  checkStates(machine, report, {
    language: QueryLanguage === "JSONata" ? "JSONata" : "JSONPath",
    names: new Set(),
    labels: new Set(),
    scope: undefined,
    depth: 0,
  });
}

/** The states of a whole definition, a branch or a processor. */
function checkStates(group: JsonObject, report: Report, outer: Context): void {
  report.required(group, "States", "StartAt");
  const { StartAt, States } = group;
  if (StartAt !== undefined && typeof StartAt !== "string") report.at("StartAt").error("Expected value of type String");
  if (States === undefined) return;
  const at = report.at("States");
  if (!isObject(States)) {
    at.error("Expected value of type Object");
    return;
  }
  if (outer.depth > MAXIMUM_DEPTH) {
    at.error("The states are too deeply nested", "TOO_DEEPLY_NESTED");
    return;
  }
  if (Object.keys(States).length === 0) at.error("Value cannot be empty");
  const context = { ...outer, scope: new VariableScope(States, outer.scope) };
  for (const [name, state] of Object.entries(States)) {
    const own = at.at(name);
    if (name === "") own.error("Invalid State name: State name cannot be empty", "INVALID_STATE_NAME");
    if (name.length > MAXIMUM_NAME)
      own.error(
        `Invalid State name: State '${name}' exceeds the ${MAXIMUM_NAME}-character limit allowed by the service`,
        "INVALID_STATE_NAME",
      );
    if (context.names.has(name)) own.error(`Duplicate State name: ${name}`, "DUPLICATE_STATE_NAME");
    context.names.add(name);
    if (isObject(state)) checkState(state, own, context);
    else own.error("Expected value of type Object");
  }
  if (typeof StartAt === "string") checkTransitions(StartAt, States, report);
}

function checkState(state: JsonObject, report: Report, context: Context & { scope: VariableScope }): void {
  const type = state.Type as State["Type"];
  report.required(state, "Type");
  if (state.Type === undefined) return;
  if (!STATE_TYPES.includes(type)) {
    report.at("Type").oneOf(type, ...STATE_TYPES);
    return;
  }
  report.at("QueryLanguage").oneOf(state.QueryLanguage, "JSONPath", "JSONata");
  if (state.QueryLanguage === "JSONPath" && context.language === "JSONata")
    report.error("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  const language = state.QueryLanguage === "JSONata" ? "JSONata" : context.language;
  const allowed = allowedFields(type, language);
  for (const field of Object.keys(state)) {
    if (allowed.has(field)) continue;
    if (belongsToOther(type, field, language)) wrongLanguage(field, language, report);
    else report.unsupported([field]);
  }
  for (const group of REQUIRED[type] ?? [])
    report.exclusive(
      state,
      group.filter((field) => allowed.has(field) || field in state),
      true,
    );
  for (const group of EXCLUSIVE[type] ?? []) report.exclusive(state, group);
  checkEnd(state, type, report);
  for (const [field, value] of Object.entries(state)) checkField(field, value, language, report.at(field), type);
  if (state.Assign !== undefined && allowed.has("Assign")) context.scope.check(state.Assign, report.at("Assign"));
  checkErrorHandling(state, language, report, context.scope);
  if (type === "Choice") checkChoices(state, language, report, context.scope);
  if (type === "Task") checkTask(state, report);
  if (type === "Map") checkMap(state, language, report, context);
  if (type === "Pass" && state.Result !== undefined && language === "JSONPath")
    warnOfResult(state.Result, report.at("Result"));
  if (type === "Fail" && language === "JSONPath")
    for (const field of ["Error", "Cause"]) warnOfText(field, state[field], report.at(field));
  for (const [index, branch] of (Array.isArray(state.Branches) ? state.Branches : []).entries())
    checkGroup(branch, report.at("Branches", index), GROUP_FIELDS, context);
}

/** The states of a branch or a processor. */
function checkGroup(group: Json, report: Report, fields: string[], context: Context): void {
  if (!isObject(group)) {
    report.error("Expected value of type Object");
    return;
  }
  report.unsupported(Object.keys(group).filter((field) => !fields.includes(field)));
  checkStates(group, report, { ...context, depth: context.depth + 1 });
}

function checkEnd(state: JsonObject, type: State["Type"], report: Report): void {
  if (type === "Succeed" || type === "Fail" || type === "Choice") return;
  const { Next, End } = state;
  if (Next === undefined && End !== true)
    report.error("This object should have only one of the following fields: [Next, End]");
  if (Next !== undefined && End === true) report.error("There should only be one of the following fields: [Next, End]");
  if (Next !== undefined && typeof Next !== "string") report.at("Next").error("Expected value of type String");
  if (End !== undefined && typeof End !== "boolean") report.at("End").error("Expected value of type Boolean");
}

function checkTask(state: JsonObject, report: Report): void {
  const { TimeoutSeconds, HeartbeatSeconds, Credentials, Resource } = state;
  if (typeof TimeoutSeconds === "number" && typeof HeartbeatSeconds === "number" && HeartbeatSeconds > TimeoutSeconds)
    report.at("HeartbeatSeconds").error("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  if (Credentials === undefined) return;
  if (typeof Resource === "string" && /^arn:[^:]+:states:[^:]+:[^:]+:activity:/.test(Resource))
    report.at("Credentials").error("The field 'Credentials' is not supported for activities");
  if (isObject(Credentials) && !("RoleArn" in Credentials) && !("RoleArn.$" in Credentials))
    report.at("Credentials").error("The field 'RoleArn' is required but was missing");
}

function checkMap(state: JsonObject, language: QueryLanguage, report: Report, context: Context): void {
  for (const field of ["ItemProcessor", "Iterator"]) {
    const processor = state[field];
    if (processor === undefined) continue;
    const own = report.at(field);
    const mode = isObject(processor) ? checkProcessorConfig(processor, state, own, report) : "INLINE";
    if (mode === "DISTRIBUTED") checkDistributed(state, language, report, context.labels);
    checkGroup(processor, own, PROCESSOR_FIELDS, context);
    if (
      isObject(processor) &&
      isObject(processor.ProcessorConfig) &&
      processor.ProcessorConfig.ExecutionType === "EXPRESS"
    )
      checkExpress(processor, own);
  }
}
