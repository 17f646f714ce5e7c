// Names that `Assign` gives to variables, and the scopes they belong to.
// Source: "Passing data between states with variables" in the Developer Guide, and AWS's answers for the wording.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import type { Report } from "./report.js";

const MAXIMUM_NAME = 80;
/** As Unicode has identifiers. */
const NAME = /^\p{ID_Start}\p{ID_Continue}*$/u;

/** The states of a machine, a branch or a processor, and the variables that they and those around them assign. */
export class VariableScope {
  private readonly names = new Set<string>();

  constructor(
    states: JsonObject,
    private readonly outer: VariableScope | undefined,
  ) {
    for (const state of Object.values(states))
      if (isObject(state))
        for (const assign of assignsIn(state)) for (const name of Object.keys(assign)) this.names.add(bare(name));
  }

  private assigns(name: string): boolean {
    return this.names.has(name) || (this.outer?.assigns(name) ?? false);
  }

  /** Checks the names in one `Assign`. */
  check(assign: Json, report: Report): void {
    if (!isObject(assign)) {
      report.error("Expected value of type Object");
      return;
    }
    for (const key of Object.keys(assign)) {
      const name = bare(key);
      const own = report.at(key);
      if (name === "states") own.error("Cannot assign to reserved variable '$states'.", "RESERVED_VARIABLE_NAME");
      else if (name.length > MAXIMUM_NAME)
        own.error(
          `Invalid variable name '${name}': the variable name exceeds the ${MAXIMUM_NAME}-character limit allowed by the service.`,
          "INVALID_VARIABLE_NAME",
        );
      else if (!NAME.test(name))
        own.error(
          `Invalid variable name '${name}': the variable name contains invalid characters.`,
          "INVALID_VARIABLE_NAME",
        );
      else if (this.outer?.assigns(name))
        own.error(`The variable name '${name}' was already defined in a parent scope.`, "DUPLICATE_VARIABLE_NAME");
    }
  }
}

/** In JSONPath states the name of a field that holds a path ends in `.$`. */
const bare = (key: string): string => (key.endsWith(".$") ? key.slice(0, -2) : key);

/** Every `Assign` of a state: its own, and those of its choices and catchers. */
function* assignsIn(state: JsonObject): Generator<JsonObject> {
  const entries = [state.Choices, state.Catch].flatMap((list) => (Array.isArray(list) ? list : []));
  for (const holder of [state, ...entries]) if (isObject(holder) && isObject(holder.Assign)) yield holder.Assign;
}
