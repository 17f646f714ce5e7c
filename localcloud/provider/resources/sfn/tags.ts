// Tags of Step Functions' resources, in small letters there.
import { ListTagsForResourceCommand, SFNClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-sfn";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags, tagState } from "../../tags.js";

export function tagRequest(tags: Tags | undefined): { key: string; value: string }[] | undefined {
  const entries = Object.entries(tags ?? {});
  return entries.length > 0 ? entries.map(([key, value]) => ({ key, value })) : undefined;
}

export async function readTags(arn: string, context: Context) {
  const found = await context.client(SFNClient).send(new ListTagsForResourceCommand({ resourceArn: arn }));
  return tagState(found.tags);
}

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const sfn = context.client(SFNClient);
  await applyTags(old, tags, {
    set: (set) => sfn.send(new TagResourceCommand({ resourceArn: arn, tags: tagRequest(set) ?? [] })),
    remove: (tagKeys) => sfn.send(new UntagResourceCommand({ resourceArn: arn, tagKeys })),
  });
}
