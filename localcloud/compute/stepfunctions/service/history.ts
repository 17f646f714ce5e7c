// Histories of executions, as the API shows them.
import type { HistoryEvent } from "../interpreter/effects.js";
import type { JsonObject } from "../language/json.js";
import { standard } from "./executions.js";
import { page } from "./paging.js";
import type { Region } from "./store.js";

export function getExecutionHistory(region: Region, body: JsonObject): JsonObject {
  const execution = standard(region, String(body.executionArn));
  const events = body.reverseOrder === true ? [...execution.events].reverse() : execution.events;
  const { items, nextToken } = page(events, body, { keyOf: ({ id }) => String(id) });
  return {
    events: items.map((event) => apiEvent(event, body.includeExecutionData !== false)),
    ...(nextToken ? { nextToken } : {}),
  };
}

const DATA = ["input", "output", "parameters", "cause"];

/** An event as the API gives it; without execution data when that is not wanted. */
export function apiEvent({ timestampMs, ...event }: HistoryEvent, includeData = true): JsonObject {
  const result: JsonObject = { timestamp: timestampMs / 1000 };
  for (const [key, value] of Object.entries(event)) {
    if (value === undefined) continue;
    if (includeData || typeof value !== "object") result[key] = value;
    else result[key] = Object.fromEntries(Object.entries(value as JsonObject).filter(([name]) => !DATA.includes(name)));
  }
  return result;
}
