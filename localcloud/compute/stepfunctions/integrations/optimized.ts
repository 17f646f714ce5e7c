// One task of an optimized integration, from its request to its end.

import { StatesError } from "../language/errors.js";
import { isObject, type JsonObject } from "../language/json.js";
import { whenEnded } from "./completion.js";
import { type Connection, unusable } from "./connection.js";
import type { Ask, Integration, ServiceNames } from "./descriptor.js";
import { optimizedFailure } from "./failures.js";
import type { TaskCall } from "./integration.js";
import { metadataOf } from "./metadata.js";
import { upperFirst } from "./naming.js";
import type { TaskResource } from "./resource.js";
import type { IntegrationWorld } from "./runner.js";
import type { Spelling } from "./shapes.js";

/** The API's own names with a capital, times in milliseconds of the epoch. */
export const SPELLING: Spelling = { member: upperFirst, time: (date) => date.getTime(), bytes: "base64" };

export async function performOptimized(
  world: Pick<IntegrationWorld, "events">,
  call: TaskCall,
  { pattern, variant }: Extract<TaskResource, { pattern: unknown }>,
  { names, integration }: { names: ServiceNames; integration: Integration },
  connection: Connection,
): Promise<void> {
  const { signal, account, region } = call;
  const { parameters } = call.effect;
  if (!isObject(parameters)) throw unusable(parameters, ["The value must be a JSON object"]);
  const isSync = pattern === "sync";
  const { completion } = integration;
  const send = (operation: string, input: JsonObject, abortSignal?: AbortSignal) =>
    connection.send({
      operation,
      parameters: input,
      spelling: SPELLING,
      failure: (error, module) => optimizedFailure(error, names, module),
      ...(abortSignal ? { abortSignal } : {}),
    });
  const watch = isSync && completion ? world.events.watch(account, region, completion.detailTypes) : undefined;
  try {
    const ask: Ask = async (operation, input) => (await send(operation, input)).result;
    const request = (await integration.request?.(parameters, { call, pattern, ask })) ?? parameters;
    // What has been asked for has to be known to be stopped: the request of `.sync` is never broken off.
    const { result, output, http } = await send(integration.operation, request, isSync ? undefined : signal);
    const submitted = sorted({
      ...(integration.response?.(result, { output, pattern }) ?? result),
      ...metadataOf(http),
    });
    if (pattern === "requestResponse") {
      if (!signal.aborted) call.reply({ kind: "succeeded", output: submitted });
      return;
    }
    if (!signal.aborted) call.reply({ kind: "submitted", output: submitted });
    if (!isSync || !completion) return;
    const ending = await whenEnded(completion, { submitted, request, ask, variant, signal, watch });
    if (!ending || signal.aborted) return;
    if ("failed" in ending) throw new StatesError("States.TaskFailed", JSON.stringify(ending.failed));
    call.reply({ kind: "succeeded", output: ending.succeeded });
  } finally {
    watch?.close();
  }
}

/** With its members in alphabetical order. */
const sorted = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
