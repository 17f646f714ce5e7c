// Tags of jobs, crawlers, triggers and workflows. They are kept beside those of the Data Catalog, where GetTags and TagResource look.
import { GetTagsCommand, GlueClient, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-glue";
import type { ComputeContext } from "../service.js";
import type { Scope } from "./model.js";

/** `arn:aws:glue:<region>:<account>:<kind>/<name>` */
export const glueArn = ({ account, region }: Scope, kind: string, name: string): string =>
  `arn:aws:glue:${region}:${account}:${kind}/${name}`;

export interface TagWriter {
  /** Gives what has just been made its tags. */
  put(scope: Scope, kind: string, name: string, tags: Record<string, string> | undefined): Promise<void>;
  /** Forgets the tags of what is gone. */
  remove(scope: Scope, kind: string, name: string): Promise<void>;
}

export function tagWriter(context: Pick<ComputeContext, "clientConfig">): TagWriter {
  const clientOf = ({ account, region }: Scope) => new GlueClient(context.clientConfig(account, region));
  return {
    async put(scope, kind, name, tags) {
      if (!tags || Object.keys(tags).length === 0) return;
      const request = { ResourceArn: glueArn(scope, kind, name), TagsToAdd: tags };
      await clientOf(scope).send(new TagResourceCommand(request));
    },
    async remove(scope, kind, name) {
      const client = clientOf(scope);
      const ResourceArn = glueArn(scope, kind, name);
      const { Tags = {} } = await client.send(new GetTagsCommand({ ResourceArn }));
      const TagsToRemove = Object.keys(Tags);
      if (TagsToRemove.length > 0) await client.send(new UntagResourceCommand({ ResourceArn, TagsToRemove }));
    },
  };
}
