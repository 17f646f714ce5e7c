// aws:iam/policy:Policy: a managed policy. Its id is its ARN; a change of the document is a new default version.
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  type PolicyVersion,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { json, number, output, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";
import { decodePolicy, named, path } from "./names.js";

/** "IAM and AWS STS quotas": versions of a managed policy. */
const MOST_VERSIONS = 5;

export const policy = resource({
  type: "aws:iam/policy:Policy",
  global: true,
  properties: {
    ...named(128),
    policy: json({ required: true }),
    description: text({ replace: true, max: 1000 }),
    path,
    delayAfterPolicyCreationInMs: number({ unread: true, min: 1 }),
    ...tagged,
    arn: output(text()),
    attachmentCount: output(number()),
    policyId: output(text()),
  },

  async create(inputs, context) {
    const created = await context.client(IAMClient).send(
      new CreatePolicyCommand({
        PolicyName: inputs.name,
        PolicyDocument: inputs.policy,
        Description: inputs.description,
        Path: inputs.path,
        Tags: tagList(inputs.tags),
      }),
    );
    return created.Policy?.Arn as string;
  },

  async read(id, context) {
    const iam = context.client(IAMClient);
    const { Policy: found } = await iam.send(new GetPolicyCommand({ PolicyArn: id }));
    const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn: id, VersionId: found?.DefaultVersionId }));
    return (
      found && {
        name: found.PolicyName,
        policy: decodePolicy(version.PolicyVersion?.Document),
        description: found.Description ?? "",
        path: found.Path,
        ...tagState(found.Tags),
        arn: found.Arn,
        attachmentCount: found.AttachmentCount ?? 0,
        policyId: found.PolicyId,
      }
    );
  },

  async update({ id, inputs, old, changes }, context) {
    const iam = context.client(IAMClient);
    if (changes("policy")) {
      await makeRoom(id, context);
      await iam.send(
        new CreatePolicyVersionCommand({ PolicyArn: id, PolicyDocument: inputs.policy, SetAsDefault: true }),
      );
    }
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => iam.send(new TagPolicyCommand({ PolicyArn: id, Tags: tagList(tags) })),
      remove: (TagKeys) => iam.send(new UntagPolicyCommand({ PolicyArn: id, TagKeys })),
    });
  },

  async delete(id, _, context) {
    const iam = context.client(IAMClient);
    for (const { VersionId, IsDefaultVersion } of await listVersions(id, context))
      if (!IsDefaultVersion) await orAbsent(iam.send(new DeletePolicyVersionCommand({ PolicyArn: id, VersionId })));
    await context.retry(
      () => iam.send(new DeletePolicyCommand({ PolicyArn: id })),
      (error) => hasCode(error, ["DeleteConflict", "DeleteConflictException"]),
      20,
    );
  },
});

async function listVersions(arn: string, context: Context): Promise<PolicyVersion[]> {
  return (await context.client(IAMClient).send(new ListPolicyVersionsCommand({ PolicyArn: arn }))).Versions ?? [];
}

/** Removes the oldest version when there is no room for another. */
async function makeRoom(arn: string, context: Context): Promise<void> {
  const versions = await listVersions(arn, context);
  if (versions.length < MOST_VERSIONS) return;
  const age = ({ CreateDate, VersionId }: PolicyVersion) =>
    [CreateDate?.getTime() ?? 0, Number(VersionId?.slice(1))] as const;
  const [oldest] = versions
    .filter((each) => !each.IsDefaultVersion)
    .sort((left, right) => age(left)[0] - age(right)[0] || age(left)[1] - age(right)[1]);
  await context
    .client(IAMClient)
    .send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: oldest?.VersionId }));
}
