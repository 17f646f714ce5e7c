// Checks a definition before it runs, with the diagnostics that ValidateStateMachineDefinition gives.
// Source: the API's reference, and answers recorded on AWS for the wording.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { checkExpress } from "./express.js";
import { allowedFields, belongsToOther, EXCLUSIVE, REQUIRED, STATE_TYPES } from "./fields.js";
import { checkField, checkTemplate } from "./fieldValues.js";
import { type Diagnostic, Report } from "./report.js";
import { checkChoices, checkErrorHandling } from "./rules.js";
import type { Definition, QueryLanguage, State } from "./types.js";

const MACHINE_FIELDS = new Set([
  "Comment",
  "StartAt",
  "States",
  "QueryLanguage",
  "TimeoutSeconds",
  "Version",
  "ProcessorConfig",
]);
const MAXIMUM_NAME = 80;

/** Parses and checks a definition. The definition is given only when there is no error. */
export function validateDefinition(
  text: string,
  type: "STANDARD" | "EXPRESS" = "STANDARD",
): { definition?: Definition; diagnostics: Diagnostic[] } {
  const report = new Report();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    report.error(`Invalid JSON: ${(error as Error).message}`, "INVALID_JSON_DESCRIPTION");
    return { diagnostics: report.diagnostics };
  }
  if (!isObject(parsed)) report.error("The definition must be a JSON object", "INVALID_JSON_DESCRIPTION");
  else {
    checkMachine(parsed, "JSONPath", report, new Set());
    if (type === "EXPRESS") checkExpress(parsed, report);
  }
  const isValid = report.diagnostics.every((diagnostic) => diagnostic.severity !== "ERROR");
  return { ...(isValid ? { definition: parsed as unknown as Definition } : {}), diagnostics: report.diagnostics };
}

/** How InvalidDefinition prints the first errors. */
export function describeErrors(diagnostics: Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === "ERROR")
    .map(({ code, message, location }) => `${code}: ${message}${location ? ` at ${location}` : ""}`)
    .join(", ");
}

/** A whole definition, a branch or a processor. */
function checkMachine(machine: JsonObject, outer: QueryLanguage, report: Report, names: Set<string>): void {
  const language = languageOf(machine, outer, report);
  for (const field of Object.keys(machine))
    if (!MACHINE_FIELDS.has(field)) report.at(field).error(`The field '${field}' is not supported by Step Functions`);
  if (
    machine.TimeoutSeconds !== undefined &&
    !(Number.isInteger(machine.TimeoutSeconds) && (machine.TimeoutSeconds as number) > 0)
  )
    report.at("TimeoutSeconds").error("Expected value of type Integer greater than 0");
  const { StartAt, States } = machine;
  if (typeof StartAt !== "string") report.error("The field 'StartAt' is required but was missing");
  if (!isObject(States)) {
    report.error("The field 'States' is required but was missing");
    return;
  }
  if (Object.keys(States).length === 0) report.at("States").error("At least one state is required");
  for (const [name, state] of Object.entries(States)) {
    const own = report.at("States", name);
    if (name.length > MAXIMUM_NAME) own.error(`The state's name is longer than ${MAXIMUM_NAME} characters`);
    if (names.has(name)) own.error(`The state name '${name}' is used more than once`, "DUPLICATE_STATE_NAME");
    names.add(name);
    if (isObject(state)) checkState(state, language, own, names);
    else own.error("Expected value of type Object");
  }
  if (typeof StartAt === "string") checkTransitions(StartAt, States, report);
}

function languageOf(holder: JsonObject, outer: QueryLanguage, report: Report): QueryLanguage {
  const { QueryLanguage } = holder;
  if (QueryLanguage === undefined) return outer;
  if (QueryLanguage !== "JSONPath" && QueryLanguage !== "JSONata") {
    report.at("QueryLanguage").error("Value is not valid. Expected one of: JSONPath, JSONata");
    return outer;
  }
  if (QueryLanguage === "JSONPath" && outer === "JSONata")
    report
      .at("QueryLanguage")
      .error("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  return QueryLanguage;
}

function checkState(state: JsonObject, outer: QueryLanguage, report: Report, names: Set<string>): void {
  const type = state.Type as State["Type"];
  if (state.Type === undefined) {
    report.error("The field 'Type' is required but was missing");
    return;
  }
  if (!STATE_TYPES.includes(type)) {
    report.at("Type").error(`Value is not valid. Expected one of: ${STATE_TYPES.join(", ")}`);
    return;
  }
  const language = languageOf(state, outer, report);
  const allowed = allowedFields(type, language);
  for (const field of Object.keys(state)) {
    if (allowed.has(field)) continue;
    if (belongsToOther(type, field, language))
      report.at(field).error(`The field '${field}' is not supported when QueryLanguage is '${language}'`);
    else report.at(field).error(`Field is not supported in a ${type} state`);
  }
  for (const group of REQUIRED[type] ?? []) {
    const present = group.filter((field) => field in state);
    const usable = group.filter((field) => allowed.has(field));
    if (present.length === 0) report.error(`The field '${usable.join("' or '")}' is required but was missing`);
    if (present.length > 1) report.error(`Only one of the fields ${present.join(", ")} may be given`);
  }
  for (const group of EXCLUSIVE[type] ?? [])
    if (group.filter((field) => field in state).length > 1)
      report.error(`Only one of the fields ${group.join(", ")} may be given`);
  checkEnd(state, type, report);
  for (const [field, value] of Object.entries(state)) checkField(field, value, language, report.at(field), type);
  checkErrorHandling(state, language, report);
  if (type === "Choice") checkChoices(state, language, report);
  for (const [index, branch] of (Array.isArray(state.Branches) ? state.Branches : []).entries())
    if (isObject(branch)) checkMachine(branch, language, report.at("Branches", index), names);
    else report.at("Branches", index).error("Expected value of type Object");
  for (const field of ["ItemProcessor", "Iterator"]) {
    const processor = state[field];
    if (isObject(processor)) checkProcessor(processor, state, language, report.at(field), names);
    else if (processor !== undefined && allowed.has(field)) report.at(field).error("Expected value of type Object");
  }
}

function checkEnd(state: JsonObject, type: State["Type"], report: Report): void {
  if (type === "Succeed" || type === "Fail" || type === "Choice") return;
  const { Next, End } = state;
  if (Next === undefined && End !== true) report.error("The field 'Next' or 'End' is required but was missing");
  if (Next !== undefined && End === true) report.error("Only one of the fields Next, End may be given");
  if (Next !== undefined && typeof Next !== "string") report.at("Next").error("Expected value of type String");
}

/** Fields that only a Distributed Map has. */
const DISTRIBUTED_ONLY = ["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

function checkProcessor(
  processor: JsonObject,
  state: JsonObject,
  language: QueryLanguage,
  report: Report,
  names: Set<string>,
): void {
  const config: Json = processor.ProcessorConfig ?? {};
  const mode = isObject(config) ? (config.Mode ?? "INLINE") : undefined;
  if (mode !== "INLINE" && mode !== "DISTRIBUTED")
    report.at("ProcessorConfig", "Mode").error("Value is not valid. Expected one of: INLINE, DISTRIBUTED");
  if (mode === "DISTRIBUTED" && isObject(config) && config.ExecutionType === undefined)
    report.at("ProcessorConfig").error("The field 'ExecutionType' is required but was missing");
  if (mode === "INLINE")
    for (const field of DISTRIBUTED_ONLY)
      if (field in state)
        report.error(`The field '${field}' is only supported in a Map state whose mode is DISTRIBUTED`);
  if (isObject(state.ItemReader))
    checkTemplate(state.ItemReader.Parameters ?? state.ItemReader.Arguments ?? {}, language, report.at("ItemReader"));
  checkMachine(processor, language, report, names);
  if (isObject(config) && config.ExecutionType === "EXPRESS") checkExpress(processor, report);
}

/** Targets must exist, and every state must be reached. */
function checkTransitions(start: string, states: JsonObject, report: Report): void {
  if (!Object.hasOwn(states, start)) {
    report.at("StartAt").error(`Missing 'StartAt' target: ${start}`, "MISSING_TRANSITION_TARGET");
    return;
  }
  const hasEnd = Object.values(states).some(isTerminal);
  const reached = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const state = states[name];
    if (!isObject(state)) continue;
    for (const [path, target] of targets(state)) {
      if (Object.hasOwn(states, target)) waiting.push(target);
      else report.at("States", name, ...path).error(`Missing 'Next' target: ${target}`, "MISSING_TRANSITION_TARGET");
    }
  }
  if (!hasEnd) {
    new Report(report.diagnostics).error("Workflow has no terminal state", "MISSING_END_STATE");
    return;
  }
  for (const name of Object.keys(states))
    if (!reached.has(name))
      report.at("States", name).error(`State "${name}" is not reachable.`, "MISSING_TRANSITION_TARGET");
}

/** A state whose kind the definition gets wrong is reported for that, not for leading nowhere. */
const isTerminal = (state: Json): boolean =>
  !isObject(state) ||
  state.Type === "Succeed" ||
  state.Type === "Fail" ||
  (state.Type !== "Choice" && state.Next === undefined);

function* targets(state: JsonObject): Generator<[(string | number)[], string]> {
  if (typeof state.Next === "string") yield [["Next"], state.Next];
  if (typeof state.Default === "string") yield [["Default"], state.Default];
  for (const field of ["Choices", "Catch"])
    for (const [index, entry] of (Array.isArray(state[field]) ? (state[field] as Json[]) : []).entries())
      if (isObject(entry) && typeof entry.Next === "string") yield [[field, index, "Next"], entry.Next];
}
