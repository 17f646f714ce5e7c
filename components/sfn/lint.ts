// What Step Functions would refuse, and what it would accept and nobody would want, found before anything is deployed.
import jsonata from "jsonata";
import type { Definition, State, StateGroup } from "./asl.js";

/** Longest name of a state ("States", Step Functions Developer Guide). */
const LONGEST_NAME = 80;
const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/**
 * Everything that is wrong with a state machine, one sentence each with the place; empty when nothing is.
 *
 * Values that are not plain data yet (a resource's outputs) are passed over.
 */
export function lintDefinition(definition: Definition): string[] {
  const names = new Map<string, string>();
  return [...lintGroup(definition, "", names), ...lintExpressions(definition, "")];
}

function lintGroup(group: StateGroup, path: string, names: Map<string, string>): string[] {
  const states = Object.entries(group.States);
  const known = new Set(Object.keys(group.States));
  const where = path === "" ? "the state machine" : path;
  const findings = [
    ...(known.has(group.StartAt) ? [] : [`${where} starts at '${group.StartAt}', which is not one of its states`]),
    ...(states.some(([, state]) => isTerminal(state)) ? [] : [`${where} never ends`]),
    ...[...unreached(group)].map((name) => `${path}${name} is never reached`),
  ];
  for (const [name, state] of states) {
    const at = `${path}${name}`;
    const other = names.get(name);
    if (other !== undefined) findings.push(`${at} has the name of ${other}; names are unique in a state machine`);
    names.set(name, at);
    if (name.length > LONGEST_NAME) findings.push(`${at}: a name has at most ${LONGEST_NAME} characters`);
    findings.push(...lintState(state, known).map((finding) => `${at}: ${finding}`));
    nestedGroups(state).forEach((nested, index) => {
      findings.push(...lintGroup(nested, `${at}/${index}/`, names));
    });
  }
  return findings;
}

function lintState(state: State, known: ReadonlySet<string>): string[] {
  return [
    ...targets(state)
      .filter((target) => !known.has(target))
      .map((target) => `goes to '${target}', which is not there`),
    ...lintTransition(state),
    ...("Retry" in state ? lintErrors("Retry", state.Retry ?? []) : []),
    ...("Catch" in state ? lintErrors("Catch", state.Catch ?? []) : []),
    ...lintKind(state),
  ];
}

function lintTransition(state: State): string[] {
  if (state.Type === "Choice" || state.Type === "Succeed" || state.Type === "Fail") {
    const extra = Object.keys(state).filter((key) => key === "Next" || key === "End");
    return extra.map((key) => `${state.Type} has no ${key}`);
  }
  if (state.Next !== undefined && state.End) return ["has both Next and End"];
  return state.Next === undefined && !state.End ? ["has neither Next nor End"] : [];
}

/** "Error names" and "Retrying after an error", Step Functions Developer Guide. */
function lintErrors(field: "Retry" | "Catch", handlers: readonly { ErrorEquals: string[] }[]): string[] {
  return handlers.flatMap(({ ErrorEquals, ...rest }, at) => {
    const findings: string[] = [];
    const all = ErrorEquals.includes("States.ALL");
    if (ErrorEquals.length === 0) findings.push(`${field} ${at + 1} names no error`);
    if (all && ErrorEquals.length > 1) findings.push(`${field} ${at + 1} names States.ALL beside others`);
    if (all && at < handlers.length - 1) findings.push(`${field} ${at + 1} catches all, so those after it never act`);
    const { BackoffRate, IntervalSeconds, MaxDelaySeconds } = rest as Record<string, number | undefined>;
    if (BackoffRate !== undefined && BackoffRate < 1) findings.push(`${field} ${at + 1}: BackoffRate is at least 1`);
    if (IntervalSeconds !== undefined && IntervalSeconds < 1)
      findings.push(`${field} ${at + 1}: IntervalSeconds is at least 1`);
    if (MaxDelaySeconds !== undefined && MaxDelaySeconds <= (IntervalSeconds ?? 1))
      findings.push(`${field} ${at + 1}: MaxDelaySeconds is more than IntervalSeconds`);
    return findings;
  });
}

function lintKind(state: State): string[] {
  switch (state.Type) {
    case "Task":
      return state.TimeoutSeconds === undefined && /\.sync(:\d+)?$|waitForTaskToken$/.test(state.Resource)
        ? ["waits without a TimeoutSeconds, up to a year"]
        : [];
    case "Parallel":
      return state.Branches.length === 0 ? ["has no branch"] : [];
    case "Choice":
      return [
        ...(state.Choices.length === 0 ? ["has no choice"] : []),
        ...(state.Default === undefined ? ["has no Default, so that no match is States.NoChoiceMatched"] : []),
      ];
    case "Wait":
      return (state.Seconds === undefined) === (state.Timestamp === undefined)
        ? ["waits for either Seconds or a Timestamp"]
        : [];
    default:
      return [];
  }
}

/** Names that a state can go on to. */
function targets(state: State): string[] {
  const caught = "Catch" in state ? (state.Catch ?? []).map(({ Next }) => Next) : [];
  if (state.Type === "Choice")
    return [...state.Choices.map(({ Next }) => Next), ...(state.Default === undefined ? [] : [state.Default])];
  const next = "Next" in state && state.Next !== undefined ? [state.Next] : [];
  return [...next, ...caught];
}

function unreached(group: StateGroup): Set<string> {
  const left = new Set(Object.keys(group.States));
  const ahead = [group.StartAt];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const state = group.States[name];
    if (state && left.delete(name)) ahead.push(...targets(state));
  }
  return left;
}

function isTerminal(state: State): boolean {
  return state.Type === "Succeed" || state.Type === "Fail" || ("End" in state && state.End === true);
}

function nestedGroups(state: State): StateGroup[] {
  if (state.Type === "Parallel") return state.Branches;
  return state.Type === "Map" ? [state.ItemProcessor] : [];
}

/** Every `{% … %}` has to be JSONata; an expression inside a longer text is not evaluated, which is never meant. */
function lintExpressions(value: unknown, path: string): string[] {
  if (typeof value === "string") return lintText(value, path);
  if (Array.isArray(value)) return value.flatMap((item, at) => lintExpressions(item, `${path}[${at}]`));
  if (!isPlainObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => lintExpressions(item, path === "" ? key : `${path}.${key}`));
}

function lintText(text: string, path: string): string[] {
  const [, expression] = EXPRESSION.exec(text) ?? [];
  if (expression === undefined) return text.includes("{%") ? [`${path}: '${text}' is text, not an expression`] : [];
  try {
    jsonata(expression);
    return [];
  } catch (error) {
    return [`${path}: '${text}' is not JSONata: ${(error as Error).message}`];
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
