// Tags of EC2's resources: given with the creation, changed by calls that take any resource's id.
import { CreateTagsCommand, DeleteTagsCommand, EC2Client, type ResourceType } from "@aws-sdk/client-ec2";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags, tagList } from "../../tags.js";

/** The `TagSpecifications` of a creation. */
export function tagSpecifications(type: ResourceType, tags: Tags | undefined) {
  const list = tagList(tags);
  return list.length > 0 ? [{ ResourceType: type, Tags: list }] : undefined;
}

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(id: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const ec2 = context.client(EC2Client);
  await applyTags(old, tags, {
    set: (set) => ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tagList(set) })),
    remove: (keys) => ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key })) })),
  });
}

/** `arn:<partition>:ec2:<region>:<account>:<path>`, for the resources whose ARN no call gives. */
export async function ec2Arn(path: string, context: Context, owner?: string): Promise<string> {
  return `arn:${context.partition}:ec2:${context.region}:${owner ?? (await context.accountId())}:${path}`;
}
