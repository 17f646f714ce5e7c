// Operations on state machines, their versions and aliases.
import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { describeErrors, validateDefinition } from "../definition/validate.js";
import type { JsonObject } from "../language/json.js";
import { ApiError, noStateMachine, validation } from "./errors.js";
import type { Alias, Revision, StateMachine, Version } from "./model.js";
import { page } from "./paging.js";
import { checkArn, type Region } from "./store.js";

const MAXIMUM_VERSIONS = 1000;
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

const Tags = z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]);
const Settings = {
  loggingConfiguration: z.record(z.string(), z.unknown()).optional(),
  tracingConfiguration: z.record(z.string(), z.unknown()).optional(),
  encryptionConfiguration: z.record(z.string(), z.unknown()).optional(),
};
const Create = z.object({
  name: z.string(),
  definition: z.string(),
  roleArn: z.string(),
  type: z.enum(["STANDARD", "EXPRESS"]).default("STANDARD"),
  tags: Tags,
  publish: z.boolean().default(false),
  versionDescription: z.string().optional(),
  ...Settings,
});
const Update = z.object({
  stateMachineArn: z.string(),
  definition: z.string().optional(),
  roleArn: z.string().optional(),
  publish: z.boolean().default(false),
  versionDescription: z.string().optional(),
  ...Settings,
});
const Routing = z
  .array(z.object({ stateMachineVersionArn: z.string(), weight: z.number().int().min(0).max(100) }))
  .min(1)
  .max(2);

/** @throws ApiError InvalidName */
export function checkName(name: string): void {
  if (!NAME.test(name)) throw new ApiError("InvalidName", `Invalid Name: '${name}'`);
}

function parseDefinition(text: string): Revision["definition"] {
  const { definition, diagnostics } = validateDefinition(text);
  if (!definition)
    throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${describeErrors(diagnostics)}'`);
  return definition;
}

function checkRole(roleArn: string): void {
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+/.test(roleArn))
    throw new ApiError("InvalidArn", `Invalid Role Arn: '${roleArn}'`);
}

export function createStateMachine(region: Region, body: unknown, now: Date): JsonObject {
  const request = Create.parse(body);
  checkName(request.name);
  checkRole(request.roleArn);
  const definition = parseDefinition(request.definition);
  if (!request.publish && request.versionDescription !== undefined)
    throw validation("Version description can only be set when publish is true");
  const arn = region.arn("stateMachine", request.name);
  const revision: Revision = {
    revisionId: randomUUID(),
    definitionText: request.definition,
    definition,
    roleArn: request.roleArn,
    loggingConfiguration: settings(request.loggingConfiguration, { level: "OFF", includeExecutionData: false }),
    tracingConfiguration: settings(request.tracingConfiguration, { enabled: false }),
    encryptionConfiguration: settings(request.encryptionConfiguration, { type: "AWS_OWNED_KEY" }),
    updatedAt: now,
  };
  const existing = region.machines.get(arn);
  if (existing) return recreated(existing, revision, request.type, request.tags);
  const machine: StateMachine = {
    arn,
    name: request.name,
    type: request.type,
    status: "ACTIVE",
    createdAt: now,
    revision,
    tags: new Map(request.tags.map(({ key, value }) => [key, value])),
    versions: new Map(),
    lastVersion: 0,
    aliases: new Map(),
  };
  region.machines.set(arn, machine);
  const version = request.publish ? publish(machine, request.versionDescription, now) : undefined;
  return {
    stateMachineArn: arn,
    creationDate: seconds(now),
    ...(version ? { stateMachineVersionArn: version.arn } : {}),
  };
}

/** Creation is idempotent by name, definition, type, logging, tracing and encryption. Source: CreateStateMachine, API Reference. */
function recreated(
  existing: StateMachine,
  revision: Revision,
  type: string,
  tags: { key: string; value: string }[],
): JsonObject {
  const same =
    existing.type === type &&
    fingerprint(existing.revision) === fingerprint(revision) &&
    tags.every(({ key, value }) => existing.tags.get(key) === value);
  if (!same) throw new ApiError("StateMachineAlreadyExists", `State Machine Already Exists: '${existing.arn}'`);
  return { stateMachineArn: existing.arn, creationDate: seconds(existing.createdAt) };
}

const fingerprint = ({
  definitionText,
  loggingConfiguration,
  tracingConfiguration,
  encryptionConfiguration,
}: Revision): string =>
  JSON.stringify([definitionText, loggingConfiguration, tracingConfiguration, encryptionConfiguration]);

const settings = (given: Record<string, unknown> | undefined, standard: JsonObject): JsonObject => ({
  ...standard,
  ...(given as JsonObject | undefined),
});

export function updateStateMachine(region: Region, body: unknown, now: Date): JsonObject {
  const request = Update.parse(body);
  const machine = region.machine(request.stateMachineArn);
  const changes = ["definition", "roleArn", ...Object.keys(Settings)].filter(
    (field) => request[field as keyof typeof request] !== undefined,
  );
  if (changes.length === 0)
    throw new ApiError(
      "MissingRequiredParameter",
      "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration or the EncryptionConfiguration must be specified",
    );
  if (request.roleArn !== undefined) checkRole(request.roleArn);
  const before = machine.revision;
  machine.revision = {
    ...before,
    revisionId: randomUUID(),
    ...(request.definition === undefined
      ? {}
      : { definitionText: request.definition, definition: parseDefinition(request.definition) }),
    ...(request.roleArn === undefined ? {} : { roleArn: request.roleArn }),
    loggingConfiguration: settings(request.loggingConfiguration, before.loggingConfiguration),
    tracingConfiguration: settings(request.tracingConfiguration, before.tracingConfiguration),
    encryptionConfiguration: settings(request.encryptionConfiguration, before.encryptionConfiguration),
    updatedAt: now,
  };
  const version = request.publish ? publish(machine, request.versionDescription, now) : undefined;
  return {
    updateDate: seconds(now),
    revisionId: machine.revision.revisionId,
    ...(version ? { stateMachineVersionArn: version.arn } : {}),
  };
}

export function deleteStateMachine(region: Region, body: unknown): JsonObject {
  const { stateMachineArn } = z.object({ stateMachineArn: z.string() }).parse(body);
  checkArn(stateMachineArn, "stateMachine");
  region.machines.delete(stateMachineArn);
  return {};
}

export function describeStateMachine(region: Region, body: unknown): JsonObject {
  const { stateMachineArn } = z.object({ stateMachineArn: z.string() }).parse(body);
  const { machine, version } = region.resolve(stateMachineArn);
  const revision = version?.revision ?? machine.revision;
  return {
    stateMachineArn: version?.arn ?? machine.arn,
    name: machine.name,
    status: machine.status,
    type: machine.type,
    creationDate: seconds(version?.createdAt ?? machine.createdAt),
    revisionId: revision.revisionId,
    ...(version?.description === undefined ? {} : { description: version.description }),
    ...describeRevision(revision),
  };
}

/** Members that DescribeStateMachine and DescribeStateMachineForExecution share. */
export function describeRevision(revision: Revision): JsonObject {
  const references = variableReferences(revision);
  return {
    definition: revision.definitionText,
    roleArn: revision.roleArn,
    loggingConfiguration: revision.loggingConfiguration,
    tracingConfiguration: revision.tracingConfiguration,
    encryptionConfiguration: revision.encryptionConfiguration,
    ...(Object.keys(references).length > 0 ? { variableReferences: references } : {}),
  };
}

/** Which variables each state refers to. */
function variableReferences(revision: Revision): JsonObject {
  const references: JsonObject = {};
  const visit = (machine: { States: Record<string, object>; QueryLanguage?: string }, outer: string): void => {
    const language = machine.QueryLanguage ?? outer;
    for (const [name, state] of Object.entries(machine.States)) {
      const { Branches, ItemProcessor, Iterator, QueryLanguage, ...fields } = state as Record<string, never>;
      const found = new Set<string>();
      collect(fields, (QueryLanguage ?? language) === "JSONata", found);
      if (found.size > 0) references[name] = [...found].sort();
      for (const inner of [...((Branches as never[] | undefined) ?? []), ItemProcessor, Iterator])
        if (inner) visit(inner, QueryLanguage ?? language);
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

export function listStateMachines(region: Region, body: JsonObject): JsonObject {
  const sorted = [...region.machines.values()].sort((left, right) => left.name.localeCompare(right.name));
  const { items, nextToken } = page(sorted, body);
  return {
    stateMachines: items.map(({ arn, name, type, createdAt }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: seconds(createdAt),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}

function publish(machine: StateMachine, description: string | undefined, now: Date): Version {
  const latest = machine.versions.get(machine.lastVersion);
  if (latest && latest.revision.revisionId === machine.revision.revisionId) return latest;
  if (machine.versions.size >= MAXIMUM_VERSIONS)
    throw new ApiError("ServiceQuotaExceededException", `A state machine has at most ${MAXIMUM_VERSIONS} versions`);
  machine.lastVersion += 1;
  const version: Version = {
    number: machine.lastVersion,
    arn: `${machine.arn}:${machine.lastVersion}`,
    ...(description === undefined ? {} : { description }),
    revision: machine.revision,
    createdAt: now,
  };
  machine.versions.set(version.number, version);
  return version;
}

export function publishVersion(region: Region, body: unknown, now: Date): JsonObject {
  const request = z
    .object({ stateMachineArn: z.string(), revisionId: z.string().optional(), description: z.string().optional() })
    .parse(body);
  const machine = region.machine(request.stateMachineArn);
  if (request.revisionId !== undefined && request.revisionId !== machine.revision.revisionId)
    throw new ApiError(
      "ConflictException",
      "Request cannot be applied, as the current revision is not the one that the request names",
    );
  const version = publish(machine, request.description, now);
  return { creationDate: seconds(version.createdAt), stateMachineVersionArn: version.arn };
}

export function deleteVersion(region: Region, body: unknown): JsonObject {
  const { stateMachineVersionArn } = z.object({ stateMachineVersionArn: z.string() }).parse(body);
  const number = Number(stateMachineVersionArn.split(":")[7]);
  const machine = region.machines.get(stateMachineVersionArn.split(":").slice(0, 7).join(":"));
  if (!Number.isInteger(number)) throw new ApiError("InvalidArn", `Invalid Arn: '${stateMachineVersionArn}'`);
  const routed = [...(machine?.aliases.values() ?? [])].filter(({ routing }) =>
    routing.some(({ arn }) => arn === stateMachineVersionArn),
  );
  if (routed.length > 0)
    throw new ApiError(
      "ConflictException",
      `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${routed.map(({ name }) => name).join(", ")}]`,
    );
  machine?.versions.delete(number);
  return {};
}

export function listVersions(region: Region, body: JsonObject): JsonObject {
  const machine = region.machine(String(body.stateMachineArn));
  const { items, nextToken } = page([...machine.versions.values()].reverse(), body);
  return {
    stateMachineVersions: items.map(({ arn, createdAt }) => ({
      stateMachineVersionArn: arn,
      creationDate: seconds(createdAt),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}

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

export function validateOperation(body: unknown): JsonObject {
  const request = z
    .object({
      definition: z.string(),
      severity: z.enum(["ERROR", "WARNING"]).optional(),
      maxResults: z.number().int().min(0).max(100).optional(),
    })
    .parse(body);
  const { diagnostics } = validateDefinition(request.definition);
  const shown = diagnostics.filter(({ severity }) => request.severity !== "ERROR" || severity === "ERROR");
  const limit = request.maxResults || 100;
  return {
    result: diagnostics.some(({ severity }) => severity === "ERROR") ? "FAIL" : "OK",
    diagnostics: shown.slice(0, limit) as unknown as JsonObject[],
    truncated: shown.length > limit,
  };
}

/** Time as the API writes it: seconds since the epoch, with milliseconds. */
export const seconds = (date: Date): number => date.getTime() / 1000;

/** A short digest, for names that the service makes itself. */
export const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
