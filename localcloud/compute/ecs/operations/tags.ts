// Tags: TagResource, UntagResource, ListTagsForResource of the Amazon ECS API Reference.
import { z } from "zod";
import { clientException, EcsError, invalidParameter } from "../errors.js";
import type { Tags } from "../model.js";
import { parseRequest, tagList } from "../requests.js";
import { type EcsRegion, taggedResource } from "../store.js";
import { MOST_TAGS, TOO_MANY_TAGS, tagsView, toTags } from "../tags.js";
import type { Operations } from "./operation.js";

const addressed = z.looseObject({ resourceArn: z.string() });

export const operations: Operations = {
  ListTagsForResource({ region, body }) {
    return { tags: tagsView(resource(region, parseRequest(addressed, body).resourceArn).tags) };
  },

  TagResource({ region, body }) {
    const { resourceArn, tags } = parseRequest(addressed.extend({ tags: tagList }), body);
    const found = resource(region, resourceArn);
    const merged = new Map([...found.tags, ...toTags(tags)]);
    if (merged.size > MOST_TAGS) throw clientException(TOO_MANY_TAGS);
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
