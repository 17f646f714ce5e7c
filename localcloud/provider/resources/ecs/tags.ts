// Tags of ECS's resources: lists of `{key, value}`, changed by calls that take any resource's ARN.
import { ECSClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-ecs";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags } from "../../tags.js";

/** ECS's form: `[{key, value}]`. */
export const ecsTags = (tags: Tags | undefined): { key: string; value: string }[] =>
  Object.entries(tags ?? {}).map(([key, value]) => ({ key, value }));

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const ecs = context.client(ECSClient);
  await applyTags(old, tags, {
    set: (set) => ecs.send(new TagResourceCommand({ resourceArn: arn, tags: ecsTags(set) })),
    remove: (keys) => ecs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: keys })),
  });
}
