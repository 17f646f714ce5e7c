// What EFS's types share: tags of file systems and access points, ARNs and host names, and which errors pass.
import { EFSClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-efs";
import type { Context } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { applyTags, type Tags, tagList } from "../../tags.js";

/** Changes the tags of a file system or an access point. */
export async function updateTags(
  id: string,
  old: Tags | undefined,
  tags: Tags | undefined,
  context: Context,
): Promise<void> {
  const efs = context.client(EFSClient);
  await applyTags(old, tags, {
    set: (set) => efs.send(new TagResourceCommand({ ResourceId: id, Tags: tagList(set) })),
    async remove(keys) {
      // One key a call: not every cloud reads more than the first of them.
      for (const key of keys) await efs.send(new UntagResourceCommand({ ResourceId: id, TagKeys: [key] }));
    },
  });
}

/** ARN of a file system, for what is told its id only. */
export async function fileSystemArn(id: string, context: Context): Promise<string> {
  return `arn:${context.partition}:elasticfilesystem:${context.region}:${await context.accountId()}:file-system/${id}`;
}

/** Where clients find a file system ("Mounting on Amazon EC2 with a DNS name", Amazon EFS User Guide). */
export function dnsName(fileSystemId: string, context: Context): string {
  return `${fileSystemId}.efs.${context.region}.${context.dnsSuffix}`;
}

/** A file system that is being changed takes no other change before that is done. */
export const isBusy = (error: Error): boolean => hasCode(error, ["IncorrectFileSystemLifeCycleState"]);
