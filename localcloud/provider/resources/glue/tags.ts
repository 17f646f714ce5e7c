// Tags of Glue's resources, known by ARN; maps there too.
import { GetTagsCommand, GlueClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-glue";
import type { Context } from "../../descriptor.js";
import { applyTags, type Tags, tagState } from "../../tags.js";

/** `arn:<partition>:glue:<region>:<account>:<path>` */
export const glueArn = async (context: Context, path: string): Promise<string> =>
  `arn:${context.partition}:glue:${context.region}:${await context.accountId()}:${path}`;

export async function readTags(arn: string, context: Context) {
  const found = await context.client(GlueClient).send(new GetTagsCommand({ ResourceArn: arn }));
  return tagState(found.Tags);
}

/** Turns the tags `old` of a resource into `tags`. */
export async function updateTags(arn: string, old: Tags | undefined, tags: Tags | undefined, context: Context) {
  const glue = context.client(GlueClient);
  await applyTags(old, tags, {
    set: (set) => glue.send(new TagResourceCommand({ ResourceArn: arn, TagsToAdd: set })),
    remove: (keys) => glue.send(new UntagResourceCommand({ ResourceArn: arn, TagsToRemove: keys })),
  });
}

/** Whether an error says that a role is so new that Glue cannot take it yet. */
export const isRoleTooNew = (error: Error): boolean =>
  error.name === "InvalidInputException" &&
  /unable to assume|should be given assume role permissions|verify role's TrustPolicy/.test(error.message);

/** A map as it is kept: nothing where there is nothing. */
export const orNothing = <T>(map: Record<string, T> | undefined): Record<string, T> | undefined =>
  map && Object.keys(map).length > 0 ? map : undefined;
