// Tags of state machines and activities. Source: TagResource, API Reference, and "Quotas" in the Developer Guide.
import { z } from "zod";
import type { JsonObject } from "../language/json.js";
import { ApiError, validation } from "./errors.js";
import { checkArn, type Region } from "./store.js";

const MAXIMUM_TAGS = 50;
/** Letters, digits, white space and a few symbols of any language. */
const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Tags as requests have them. */
export const Tags = z.array(
  z.object({
    key: z.string().min(1).max(128).regex(TEXT),
    value: z.string().max(256).regex(TEXT).default(""),
  }),
);
export type Tags = z.infer<typeof Tags>;

/**
 * Tags to begin with.
 *
 * @throws ApiError TooManyTags, ValidationException for a key that is AWS's own
 */
export function tagsOf(given: Tags, resourceName: string, before: ReadonlyMap<string, string> = new Map()) {
  const tags = new Map(before);
  for (const { key, value } of given) {
    if (key.toLowerCase().startsWith("aws:"))
      throw validation("aws: prefixed tag key names are not allowed for external use.");
    tags.set(key, value);
  }
  if (tags.size > MAXIMUM_TAGS)
    throw new ApiError("TooManyTags", `Too many tags: the limit is ${MAXIMUM_TAGS} for a resource`, { resourceName });
  return tags;
}

/** What a tagging request names. @throws ApiError InvalidArn, ResourceNotFound */
function taggable(region: Region, arn: string): { tags: Map<string, string> } {
  checkArn(arn, "stateMachine", "activity");
  const found = region.machines.get(arn) ?? region.activities.get(arn);
  if (!found) throw new ApiError("ResourceNotFound", `Resource not found: '${arn}'`, { resourceName: arn });
  return found;
}

export function tagResource(region: Region, body: unknown): JsonObject {
  const { resourceArn, tags } = z.object({ resourceArn: z.string(), tags: Tags }).parse(body);
  const resource = taggable(region, resourceArn);
  resource.tags = tagsOf(tags, resourceArn, resource.tags);
  return {};
}

export function untagResource(region: Region, body: unknown): JsonObject {
  const { resourceArn, tagKeys } = z.object({ resourceArn: z.string(), tagKeys: z.array(z.string()) }).parse(body);
  const { tags } = taggable(region, resourceArn);
  for (const key of tagKeys) tags.delete(key);
  return {};
}

export function listTags(region: Region, body: unknown): JsonObject {
  const { resourceArn } = z.object({ resourceArn: z.string() }).parse(body);
  return { tags: [...taggable(region, resourceArn).tags].map(([key, value]) => ({ key, value })) };
}
