// aws:efs/backupPolicy:BackupPolicy. Every file system has one; the resource says which. Its id is the file system's.
import { DescribeBackupPolicyCommand, EFSClient, PutBackupPolicyCommand, type Status } from "@aws-sdk/client-efs";
import { type Context, resource } from "../../descriptor.js";
import { orAbsent } from "../../errors.js";
import { object, text } from "../../properties.js";
import { isBusy } from "./parts.js";

export const backupPolicy = resource({
  type: "aws:efs/backupPolicy:BackupPolicy",
  properties: {
    fileSystemId: text({ required: true, replace: true }),
    backupPolicy: object({ status: text({ required: true, values: ["ENABLED", "DISABLED"] }) }, { required: true }),
  },
  identity: ["fileSystemId"],

  async create(inputs, context) {
    await put(inputs.fileSystemId, inputs.backupPolicy.status, context);
    return inputs.fileSystemId;
  },

  async read(id, context) {
    const status = await statusOf(id, context);
    return status === undefined ? undefined : { fileSystemId: id, backupPolicy: { status } };
  },

  async update({ id, inputs }, context) {
    await put(id, inputs.backupPolicy.status, context);
  },

  async delete(id, _state, context) {
    await put(id, "DISABLED", context);
  },
});

/** ENABLED or DISABLED, also while it is becoming that; undefined for a file system that has none. */
async function statusOf(id: string, context: Context): Promise<string | undefined> {
  const found = await orAbsent(
    context.client(EFSClient).send(new DescribeBackupPolicyCommand({ FileSystemId: id })),
    "PolicyNotFound",
  );
  const status = found?.BackupPolicy?.Status;
  if (status === "ENABLING") return "ENABLED";
  return status === "DISABLING" ? "DISABLED" : status;
}

async function put(id: string, status: string, context: Context): Promise<void> {
  const request = new PutBackupPolicyCommand({ FileSystemId: id, BackupPolicy: { Status: status as Status } });
  await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
  await context.waitFor(
    `the backup policy of ${id} to be ${status}`,
    async () => ((await statusOf(id, context)) === status ? true : undefined),
    600,
  );
}
