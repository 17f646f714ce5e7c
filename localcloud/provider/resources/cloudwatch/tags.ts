// Tags of CloudWatch's alarms, changed by calls that take the ARN.
import {
  CloudWatchClient,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags, tagList, tagState } from "../../tags.js";

export async function readTags(arn: string, context: Context) {
  const found = await context.client(CloudWatchClient).send(new ListTagsForResourceCommand({ ResourceARN: arn }));
  return tagState(found.Tags);
}

/** Turns the tags `old` of an alarm into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const cloudwatch = context.client(CloudWatchClient);
  await applyTags(old, tags, {
    set: (set) => cloudwatch.send(new TagResourceCommand({ ResourceARN: arn, Tags: tagList(set) })),
    remove: (TagKeys) => cloudwatch.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys })),
  });
}
