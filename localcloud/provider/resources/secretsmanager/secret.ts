// aws:secretsmanager/secret:Secret. Its id is its ARN.
import {
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetResourcePolicyCommand,
  PutResourcePolicyCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, json, number, object, output, set, tagged, text } from "../../properties.js";
import { applyTags, tagList, tagState } from "../../tags.js";

export const secret = resource({
  type: "aws:secretsmanager/secret:Secret",
  properties: {
    name: text({ computed: true, replace: true, max: 512, autoName: { max: 512, prefixFrom: "namePrefix" } }),
    namePrefix: text({ replace: true, unread: true }),
    description: text(),
    kmsKeyId: text(),
    policy: json({ computed: true }),
    recoveryWindowInDays: number({
      default: 30,
      unread: true,
      check: (days) =>
        days === 0 || (days >= 7 && days <= 30) ? undefined : "must be 0 (at once) or from 7 to 30 days",
    }),
    replicas: set(
      object({
        region: text({ required: true }),
        kmsKeyId: text({ computed: true }),
        lastAccessedDate: output(text()),
        status: output(text()),
        statusMessage: output(text()),
      }),
      { computed: true },
    ),
    forceOverwriteReplicaSecret: flag({ default: false, unread: true }),
    ...tagged,
    arn: output(text()),
  },

  async create(inputs, context) {
    const client = context.client(SecretsManagerClient);
    const command = new CreateSecretCommand({
      Name: inputs.name,
      Description: inputs.description,
      KmsKeyId: inputs.kmsKeyId,
      Tags: tagList(inputs.tags),
      ForceOverwriteReplicaSecret: inputs.forceOverwriteReplicaSecret || undefined,
      ...(inputs.replicas && {
        AddReplicaRegions: inputs.replicas.map(({ region, kmsKeyId }) => ({ Region: region, KmsKeyId: kmsKeyId })),
      }),
    });
    // A secret of that name that was deleted a moment ago may still be on its way out.
    const { ARN: arn } = await context.retry(
      () => client.send(command),
      (error) => hasCode(error, ["InvalidRequestException"], /(currently|was) .*(marked for deletion|deleted)/i),
      30,
    );
    context.created(arn as string);
    if (inputs.policy) await putPolicy(arn as string, inputs.policy, context);
    return arn as string;
  },

  async read(id, context) {
    const client = context.client(SecretsManagerClient);
    const [found, policy] = await Promise.all([
      client.send(new DescribeSecretCommand({ SecretId: id })),
      orAbsent(client.send(new GetResourcePolicyCommand({ SecretId: id }))),
    ]);
    if (found.DeletedDate) return undefined;
    return {
      name: found.Name,
      description: found.Description ?? "",
      kmsKeyId: found.KmsKeyId ?? "",
      ...(policy?.ResourcePolicy && { policy: policy.ResourcePolicy }),
      replicas: (found.ReplicationStatus ?? []).map((replica) => ({
        region: replica.Region ?? "",
        kmsKeyId: replica.KmsKeyId,
        lastAccessedDate: replica.LastAccessedDate?.toISOString(),
        status: replica.Status,
        statusMessage: replica.StatusMessage,
      })),
      ...tagState(found.Tags),
      arn: found.ARN,
    };
  },

  async update({ id, inputs, old, changes }, context) {
    const client = context.client(SecretsManagerClient);
    if (changes("description", "kmsKeyId"))
      await client.send(
        new UpdateSecretCommand({ SecretId: id, Description: inputs.description ?? "", KmsKeyId: inputs.kmsKeyId }),
      );
    if (changes("policy")) {
      // An empty document takes the policy away, as in the official provider.
      if (inputs.policy && inputs.policy !== "{}") await putPolicy(id, inputs.policy, context);
      else await client.send(new DeleteResourcePolicyCommand({ SecretId: id }));
    }
    if (changes("replicas")) {
      const wanted = inputs.replicas ?? [];
      const removed = (old.replicas ?? []).filter((each) => !wanted.some(({ region }) => region === each.region));
      const added = wanted.filter((each) => !old.replicas?.some(({ region }) => region === each.region));
      if (removed.length > 0)
        await client.send(
          new RemoveRegionsFromReplicationCommand({
            SecretId: id,
            RemoveReplicaRegions: removed.map(({ region }) => region),
          }),
        );
      if (added.length > 0)
        await client.send(
          new ReplicateSecretToRegionsCommand({
            SecretId: id,
            ForceOverwriteReplicaSecret: inputs.forceOverwriteReplicaSecret,
            AddReplicaRegions: added.map(({ region, kmsKeyId }) => ({ Region: region, KmsKeyId: kmsKeyId })),
          }),
        );
    }
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => client.send(new TagResourceCommand({ SecretId: id, Tags: tagList(tags) })),
      remove: (TagKeys) => client.send(new UntagResourceCommand({ SecretId: id, TagKeys })),
    });
  },

  async delete(id, state, context) {
    const client = context.client(SecretsManagerClient);
    const replicas = state.replicas ?? [];
    if (replicas.length > 0)
      await orAbsent(
        client.send(
          new RemoveRegionsFromReplicationCommand({
            SecretId: id,
            RemoveReplicaRegions: replicas.map(({ region }) => region),
          }),
        ),
      );
    const days = state.recoveryWindowInDays ?? 30;
    await client.send(
      new DeleteSecretCommand({
        SecretId: id,
        ...(days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days }),
      }),
    );
    await context.waitFor(
      `secret ${id} to be deleted`,
      async () => {
        const found = await orAbsent(client.send(new DescribeSecretCommand({ SecretId: id })));
        return !found || found.DeletedDate ? true : undefined;
      },
      120,
    );
  },
});

async function putPolicy(arn: string, policy: string, context: Context): Promise<void> {
  const command = new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy: policy });
  // A principal that was made a moment ago is not yet known.
  await context.retry(
    () => context.client(SecretsManagerClient).send(command),
    (error) => hasCode(error, ["MalformedPolicyDocumentException"], /principal/i),
  );
}
