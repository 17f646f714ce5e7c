// aws:efs/fileSystemPolicy:FileSystemPolicy. Its id is the file system's.
import {
  DeleteFileSystemPolicyCommand,
  DescribeFileSystemPolicyCommand,
  EFSClient,
  PutFileSystemPolicyCommand,
} from "@aws-sdk/client-efs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { policyText } from "../../policies.js";
import { flag, json, text } from "../../properties.js";
import { isRecord } from "../../wire.js";
import { isBusy } from "./parts.js";

export const fileSystemPolicy = resource({
  type: "aws:efs/fileSystemPolicy:FileSystemPolicy",
  properties: {
    fileSystemId: text({ required: true, replace: true }),
    policy: json({ required: true, equals: (left, right) => policyText(asGiven(left)) === policyText(asGiven(right)) }),
    bypassPolicyLockoutSafetyCheck: flag({ default: false, unread: true }),
  },
  identity: ["fileSystemId"],

  async create(inputs, context) {
    await put(inputs.fileSystemId, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck, context);
    return inputs.fileSystemId;
  },

  async read(id, context) {
    const found = await context.client(EFSClient).send(new DescribeFileSystemPolicyCommand({ FileSystemId: id }));
    return found.Policy ? { fileSystemId: id, policy: found.Policy } : undefined;
  },

  async update({ id, inputs, changes }, context) {
    if (changes("policy")) await put(id, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck, context);
  },

  async delete(id, _state, context) {
    const request = new DeleteFileSystemPolicyCommand({ FileSystemId: id });
    await context.retry(() => context.client(EFSClient).send(request), isBusy, 600);
  },
});

async function put(id: string, policy: string, bypass: boolean, context: Context): Promise<void> {
  const request = new PutFileSystemPolicyCommand({
    FileSystemId: id,
    Policy: policy,
    BypassPolicyLockoutSafetyCheck: bypass,
  });
  await context.retry(
    () => context.client(EFSClient).send(request),
    // A principal that was made a moment ago is not yet known.
    (error) => isBusy(error) || hasCode(error, ["InvalidPolicyException"], /principal/i),
  );
}

/**
 * Without what EFS fills in where a policy leaves it out: an Id, Sids of its own making, and the file system, which is the only
 * resource that such a policy can speak of.
 */
function asGiven(policy: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(policy);
  } catch {
    return policy;
  }
  if (!isRecord(parsed)) return policy;
  const { Id: _id, Statement, ...rest } = parsed;
  const statements = [Statement].flat().map((statement) => {
    if (!isRecord(statement)) return statement;
    const { Sid, Resource: _resource, ...given } = statement;
    return Sid === undefined || /^efs-statement-/.test(String(Sid)) ? given : { Sid, ...given };
  });
  return JSON.stringify({ ...rest, Statement: statements });
}
