// Operations on aliases of state machines.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError, noStateMachine, validation } from "./errors.js";
import type { Alias, StateMachine } from "./model.js";
import { seconds } from "./names.js";
import { page } from "./paging.js";
import { checkArn, type Region } from "./store.js";

const Routing = z
  .array(z.object({ stateMachineVersionArn: z.string(), weight: z.number().int().min(0).max(100) }))
  .min(1)
  .max(2);

function routingOf(region: Region, configuration: unknown): { machine: StateMachine; routing: Alias["routing"] } {
  const entries = Routing.parse(configuration);
  const received = `Received: [${entries.map(({ stateMachineVersionArn }) => stateMachineVersionArn).join(", ")}]`;
  const resolved = entries.map(({ stateMachineVersionArn, weight }) => {
    const { machine, version } = region.resolve(stateMachineVersionArn);
    if (!version) throw validation(`Routing configuration must contain state machine version ARNs. ${received}`);
    return { machine, arn: version.arn, weight };
  });
  const [first] = resolved as [(typeof resolved)[number]];
  if (resolved.some(({ machine }) => machine !== first.machine))
    throw validation("Routing configuration must contain versions of one state machine");
  if (resolved.reduce((sum, { weight }) => sum + weight, 0) !== 100)
    throw validation(
      `Sum of routing configuration weights must equal 100. Received: [${entries.map(({ weight }) => weight).join(", ")}]`,
    );
  if (resolved.length === 2 && resolved[0]?.arn === resolved[1]?.arn)
    throw validation(`Routing configuration must contain distinct state machine version ARNs. ${received}`);
  return { machine: first.machine, routing: resolved.map(({ arn, weight }) => ({ arn, weight })) };
}

/** Letters, digits and a few symbols, not digits alone, which would be a version. */
const NAME = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]+$/;
const MAXIMUM_NAME = 80;

function checkAliasName(name: string): void {
  const refuse = (constraint: string) => {
    throw validation(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must ${constraint}`,
    );
  };
  if (name.length > MAXIMUM_NAME) refuse(`have length less than or equal to ${MAXIMUM_NAME}`);
  if (!NAME.test(name)) refuse("satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$");
}

export function createAlias(region: Region, body: unknown, now: Date): JsonObject {
  const request = z
    .object({
      name: z.string(),
      description: z.string().max(256).optional(),
      routingConfiguration: z.unknown(),
    })
    .parse(body);
  checkAliasName(request.name);
  const { machine, routing } = routingOf(region, request.routingConfiguration);
  const existing = machine.aliases.get(request.name);
  if (existing) {
    const isSame =
      JSON.stringify(existing.routing) === JSON.stringify(routing) && existing.description === request.description;
    // AWS words it so also where the description differs.
    if (!isSame)
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
  // The reference says the newest comes first; AWS answers with the oldest.
  const { items, nextToken } = page(aliases, body, { keyOf: ({ name }) => name });
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
