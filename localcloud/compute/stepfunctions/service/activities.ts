// Operations on activities and task tokens.
import { z } from "zod";
import { MAXIMUM_PAYLOAD_BYTES } from "../interpreter/machine.js";
import { equal, type Json, type JsonObject, sizeOf } from "../language/json.js";
import { Encryption, encryption } from "./encryption.js";
import { ApiError, noActivity, validation } from "./errors.js";
import type { Activity } from "./model.js";
import { checkName, seconds } from "./names.js";
import { page } from "./paging.js";
import { checkArn, type Region } from "./store.js";
import { Tags, tagsOf } from "./tags.js";
import type { Tokens } from "./tokens.js";

/** GetActivityTask answers with nothing after so long. Source: GetActivityTask, API Reference. */
const POLL_MS = 60_000;

export function createActivity(region: Region, body: unknown, now: Date): JsonObject {
  const request = z
    .object({
      name: z.string(),
      tags: Tags.default([]),
      encryptionConfiguration: Encryption,
    })
    .parse(body);
  checkName(request.name);
  const arn = region.arn("activity", request.name);
  const encryptionConfiguration = encryption(request.encryptionConfiguration);
  const existing = region.activities.get(arn);
  if (existing && !equal(existing.encryptionConfiguration, encryptionConfiguration))
    throw new ApiError(
      "ActivityAlreadyExists",
      `Activity already exists. EncryptionConfiguration may not be updated: '${arn}'`,
    );
  const tags = tagsOf(request.tags, arn);
  const activity = existing ?? { arn, name: request.name, encryptionConfiguration, createdAt: now, tags };
  region.activities.set(arn, activity);
  return { activityArn: arn, creationDate: seconds(activity.createdAt) };
}

function activityOf(region: Region, arn: unknown): Activity {
  checkArn(arn, "activity");
  const activity = region.activities.get(arn);
  if (!activity) throw noActivity(arn);
  return activity;
}

export function deleteActivity(region: Region, body: JsonObject): JsonObject {
  checkArn(body.activityArn, "activity");
  region.activities.delete(body.activityArn);
  return {};
}

export function describeActivity(region: Region, body: JsonObject): JsonObject {
  const { arn, name, createdAt, encryptionConfiguration } = activityOf(region, body.activityArn);
  return {
    activityArn: arn,
    name,
    creationDate: seconds(createdAt),
    encryptionConfiguration,
  };
}

export function listActivities(region: Region, body: JsonObject): JsonObject {
  const { items, nextToken } = page([...region.activities.values()], body, { keyOf: ({ arn }) => arn });
  return {
    activities: items.map(({ arn, name, createdAt }) => ({ activityArn: arn, name, creationDate: seconds(createdAt) })),
    ...(nextToken ? { nextToken } : {}),
  };
}

/** The next task of an activity, waiting for one for a minute; `{}` when none came. */
export async function getActivityTask(
  region: Region,
  body: JsonObject,
  tokens: Tokens,
  after: (milliseconds: number, act: () => void) => () => void,
): Promise<JsonObject> {
  const { arn } = activityOf(region, body.activityArn);
  let callOff = () => {};
  const task = await tokens.poll(arn, typeof body.workerName === "string" ? body.workerName : undefined, (expire) => {
    callOff = after(POLL_MS, expire);
  });
  callOff();
  return task ? { taskToken: task.token, input: task.input } : {};
}

const Success = z.object({ taskToken: z.string(), output: z.string() });
const Failure = z.object({
  taskToken: z.string(),
  error: z.string().max(256).optional(),
  cause: z.string().max(32_768).optional(),
});

export function sendTaskSuccess(body: unknown, tokens: Tokens): JsonObject {
  const { taskToken, output } = Success.parse(body);
  let value: Json;
  try {
    value = JSON.parse(output) as Json;
  } catch (error) {
    throw new ApiError("InvalidOutput", `Invalid Output: '${(error as Error).message}'`);
  }
  if (sizeOf(output) > MAXIMUM_PAYLOAD_BYTES)
    throw validation(
      `1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to ${MAXIMUM_PAYLOAD_BYTES}`,
    );
  tokens.complete(taskToken, { kind: "succeeded", output: value, text: output });
  return {};
}

export function sendTaskFailure(body: unknown, tokens: Tokens): JsonObject {
  const { taskToken, error, cause } = Failure.parse(body);
  tokens.complete(taskToken, {
    kind: "failed",
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  });
  return {};
}

export function sendTaskHeartbeat(body: unknown, tokens: Tokens): JsonObject {
  tokens.heartbeat(z.object({ taskToken: z.string() }).parse(body).taskToken);
  return {};
}
