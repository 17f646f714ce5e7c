// Members that are texts to the API, where Step Functions also takes JSON and writes it down.
import type { JsonObject } from "../language/json.js";

/** The parameters with the member as a text; one that is null stays away. */
export function asText(parameters: JsonObject, member: string): JsonObject {
  const value = parameters[member] ?? null;
  return value === null || typeof value === "string" ? parameters : { ...parameters, [member]: JSON.stringify(value) };
}
