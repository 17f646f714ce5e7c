// The ways from state to state: targets must exist, every state must be reached, and something must end the machine.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import type { Report } from "./report.js";
import type { State } from "./types.js";

/** Checks the transitions of a machine, a branch or a processor. */
export function checkTransitions(start: string, states: JsonObject, report: Report): void {
  const missing = (target: string, at: Report) =>
    at.error(`Missing 'Next' target: ${target}`, "MISSING_TRANSITION_TARGET");
  if (!Object.hasOwn(states, start)) missing(start, report.at("StartAt"));
  const reached = new Set<string>();
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = states[name];
    if (reached.has(name) || !Object.hasOwn(states, name) || !isObject(state)) continue;
    reached.add(name);
    for (const [path, target] of targets(state)) {
      if (Object.hasOwn(states, target)) waiting.push(target);
      else missing(target, report.at("States", name, ...path));
    }
  }
  if (!Object.values(states).some(isTerminal)) {
    report.overall("Workflow has no terminal state", "MISSING_END_STATE");
    return;
  }
  for (const [name, state] of Object.entries(states))
    if (!reached.has(name) && isObject(state))
      report.at("States", name).error(`State "${name}" is not reachable.`, "MISSING_TRANSITION_TARGET");
}

/** A state whose kind the definition gets wrong is reported for that, not for leading nowhere. */
const isTerminal = (state: Json): boolean =>
  !isObject(state) ||
  state.Type === "Succeed" ||
  state.Type === "Fail" ||
  ((state.Type as State["Type"]) !== "Choice" && state.Next === undefined);

function* targets(state: JsonObject): Generator<[(string | number)[], string]> {
  if (typeof state.Next === "string") yield [["Next"], state.Next];
  if (typeof state.Default === "string") yield [["Default"], state.Default];
  for (const field of ["Choices", "Catch"])
    for (const [index, entry] of (Array.isArray(state[field]) ? (state[field] as Json[]) : []).entries())
      if (isObject(entry) && typeof entry.Next === "string") yield [[field, index, "Next"], entry.Next];
}
