// Tags of EventBridge's resources, changed by calls that take the ARN.
import {
  EventBridgeClient,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags, tagList, tagState } from "../../tags.js";

export async function readTags(arn: string, context: Context) {
  const found = await context.client(EventBridgeClient).send(new ListTagsForResourceCommand({ ResourceARN: arn }));
  return tagState(found.Tags);
}

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const eventBridge = context.client(EventBridgeClient);
  await applyTags(old, tags, {
    set: (set) => eventBridge.send(new TagResourceCommand({ ResourceARN: arn, Tags: tagList(set) })),
    remove: (TagKeys) => eventBridge.send(new UntagResourceCommand({ ResourceARN: arn, TagKeys })),
  });
}
