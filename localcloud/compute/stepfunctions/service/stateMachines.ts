// Operations on state machines.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { describeErrors, MAXIMUM_DEFINITION_BYTES } from "../definition/validate.js";
import { managedRules, RULE_ACTIONS } from "../integrations/managedRules.js";
import { validateWithResources } from "../integrations/validity.js";
import { type Json, type JsonObject, sizeOf } from "../language/json.js";
import { Encryption, encryption } from "./encryption.js";
import { ApiError, validation } from "./errors.js";
import type { Revision, StateMachine } from "./model.js";
import { checkName, seconds } from "./names.js";
import { page } from "./paging.js";
import { checkArn, type Region } from "./store.js";
import { Tags, tagsOf } from "./tags.js";
import { variableReferences } from "./variableReferences.js";
import { publish } from "./versions.js";
import type { Sessions } from "./world.js";

const Logging = z
  .object({
    level: z.enum(["ALL", "ERROR", "FATAL", "OFF"]).optional(),
    includeExecutionData: z.boolean().optional(),
    destinations: z
      .array(z.object({ cloudWatchLogsLogGroup: z.object({ logGroupArn: z.string().optional() }).optional() }))
      .optional(),
  })
  .optional();
const Settings = {
  loggingConfiguration: Logging,
  tracingConfiguration: z.record(z.string(), z.unknown()).optional(),
  encryptionConfiguration: Encryption,
};
const DefinitionText = z.string().superRefine((text, context) => {
  if (sizeOf(text) > MAXIMUM_DEFINITION_BYTES)
    context.addIssue({
      code: "custom",
      message: `Member must have length less than or equal to ${MAXIMUM_DEFINITION_BYTES}`,
    });
});
const Create = z.object({
  name: z.string(),
  definition: DefinitionText,
  roleArn: z.string(),
  type: z.enum(["STANDARD", "EXPRESS"]).default("STANDARD"),
  tags: Tags.default([]),
  publish: z.boolean().default(false),
  versionDescription: z.string().optional(),
  ...Settings,
});
const Update = z.object({
  stateMachineArn: z.string(),
  definition: DefinitionText.optional(),
  roleArn: z.string().optional(),
  publish: z.boolean().default(false),
  versionDescription: z.string().optional(),
  ...Settings,
});

async function parseDefinition(text: string, type: StateMachine["type"]): Promise<Revision["definition"]> {
  const { definition, diagnostics } = await validateWithResources(text, type);
  if (!definition)
    throw new ApiError("InvalidDefinition", `Invalid State Machine Definition: '${describeErrors(diagnostics)}'`);
  return definition;
}

/** The service has to be able to assume the role. @throws ApiError AccessDeniedException */
async function checkTrust(region: Region, arn: string, roleArn: string, sessions: Sessions): Promise<void> {
  sessions.forget(arn);
  try {
    await sessions.of(region, arn, roleArn);
  } catch (error) {
    throw new ApiError("AccessDeniedException", (error as Error).message);
  }
}

/**
 * The role has to be allowed to make the rules by which its `.sync` tasks are waited for.
 *
 * @throws ApiError AccessDeniedException
 */
async function checkRules(
  region: Region,
  arn: string,
  { definition, roleArn }: Pick<Revision, "definition" | "roleArn">,
  sessions: Sessions,
): Promise<void> {
  for (const rule of managedRules(definition)) {
    const ruleArn = `arn:aws:events:${region.region}:${region.account}:rule/${rule}`;
    if (!(await sessions.permit(region, arn, roleArn, RULE_ACTIONS, ruleArn)))
      throw new ApiError("AccessDeniedException", `'${roleArn}' is not authorized to create managed-rule.`);
  }
}

function checkRole(roleArn: string): void {
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+/.test(roleArn))
    throw new ApiError("InvalidArn", `Invalid Role Arn: '${roleArn}'`);
}

export async function createStateMachine(
  region: Region,
  body: unknown,
  now: Date,
  sessions: Sessions,
): Promise<JsonObject> {
  const request = Create.parse(body);
  checkName(request.name);
  checkRole(request.roleArn);
  const arn = region.arn("stateMachine", request.name);
  const tags = tagsOf(request.tags, arn);
  const definition = await parseDefinition(request.definition, request.type);
  if (!request.publish && request.versionDescription !== undefined)
    throw validation("Version description can only be set when publish is true");
  await checkTrust(region, arn, request.roleArn, sessions);
  await checkRules(region, arn, { definition, roleArn: request.roleArn }, sessions);
  const revision: Revision = {
    definitionText: request.definition,
    definition,
    roleArn: request.roleArn,
    loggingConfiguration: logging(request.loggingConfiguration),
    tracingConfiguration: settings(request.tracingConfiguration, { enabled: false }),
    encryptionConfiguration: encryption(request.encryptionConfiguration),
    updatedAt: now,
  };
  const existing = region.machines.get(arn);
  if (existing) return recreated(existing, revision, request);
  const machine: StateMachine = {
    arn,
    name: request.name,
    type: request.type,
    status: "ACTIVE",
    createdAt: now,
    revision,
    tags,
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

/** Creation is idempotent but for the role and the tags, which are left as they are. Source: CreateStateMachine, API Reference. */
function recreated(existing: StateMachine, revision: Revision, request: z.infer<typeof Create>): JsonObject {
  const first = existing.versions.get(1);
  const same =
    existing.type === request.type &&
    fingerprint(existing.revision) === fingerprint(revision) &&
    (!request.publish || (first !== undefined && first.description === request.versionDescription));
  if (!same) throw new ApiError("StateMachineAlreadyExists", `State Machine Already Exists: '${existing.arn}'`);
  return {
    stateMachineArn: existing.arn,
    creationDate: seconds(existing.createdAt),
    ...(request.publish && first ? { stateMachineVersionArn: first.arn } : {}),
  };
}

const fingerprint = ({
  definitionText,
  loggingConfiguration,
  tracingConfiguration,
  encryptionConfiguration,
}: Revision): string =>
  JSON.stringify([definitionText, loggingConfiguration, tracingConfiguration, encryptionConfiguration]);

/** A logging configuration with its defaults. @throws ApiError InvalidLoggingConfiguration */
function logging(given: z.infer<typeof Logging>): JsonObject {
  const { level = "OFF", includeExecutionData = false, destinations = [] } = given ?? {};
  const refuse = (reason: string) => {
    throw new ApiError("InvalidLoggingConfiguration", `Invalid Logging Configuration: ${reason}`);
  };
  if (level !== "OFF" && destinations.length !== 1) refuse("Must specify exactly one Log Destination.");
  for (const { cloudWatchLogsLogGroup } of destinations)
    if (!/^arn:[^:]+:logs:[^:]+:\d{12}:log-group:.+:\*$/.test(cloudWatchLogsLogGroup?.logGroupArn ?? ""))
      refuse("Log Destination must be the ARN of a CloudWatch Logs log group that ends with ':*'.");
  return { level, includeExecutionData, ...(destinations.length > 0 ? { destinations: destinations as Json[] } : {}) };
}

const settings = (given: Record<string, unknown> | undefined, standard: JsonObject): JsonObject => ({
  ...standard,
  ...(given as JsonObject | undefined),
});

export async function updateStateMachine(
  region: Region,
  body: unknown,
  now: Date,
  sessions: Sessions,
): Promise<JsonObject> {
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
  const definition =
    request.definition === undefined ? undefined : await parseDefinition(request.definition, machine.type);
  if (request.roleArn !== undefined) {
    checkRole(request.roleArn);
    await checkTrust(region, machine.arn, request.roleArn, sessions);
  }
  if (definition !== undefined || request.roleArn !== undefined)
    await checkRules(
      region,
      machine.arn,
      { definition: definition ?? machine.revision.definition, roleArn: request.roleArn ?? machine.revision.roleArn },
      sessions,
    );
  const before = machine.revision;
  machine.revision = {
    ...before,
    revisionId: randomUUID(),
    ...(request.definition === undefined || definition === undefined
      ? {}
      : { definitionText: request.definition, definition }),
    ...(request.roleArn === undefined ? {} : { roleArn: request.roleArn }),
    loggingConfiguration: request.loggingConfiguration
      ? logging(request.loggingConfiguration)
      : before.loggingConfiguration,
    tracingConfiguration: settings(request.tracingConfiguration, before.tracingConfiguration),
    encryptionConfiguration: request.encryptionConfiguration
      ? encryption(request.encryptionConfiguration)
      : before.encryptionConfiguration,
    updatedAt: now,
  };
  const version = request.publish ? publish(machine, request.versionDescription, now) : undefined;
  return {
    updateDate: seconds(now),
    revisionId: machine.revision.revisionId as string,
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
    ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
    ...(version?.description === undefined ? {} : { description: version.description }),
    ...describeRevision(revision, (body as JsonObject).includedData !== "METADATA_ONLY"),
  };
}

/** Members that DescribeStateMachine and DescribeStateMachineForExecution share. */
export function describeRevision(revision: Revision, includeData = true): JsonObject {
  const references = includeData ? variableReferences(revision) : {};
  return {
    definition: includeData ? revision.definitionText : "",
    roleArn: revision.roleArn,
    loggingConfiguration: revision.loggingConfiguration,
    tracingConfiguration: revision.tracingConfiguration,
    encryptionConfiguration: revision.encryptionConfiguration,
    ...(Object.keys(references).length > 0 ? { variableReferences: references } : {}),
  };
}

export function listStateMachines(region: Region, body: JsonObject): JsonObject {
  const sorted = [...region.machines.values()].sort((left, right) => left.name.localeCompare(right.name));
  const { items, nextToken } = page(sorted, body, { keyOf: ({ arn }) => arn });
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

export async function validateOperation(body: unknown): Promise<JsonObject> {
  const request = z
    .object({
      definition: DefinitionText,
      type: z.enum(["STANDARD", "EXPRESS"]).optional(),
      severity: z.enum(["ERROR", "WARNING"]).default("ERROR"),
      maxResults: z.number().int().min(0).max(100).optional(),
    })
    .parse(body);
  const { diagnostics } = await validateWithResources(request.definition, request.type);
  const shown = diagnostics.filter(({ severity }) => request.severity === "WARNING" || severity === "ERROR");
  const limit = request.maxResults || 100;
  return {
    result: diagnostics.some(({ severity }) => severity === "ERROR") ? "FAIL" : "OK",
    diagnostics: shown.slice(0, limit) as unknown as JsonObject[],
    truncated: shown.length > limit,
  };
}
