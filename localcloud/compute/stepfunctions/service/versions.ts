// Operations on versions of state machines.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError } from "./errors.js";
import type { StateMachine, Version } from "./model.js";
import { seconds } from "./names.js";
import { page } from "./paging.js";
import type { Region } from "./store.js";

const MAXIMUM_VERSIONS = 1000;
/** Names the revision that a machine was created with. Source: PublishStateMachineVersion, API Reference. */
const INITIAL = "INITIAL";

/** A version of the current revision; the last one again when nothing has changed since. */
export function publish(machine: StateMachine, description: string | undefined, now: Date): Version {
  const latest = machine.versions.get(machine.lastVersion);
  if (latest && latest.revision === machine.revision) return latest;
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
  if (request.revisionId !== undefined && request.revisionId !== (machine.revision.revisionId ?? INITIAL))
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
  const { items, nextToken } = page([...machine.versions.values()].reverse(), body, { keyOf: ({ arn }) => arn });
  return {
    stateMachineVersions: items.map(({ arn, createdAt }) => ({
      stateMachineVersionArn: arn,
      creationDate: seconds(createdAt),
    })),
    ...(nextToken ? { nextToken } : {}),
  };
}
