// What Step Functions would refuse, and what it would accept and nobody would want, found before anything is deployed.
import { validateDefinition } from "../../localcloud/compute/stepfunctions/definition/validate.js";
import type { Definition, State, StateGroup } from "./asl.js";

/**
 * Everything that is wrong with a state machine, one sentence each with the place; empty when nothing is. What Step Functions
 * refuses is in its own words.
 *
 * Values that are not plain data yet (a resource's outputs) are passed over.
 */
export function lintDefinition(definition: Definition): string[] {
  const { diagnostics } = validateDefinition(JSON.stringify(settled(definition)));
  const refused = diagnostics
    .filter(({ severity }) => severity === "ERROR")
    .map(({ message, location }) => (location ? `${location}: ${message}` : message));
  return [...refused, ...lintGroup(definition, "")];
}

function lintGroup(group: StateGroup, path: string): string[] {
  return Object.entries(group.States).flatMap(([name, state]) => {
    const at = `${path}/States/${name}`;
    return [
      ...lintState(state).map((finding) => `${at}: ${finding}`),
      ...nestedGroups(state).flatMap(([place, nested]) => lintGroup(nested, `${at}/${place}`)),
    ];
  });
}

/** What is allowed and never meant. */
function lintState(state: State): string[] {
  if (state.Type === "Task")
    return state.TimeoutSeconds === undefined && /\.sync(:\d+)?$|waitForTaskToken$/.test(state.Resource)
      ? ["waits without a TimeoutSeconds, up to a year"]
      : [];
  if (state.Type === "Choice")
    return state.Default === undefined ? ["has no Default, so that no match is States.NoChoiceMatched"] : [];
  return [];
}

function nestedGroups(state: State): [place: string, group: StateGroup][] {
  if (state.Type === "Parallel") return state.Branches.map((branch, index) => [`Branches[${index}]`, branch]);
  return state.Type === "Map" ? [["ItemProcessor", state.ItemProcessor]] : [];
}

/** The definition with something valid in every place whose value is not known yet. */
function settled(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => settled(item, key));
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype)
    return key === "Resource" ? "arn:aws:states:::sqs:sendMessage" : "{% 1 %}";
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, settled(item, name)]));
}
