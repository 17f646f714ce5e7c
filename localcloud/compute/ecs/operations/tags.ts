// Tags: TagResource, UntagResource, ListTagsForResource of the Amazon ECS API Reference.
import { z } from "zod";
import { clientException, EcsError, invalidParameter } from "../errors.js";
import type { Tags } from "../model.js";
import { parseRequest, tagList } from "../requests.js";
import { type EcsRegion, taggedResource } from "../store.js";
import type { Operations } from "./operation.js";

/** "Tagging your resources", Amazon ECS Developer Guide. */
const MOST_TAGS = 50;

type TagItems = z.infer<typeof tagList>;

/** @throws InvalidParameterException for more than AWS's 50, or a key that is not one */
export function toTags(items: TagItems | undefined): Tags {
  const tags: Tags = new Map();
  for (const { key, value = "" } of items ?? []) {
    if (!key || key.length > 128 || value.length > 256) throw invalidParameter("Tag key or value is not valid.");
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys must not begin with aws:.");
    tags.set(key, value);
  }
  if (tags.size > MOST_TAGS) throw invalidParameter(`A resource can have at most ${MOST_TAGS} tags.`);
  return tags;
}

/** As the API shows them. */
export const tagsView = (tags: Tags): { key: string; value: string }[] =>
  [...tags].map(([key, value]) => ({ key, value }));

const addressed = z.looseObject({ resourceArn: z.string() });

export const operations: Operations = {
  ListTagsForResource({ region, body }) {
    return { tags: tagsView(resource(region, parseRequest(addressed, body).resourceArn).tags) };
  },

  TagResource({ region, body }) {
    const { resourceArn, tags } = parseRequest(addressed.extend({ tags: tagList }), body);
    const found = resource(region, resourceArn);
    const merged = new Map([...found.tags, ...toTags(tags)]);
    if (merged.size > MOST_TAGS) throw clientException(`A resource can have at most ${MOST_TAGS} tags.`);
    found.tags = merged;
    return {};
  },

  UntagResource({ region, body }) {
    const { resourceArn, tagKeys } = parseRequest(addressed.extend({ tagKeys: z.array(z.string()) }), body);
    const found = resource(region, resourceArn);
    found.tags = new Map([...found.tags].filter(([key]) => !tagKeys.includes(key)));
    return {};
  },
};

function resource(region: EcsRegion, arn: string): { tags: Tags } {
  const found = taggedResource(region, arn);
  if (found) return found;
  if (!arn.startsWith("arn:")) throw invalidParameter("The ARN is not valid.");
  throw new EcsError("InvalidParameterException", `The specified resource ${arn} was not found.`);
}
