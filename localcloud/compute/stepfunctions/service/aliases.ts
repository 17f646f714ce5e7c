// Operations on aliases of state machines.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError, noStateMachine, validation } from "./errors.js";
import type { Alias, StateMachine } from "./model.js";
import { checkName, seconds } from "./names.js";
import { page } from "./paging.js";
import { checkArn, type Region } from "./store.js";

const Routing = z
  .array(z.object({ stateMachineVersionArn: z.string(), weight: z.number().int().min(0).max(100) }))
  .min(1)
  .max(2);

function routingOf(region: Region, configuration: unknown): { machine: StateMachine; routing: Alias["routing"] } {
  const entries = Routing.parse(configuration);
  const resolved = entries.map(({ stateMachineVersionArn, weight }) => {
    const { machine, version } = region.resolve(stateMachineVersionArn);
    if (!version) throw validation("Routing configuration must contain state machine version ARNs");
    return { machine, arn: version.arn, weight };
  });
  const [first] = resolved as [(typeof resolved)[number]];
  if (resolved.some(({ machine }) => machine !== first.machine))
    throw validation("Routing configuration must contain versions of one state machine");
  if (resolved.reduce((sum, { weight }) => sum + weight, 0) !== 100)
    throw validation("Sum of routing configuration weights must equal 100");
  if (resolved.length === 2 && resolved[0]?.arn === resolved[1]?.arn)
    throw validation("Routing configuration must contain distinct state machine version ARNs");
  return { machine: first.machine, routing: resolved.map(({ arn, weight }) => ({ arn, weight })) };
}

export function createAlias(region: Region, body: unknown, now: Date): JsonObject {
  const request = z
    .object({ name: z.string(), description: z.string().optional(), routingConfiguration: z.unknown() })
    .parse(body);
  checkName(request.name);
  if (/^\d+$/.test(request.name)) throw validation("Alias name cannot be a number");
  const { machine, routing } = routingOf(region, request.routingConfiguration);
  const existing = machine.aliases.get(request.name);
  if (existing) {
    if (JSON.stringify(existing.routing) !== JSON.stringify(routing))
      throw new ApiError(
        "ConflictException",
        "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
      );
    return { stateMachineAliasArn: existing.arn, creationDate: seconds(existing.createdAt) };
  }
  const alias: Alias = {
    name: request.name,
    arn: `${machine.arn}:${request.name}`,
    ...(request.description === undefined ? {} : { description: request.description }),
    routing,
    createdAt: now,
    updatedAt: now,
  };
  machine.aliases.set(alias.name, alias);
  return { stateMachineAliasArn: alias.arn, creationDate: seconds(now) };
}

function aliasOf(region: Region, arn: unknown): { machine: StateMachine; alias: Alias } {
  checkArn(arn, "stateMachine");
  const { machine, alias } = region.resolve(arn);
  if (!alias)
    throw new ApiError("ResourceNotFound", `Request references a resource that does not exist: '${arn}'`, {
      resourceName: arn,
    });
  return { machine, alias };
}

export function updateAlias(region: Region, body: JsonObject, now: Date): JsonObject {
  const { machine, alias } = aliasOf(region, body.stateMachineAliasArn);
  if (body.routingConfiguration === undefined && body.description === undefined)
    throw validation("Either the description or the routing configuration must be specified");
  if (body.routingConfiguration !== undefined) {
    const updated = routingOf(region, body.routingConfiguration);
    if (updated.machine !== machine)
      throw validation("Routing configuration must contain versions of the alias's state machine");
    alias.routing = updated.routing;
  }
  if (typeof body.description === "string") alias.description = body.description;
  alias.updatedAt = now;
  return { updateDate: seconds(now) };
}

export function describeAlias(region: Region, body: JsonObject): JsonObject {
  const { alias } = aliasOf(region, body.stateMachineAliasArn);
  return {
    stateMachineAliasArn: alias.arn,
    name: alias.name,
    ...(alias.description === undefined ? {} : { description: alias.description }),
    routingConfiguration: alias.routing.map(({ arn, weight }) => ({ stateMachineVersionArn: arn, weight })),
    creationDate: seconds(alias.createdAt),
    updateDate: seconds(alias.updatedAt),
  };
}

export function deleteAlias(region: Region, body: JsonObject): JsonObject {
  const { machine, alias } = aliasOf(region, body.stateMachineAliasArn);
  machine.aliases.delete(alias.name);
  return {};
}

export function listAliases(region: Region, body: JsonObject): JsonObject {
  const { machine, version } = region.resolve(String(body.stateMachineArn));
  if (!machine) throw noStateMachine(String(body.stateMachineArn));
  const aliases = [...machine.aliases.values()].filter(
    ({ routing }) => !version || routing.some(({ arn }) => arn === version.arn),
  );
  const { items, nextToken } = page(aliases, body);
  return {
    stateMachineAliases: items.map(({ arn, createdAt }) => ({
      stateMachineAliasArn: arn,
      creationDate: seconds(createdAt),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}

/** The version that an alias sends an execution to, by its weights. */
export function route(alias: Alias, random: () => number): string {
  const draw = random() * 100;
  let sum = 0;
  for (const { arn, weight } of alias.routing) {
    sum += weight;
    if (draw < sum) return arn;
  }
  return (alias.routing[0] as Alias["routing"][number]).arn;
}
