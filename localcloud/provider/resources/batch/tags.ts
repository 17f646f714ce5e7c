// Tags of Batch's resources, changed by calls that take any resource's ARN.
import { BatchClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-batch";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags } from "../../tags.js";

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const batch = context.client(BatchClient);
  await applyTags(old, tags, {
    set: (set) => batch.send(new TagResourceCommand({ resourceArn: arn, tags: set })),
    remove: (keys) => batch.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: keys })),
  });
}
