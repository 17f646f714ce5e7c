// Which variables the states of a definition refer to, as DescribeStateMachine lists them.
import type { JsonObject } from "../language/json.js";
import type { Revision } from "./model.js";

/** Which variables each state refers to. */
export function variableReferences(revision: Revision): JsonObject {
  const references: JsonObject = {};
  const visit = (machine: { States: Record<string, object>; QueryLanguage?: string }, outer: string): void => {
    const language = machine.QueryLanguage ?? outer;
    for (const [name, state] of Object.entries(machine.States)) {
      const { Branches, ItemProcessor, Iterator, QueryLanguage, ...fields } = state as Record<string, never>;
      const found = new Set<string>();
      collect(fields, (QueryLanguage ?? language) === "JSONata", found);
      if (found.size > 0) references[name] = [...found].sort();
      for (const inner of [...((Branches as never[] | undefined) ?? []), ItemProcessor, Iterator])
        if (inner) visit(inner, language);
    }
  };
  visit(revision.definition as never, "JSONPath");
  return references;
}

/** Variables of JSONata expressions that are the service's own or bound inside. */
const NOT_VARIABLES = new Set(["states"]);

function collect(value: unknown, isJsonata: boolean, found: Set<string>): void {
  if (typeof value === "string") {
    const source = isJsonata ? (value.startsWith("{%") ? value : "") : value;
    for (const [, name] of source.matchAll(/(?<![\w$'])\$([A-Za-z_][\w]*)(?!\w*\s*\()/g))
      if (name && !(isJsonata && NOT_VARIABLES.has(name))) found.add(name);
  } else if (Array.isArray(value)) for (const item of value) collect(item, isJsonata, found);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) collect(item, isJsonata, found);
}
