// Changes of a table in place. DynamoDB takes one kind of change at a time ("UpdateTable"), each only while the table and its indexes
// are ACTIVE, so this is a sequence of calls with waits between them.
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type StreamViewType,
  type TableClass,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { Change, Context } from "../../descriptor.js";
import { hasCode } from "../../errors.js";
import { applyTags, tagList } from "../../tags.js";
import { attributeDefinitions, globalIndexToAws, keySchema, throughput } from "./indexes.js";
import type { GlobalIndex, properties, TableInputs, TableState } from "./properties.js";

/** Building an index of a large table takes its time. */
const SETTLE_SECONDS = 1800;

/** Another change is under way, or too many are. */
export function isBusy(error: Error): boolean {
  return hasCode(error, ["ResourceInUseException", "LimitExceededException", "ContinuousBackupsUnavailableException"]);
}

/** Waits until the table and all its indexes are ACTIVE. */
export async function settled(name: string, context: Context): Promise<void> {
  await context.waitFor(
    `table ${name} and its indexes to be ACTIVE`,
    async () => {
      const { Table: found } = await context.client(DynamoDBClient).send(new DescribeTableCommand({ TableName: name }));
      const statuses = [found?.TableStatus, ...(found?.GlobalSecondaryIndexes ?? []).map((index) => index.IndexStatus)];
      return statuses.every((status) => status === "ACTIVE") ? true : undefined;
    },
    SETTLE_SECONDS,
  );
}

export async function changeTable(change: Change<typeof properties>, context: Context): Promise<void> {
  const { id, inputs, old, changes } = change;
  const client = context.client(DynamoDBClient);
  const updateTable = async (input: Omit<UpdateTableCommandInput, "TableName">) => {
    const command = new UpdateTableCommand({ TableName: id, ...input });
    await context.retry(() => client.send(command), isBusy, SETTLE_SECONDS);
    await settled(id, context);
  };
  if (changes("deletionProtectionEnabled"))
    await updateTable({ DeletionProtectionEnabled: inputs.deletionProtectionEnabled });
  if (changes("billingMode", "readCapacity", "writeCapacity")) await updateTable(capacityChange(inputs, old));
  if (changes("onDemandThroughput"))
    await updateTable({
      OnDemandThroughput: {
        MaxReadRequestUnits: inputs.onDemandThroughput?.maxReadRequestUnits ?? -1,
        MaxWriteRequestUnits: inputs.onDemandThroughput?.maxWriteRequestUnits ?? -1,
      },
    });
  if (changes("globalSecondaryIndexes")) await changeIndexes(inputs, old, updateTable);
  if (changes("streamEnabled", "streamViewType")) {
    // The view of a stream cannot change: it ends, and another begins.
    if (old.streamEnabled) await updateTable({ StreamSpecification: { StreamEnabled: false } });
    if (inputs.streamEnabled)
      await updateTable({
        StreamSpecification: { StreamEnabled: true, StreamViewType: inputs.streamViewType as StreamViewType },
      });
  }
  if (changes("serverSideEncryption"))
    await updateTable({
      SSESpecification: inputs.serverSideEncryption?.enabled
        ? { Enabled: true, SSEType: "KMS", KMSMasterKeyId: inputs.serverSideEncryption.kmsKeyArn }
        : { Enabled: false },
    });
  if (changes("tableClass")) await updateTable({ TableClass: inputs.tableClass as TableClass });
  if (changes("ttl")) await changeTtl(id, inputs.ttl, old.ttl, context);
  if (changes("pointInTimeRecovery"))
    await putPointInTimeRecovery(id, inputs.pointInTimeRecovery ?? { enabled: false }, context);
  await applyTags(old.tags, inputs.tags, {
    set: (tags) => client.send(new TagResourceCommand({ ResourceArn: old.arn, Tags: tagList(tags) })),
    remove: (TagKeys) => client.send(new UntagResourceCommand({ ResourceArn: old.arn, TagKeys })),
  });
}

/** Billing and capacity go together; a table that becomes provisioned needs capacity for its indexes in the same call. */
function capacityChange(inputs: TableInputs, old: TableState): Omit<UpdateTableCommandInput, "TableName"> {
  const { billingMode } = inputs;
  if (billingMode === "PAY_PER_REQUEST") return { BillingMode: billingMode };
  const becomesProvisioned = old.billingMode === "PAY_PER_REQUEST";
  const kept = (inputs.globalSecondaryIndexes ?? []).filter((index) =>
    old.globalSecondaryIndexes?.some(({ name }) => name === index.name),
  );
  return {
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: throughput(inputs, "PROVISIONED"),
    ...(becomesProvisioned &&
      kept.length > 0 && {
        GlobalSecondaryIndexUpdates: kept.map((index) => ({
          Update: { IndexName: index.name, ProvisionedThroughput: throughput(index, "PROVISIONED") },
        })),
      }),
  };
}

/** One index at a time; an index whose keys or projection change is made anew. */
async function changeIndexes(
  inputs: TableInputs,
  old: TableState,
  updateTable: (input: Omit<UpdateTableCommandInput, "TableName">) => Promise<void>,
): Promise<void> {
  const { billingMode } = inputs;
  const wanted = inputs.globalSecondaryIndexes ?? [];
  const existing = old.globalSecondaryIndexes ?? [];
  const sameShape = (index: GlobalIndex) => existing.find((each) => shapeOf(each) === shapeOf(index));
  for (const index of existing)
    if (!wanted.some((each) => shapeOf(each) === shapeOf(index)))
      await updateTable({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: index.name } }] });
  for (const index of wanted) {
    const before = sameShape(index);
    if (!before)
      await updateTable({
        AttributeDefinitions: attributeDefinitions(inputs),
        GlobalSecondaryIndexUpdates: [
          { Create: { ...globalIndexToAws(index, billingMode), IndexName: index.name, KeySchema: keySchema(index) } },
        ],
      });
    else if (billingMode === "PROVISIONED" && capacityDiffers(before, index) && old.billingMode === "PROVISIONED")
      await updateTable({
        GlobalSecondaryIndexUpdates: [
          { Update: { IndexName: index.name, ProvisionedThroughput: throughput(index, billingMode) } },
        ],
      });
  }
}

function shapeOf(index: GlobalIndex): string {
  return JSON.stringify([
    index.name,
    index.hashKey,
    index.rangeKey ?? "",
    index.projectionType,
    [...(index.nonKeyAttributes ?? [])].sort(),
  ]);
}

function capacityDiffers(before: GlobalIndex, after: GlobalIndex): boolean {
  return (
    (after.readCapacity !== undefined && before.readCapacity !== after.readCapacity) ||
    (after.writeCapacity !== undefined && before.writeCapacity !== after.writeCapacity)
  );
}

/** Another attribute cannot take over: the old one's expiry ends first. */
async function changeTtl(
  name: string,
  ttl: TableInputs["ttl"],
  old: TableState["ttl"],
  context: Context,
): Promise<void> {
  const isMoved = old?.enabled && ttl?.enabled && old.attributeName !== ttl.attributeName;
  if (old?.enabled && (isMoved || !ttl?.enabled)) await putTtl(name, { ...old, enabled: false }, context);
  if (ttl?.enabled) await putTtl(name, ttl, context);
}

export async function putTtl(name: string, ttl: NonNullable<TableInputs["ttl"]>, context: Context): Promise<void> {
  const client = context.client(DynamoDBClient);
  const command = new UpdateTimeToLiveCommand({
    TableName: name,
    TimeToLiveSpecification: { AttributeName: ttl.attributeName, Enabled: ttl.enabled },
  });
  await context.retry(() => client.send(command), isBusy);
  const wanted = ttl.enabled ? "ENABLED" : "DISABLED";
  await context.waitFor(
    `time to live of table ${name} to be ${wanted}`,
    async () => {
      const { TimeToLiveDescription: found } = await client.send(new DescribeTimeToLiveCommand({ TableName: name }));
      return found?.TimeToLiveStatus === wanted ? true : undefined;
    },
    SETTLE_SECONDS,
  );
}

export async function putPointInTimeRecovery(
  name: string,
  { enabled, recoveryPeriodInDays }: NonNullable<TableInputs["pointInTimeRecovery"]>,
  context: Context,
): Promise<void> {
  const command = new UpdateContinuousBackupsCommand({
    TableName: name,
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: enabled,
      RecoveryPeriodInDays: enabled ? recoveryPeriodInDays : undefined,
    },
  });
  await context.retry(() => context.client(DynamoDBClient).send(command), isBusy);
}
