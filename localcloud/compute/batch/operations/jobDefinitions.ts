// Job definitions: RegisterJobDefinition, Describe…, Deregister… of the AWS Batch API Reference.
import { z } from "zod";
import { batchArn, parseBatchArn } from "../arn.js";
import { clientException, invalidRequest } from "../errors.js";
import { definitionContent } from "../jobs/definition.js";
import type { JobDefinition } from "../model.js";
import { paginate } from "../paging.js";
import { paging, parseRequest, registerJobDefinition } from "../requests.js";
import type { BatchRegion } from "../store.js";
import type { Operation } from "./operation.js";

export const register: Operation = ({ region, body }) => {
  const request = parseRequest(registerJobDefinition, body);
  const content = definitionContent(request);
  const revisions = region.jobDefinitions.get(request.jobDefinitionName) ?? [];
  const revision = revisions.length + 1;
  const definition: JobDefinition = {
    account: region.account,
    region: region.region,
    name: request.jobDefinitionName,
    revision,
    arn: batchArn(region, "job-definition", `${request.jobDefinitionName}:${revision}`),
    status: "ACTIVE",
    type: "container",
    ...content,
    tags: { ...request.tags },
  };
  region.jobDefinitions.set(definition.name, [...revisions, definition]);
  return { jobDefinitionName: definition.name, jobDefinitionArn: definition.arn, revision };
};

const describeRequest = z.looseObject({
  jobDefinitions: z.array(z.string()).max(100).optional(),
  jobDefinitionName: z.string().optional(),
  status: z.string().optional(),
  ...paging,
});

export const describe: Operation = ({ region, body }) => {
  const request = parseRequest(describeRequest, body);
  if (request.jobDefinitions?.length && request.jobDefinitionName)
    throw invalidRequest("jobDefinitions can not be used with other parameters.");
  const all = [...region.jobDefinitions.values()].flat().sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const wanted = request.jobDefinitions?.map(reference);
  const found = all.filter(
    (definition) =>
      (!wanted?.length || wanted.some((each) => names(each, definition))) &&
      (request.jobDefinitionName === undefined || definition.name === definitionName(request.jobDefinitionName)) &&
      (request.status === undefined || definition.status === request.status),
  );
  const { items, nextToken } = paginate(found, keyOf, request, 100);
  return { jobDefinitions: items.map(detail), nextToken };
};

export const deregister: Operation = ({ region, body }) => {
  const { jobDefinition } = parseRequest(z.looseObject({ jobDefinition: z.string().min(1) }), body);
  const wanted = reference(jobDefinition);
  if (wanted.revision === undefined) throw invalidRequest("A job definition is deregistered by name:revision or ARN.");
  const found = region.jobDefinitions.get(wanted.name)?.find((definition) => names(wanted, definition));
  if (!found) throw clientException(`Job definition ${jobDefinition} does not exist`);
  found.status = "INACTIVE";
  return {};
};

/**
 * The revision that a job is to run: the one named, or the latest ACTIVE one.
 *
 * @param nameOrArn `name`, `name:revision`, or an ARN with or without the revision
 * @throws ClientException when there is none, or it was deregistered
 */
export function activeDefinition(region: BatchRegion, nameOrArn: string): JobDefinition {
  const wanted = reference(nameOrArn);
  const candidates = (region.jobDefinitions.get(wanted.name) ?? []).filter((each) => names(wanted, each));
  const active = candidates.findLast(({ status }) => status === "ACTIVE");
  if (active) return active;
  throw clientException(
    candidates.length > 0 ? `JobDefinition ${nameOrArn} is not ACTIVE.` : `JobDefinition ${nameOrArn} not found.`,
  );
}

interface Reference {
  readonly name: string;
  readonly revision?: number;
}

function reference(nameOrArn: string): Reference {
  const text = parseBatchArn(nameOrArn)?.name ?? nameOrArn;
  const [name = "", revision] = text.split(":");
  return { name, revision: revision === undefined ? undefined : Number(revision) };
}

const definitionName = (nameOrArn: string): string => reference(nameOrArn).name;

const names = (wanted: Reference, definition: JobDefinition): boolean =>
  wanted.name === definition.name && (wanted.revision === undefined || wanted.revision === definition.revision);

/** Sorts by name, newest revision first. */
const keyOf = ({ name, revision }: JobDefinition): string => `${name} ${String(1e9 - revision).padStart(10, "0")}`;

function detail(definition: JobDefinition): Record<string, unknown> {
  const { name, arn, account: _account, region: _region, ...rest } = definition;
  return { jobDefinitionName: name, jobDefinitionArn: arn, containerOrchestrationType: "ECS", ...rest };
}
