// aws:cloudwatch/logGroup:LogGroup
import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  type LogGroupClass,
  PutLogGroupDeletionProtectionCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { flag, number, output, tagged, text } from "../../properties.js";
import { applyTags, tagState } from "../../tags.js";

/** PutRetentionPolicy's values, in days; 0 is for ever. */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
].map(String);

export const logGroup = resource({
  type: "aws:cloudwatch/logGroup:LogGroup",
  properties: {
    name: text({
      computed: true,
      replace: true,
      max: 512,
      check: (name) => (/^[\w./#-]+$/.test(name) ? undefined : "a log group's name has letters, digits and _-/.# only"),
      autoName: { max: 512, prefixFrom: "namePrefix" },
    }),
    namePrefix: text({ replace: true, unread: true }),
    retentionInDays: number({ default: 0, values: RETENTION_DAYS }),
    kmsKeyId: text(),
    logGroupClass: text({ computed: true, replace: true, values: ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] }),
    deletionProtectionEnabled: flag({ computed: true }),
    skipDestroy: flag({ default: false, unread: true }),
    ...tagged,
    arn: output(text()),
  },

  async create(inputs, context) {
    const logs = context.client(CloudWatchLogsClient);
    const name = inputs.name as string;
    const command = new CreateLogGroupCommand({
      logGroupName: name,
      kmsKeyId: inputs.kmsKeyId,
      logGroupClass: inputs.logGroupClass as LogGroupClass | undefined,
      deletionProtectionEnabled: inputs.deletionProtectionEnabled,
      ...(inputs.tags && Object.keys(inputs.tags).length > 0 && { tags: inputs.tags }),
    });
    await context.retry(() => logs.send(command), isBusy);
    context.created(name);
    if (inputs.retentionInDays) await putRetention(name, inputs.retentionInDays, context);
    return name;
  },

  async read(id, context) {
    const found = await find(id, context);
    if (!found) return undefined;
    const arn = bareArn(found);
    const logs = context.client(CloudWatchLogsClient);
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      name: found.logGroupName,
      retentionInDays: found.retentionInDays ?? 0,
      kmsKeyId: found.kmsKeyId ?? "",
      logGroupClass: found.logGroupClass ?? "STANDARD",
      deletionProtectionEnabled: found.deletionProtectionEnabled ?? false,
      ...tagState(tags),
      arn,
    };
  },

  async update({ id, inputs, old, changes }, context) {
    const logs = context.client(CloudWatchLogsClient);
    if (changes("retentionInDays")) await putRetention(id, inputs.retentionInDays, context);
    if (changes("kmsKeyId"))
      await (inputs.kmsKeyId
        ? logs.send(new AssociateKmsKeyCommand({ logGroupName: id, kmsKeyId: inputs.kmsKeyId }))
        : logs.send(new DisassociateKmsKeyCommand({ logGroupName: id })));
    if (changes("deletionProtectionEnabled"))
      await logs.send(
        new PutLogGroupDeletionProtectionCommand({
          logGroupIdentifier: id,
          deletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
        }),
      );
    await applyTags(old.tags, inputs.tags, {
      set: (tags) => logs.send(new TagResourceCommand({ resourceArn: old.arn, tags })),
      remove: (tagKeys) => logs.send(new UntagResourceCommand({ resourceArn: old.arn, tagKeys })),
    });
  },

  async delete(id, state, context) {
    if (state.skipDestroy) return;
    const command = new DeleteLogGroupCommand({ logGroupName: id });
    await context.retry(() => context.client(CloudWatchLogsClient).send(command), isBusy);
  },
});

/** "OperationAbortedException: multiple concurrent requests to update the same resource". */
function isBusy(error: Error): boolean {
  return hasCode(error, ["OperationAbortedException"]);
}

async function putRetention(name: string, days: number, context: Context): Promise<void> {
  const logs = context.client(CloudWatchLogsClient);
  const send = async () => {
    await (days === 0
      ? logs.send(new DeleteRetentionPolicyCommand({ logGroupName: name }))
      : logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: days })));
  };
  await context.retry(send, isBusy);
}

async function find(name: string, context: Context): Promise<LogGroup | undefined> {
  const logs = context.client(CloudWatchLogsClient);
  let nextToken: string | undefined;
  do {
    const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, nextToken }));
    const found = page.logGroups?.find((each) => each.logGroupName === name);
    if (found) return found;
    nextToken = page.nextToken;
  } while (nextToken);
  return undefined;
}

/** The group's ARN without the `:*` that stands for its streams. */
function bareArn(group: LogGroup): string {
  return (group.logGroupArn ?? group.arn ?? "").replace(/:\*$/, "");
}
