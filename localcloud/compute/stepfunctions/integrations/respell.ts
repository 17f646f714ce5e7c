// An event's detail as a task's result: members begin with a capital and stand in alphabetical order.
import { isObject, type Json, type JsonObject } from "../language/json.js";
import { upperFirst } from "./naming.js";

/** @param maps members, as the event spells them, whose keys stay as they are */
export function respelled(value: Json, maps: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((item) => respelled(item, maps));
  if (!isObject(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [upperFirst(name), maps.has(name) ? member : respelled(member, maps)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members) as JsonObject;
}
