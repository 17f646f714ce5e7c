// aws:secretsmanager/secretVersion:SecretVersion: one value of a secret. Its id is `<secret>|<version id>`.
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { output, set, text } from "../../properties.js";

const CURRENT = "AWSCURRENT";

export const secretVersion = resource({
  type: "aws:secretsmanager/secretVersion:SecretVersion",
  properties: {
    secretId: text({ required: true, replace: true }),
    secretString: text({ sensitive: true, replace: true }),
    /** Base64. */
    secretBinary: text({ sensitive: true, replace: true }),
    versionStages: set(text(), { computed: true }),
    arn: output(text()),
    secretArn: output(text()),
    versionId: output(text()),
  },
  // A new version may stand beside the old one; nothing needs to go first.
  identity: [],

  check(inputs) {
    if (inputs.secretString !== undefined && inputs.secretBinary !== undefined)
      return [{ property: "secretBinary", reason: "cannot be given together with secretString" }];
    if (inputs.secretString === undefined && inputs.secretBinary === undefined)
      return [{ property: "secretString", reason: "is required, but was not given (nor secretBinary)" }];
    return [];
  },

  async create(inputs, context) {
    const { VersionId } = await context.client(SecretsManagerClient).send(
      new PutSecretValueCommand({
        SecretId: inputs.secretId,
        SecretString: inputs.secretString,
        SecretBinary: inputs.secretBinary === undefined ? undefined : Buffer.from(inputs.secretBinary, "base64"),
        VersionStages: inputs.versionStages,
      }),
    );
    return `${inputs.secretId}|${VersionId}`;
  },

  async read(id, context) {
    const { secretId, versionId } = parts(id);
    const client = context.client(SecretsManagerClient);
    try {
      const found = await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId }));
      return {
        secretId,
        ...(found.SecretString !== undefined && { secretString: found.SecretString }),
        ...(found.SecretBinary && { secretBinary: Buffer.from(found.SecretBinary).toString("base64") }),
        versionStages: found.VersionStages ?? [],
        arn: found.ARN,
        secretArn: found.ARN,
        versionId,
      };
    } catch (error) {
      // The value of a secret that is about to be deleted can no longer be asked for.
      if (hasCode(error, ["InvalidRequestException"], /delet/i)) return undefined;
      throw error;
    }
  },

  async update({ id, inputs, old, changes }, context) {
    if (!changes("versionStages")) return;
    const { secretId, versionId } = parts(id);
    const wanted = inputs.versionStages ?? [CURRENT];
    const client = context.client(SecretsManagerClient);
    const stages = async () =>
      (await client.send(new DescribeSecretCommand({ SecretId: secretId }))).VersionIdsToStages ?? {};
    const holders = await stages();
    for (const stage of wanted.filter((each) => !old.versionStages?.includes(each))) {
      const holder = Object.keys(holders).find((version) => holders[version]?.includes(stage));
      await moveStage(secretId, stage, { from: holder, to: versionId }, context);
    }
    // The current version is so until another one is. Moving AWSCURRENT moves AWSPREVIOUS along.
    for (const stage of (await stages())[versionId] ?? [])
      if (!wanted.includes(stage) && stage !== CURRENT) await moveStage(secretId, stage, { from: versionId }, context);
  },

  async delete(id, _, context) {
    const { secretId, versionId } = parts(id);
    const client = context.client(SecretsManagerClient);
    const found = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
    if (found.DeletedDate) return;
    // AWS deletes versions without a stage by and by; the stage of the current one can only move to another.
    for (const stage of found.VersionIdsToStages?.[versionId] ?? [])
      if (stage !== CURRENT) await moveStage(secretId, stage, { from: versionId }, context);
  },
});

function parts(id: string): { secretId: string; versionId: string } {
  const [secretId, versionId] = id.split("|");
  if (!secretId || !versionId) throw new Error(`the id of a secret's version is <secret>|<version id>, not ${id}`);
  return { secretId, versionId };
}

async function moveStage(
  secretId: string,
  stage: string,
  { from, to }: { from?: string; to?: string },
  context: Context,
): Promise<void> {
  await context.client(SecretsManagerClient).send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: stage,
      RemoveFromVersionId: from,
      MoveToVersionId: to,
    }),
  );
}
