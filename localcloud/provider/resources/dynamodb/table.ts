// aws:dynamodb/table:Table
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  type StreamViewType,
  type TableClass,
  type Tag,
} from "@aws-sdk/client-dynamodb";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, isNotFound, orAbsent } from "../../errors.js";
import { tagList, tagState } from "../../tags.js";
import {
  attributeDefinitions,
  globalIndexes,
  globalIndexToAws,
  keySchema,
  keysOf,
  localIndexes,
  throughput,
} from "./indexes.js";
import { checkTable, properties } from "./properties.js";
import { changeTable, isBusy, putPointInTimeRecovery, putTtl, settled } from "./update.js";

export const table = resource({
  type: "aws:dynamodb/table:Table",
  properties,
  check: checkTable,

  async create(inputs, context) {
    const client = context.client(DynamoDBClient);
    const name = inputs.name as string;
    const { serverSideEncryption: encryption } = inputs;
    const command = new CreateTableCommand({
      TableName: name,
      AttributeDefinitions: attributeDefinitions(inputs),
      KeySchema: keySchema(inputs),
      BillingMode: inputs.billingMode as "PROVISIONED" | "PAY_PER_REQUEST",
      ProvisionedThroughput: throughput(inputs, inputs.billingMode),
      OnDemandThroughput: inputs.onDemandThroughput && {
        MaxReadRequestUnits: inputs.onDemandThroughput.maxReadRequestUnits,
        MaxWriteRequestUnits: inputs.onDemandThroughput.maxWriteRequestUnits,
      },
      GlobalSecondaryIndexes: inputs.globalSecondaryIndexes?.map((index) =>
        globalIndexToAws(index, inputs.billingMode),
      ),
      LocalSecondaryIndexes: inputs.localSecondaryIndexes?.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema({ hashKey: inputs.hashKey, rangeKey: index.rangeKey }),
        Projection: {
          ProjectionType: index.projectionType as "ALL",
          NonKeyAttributes: index.nonKeyAttributes,
        },
      })),
      ...(inputs.streamEnabled && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: inputs.streamViewType as StreamViewType },
      }),
      ...(encryption?.enabled && {
        SSESpecification: { Enabled: true, SSEType: "KMS", KMSMasterKeyId: encryption.kmsKeyArn },
      }),
      TableClass: inputs.tableClass as TableClass,
      DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
      Tags: tagList(inputs.tags),
    });
    await context.retry(
      () => client.send(command),
      // Too many tables at once, or one of that name is still on its way out; but not that there is one.
      (error) => hasCode(error, ["LimitExceededException"]) || hasCode(error, ["ResourceInUseException"], /delet/i),
    );
    context.created(name);
    await settled(name, context);
    if (inputs.ttl?.enabled) await putTtl(name, inputs.ttl, context);
    if (inputs.pointInTimeRecovery?.enabled) await putPointInTimeRecovery(name, inputs.pointInTimeRecovery, context);
    return name;
  },

  async read(id, context) {
    const client = context.client(DynamoDBClient);
    const [described, ttl, backups] = await Promise.all([
      client.send(new DescribeTableCommand({ TableName: id })),
      client.send(new DescribeTimeToLiveCommand({ TableName: id })),
      orAbsent(client.send(new DescribeContinuousBackupsCommand({ TableName: id })), "UnknownOperationException"),
    ]);
    const found = described.Table;
    if (!found || found.TableStatus === "DELETING") return undefined;
    const recovery = backups?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    const { SSEDescription: sse, StreamSpecification: stream, ProvisionedThroughput: capacity } = found;
    const ttlStatus = ttl.TimeToLiveDescription?.TimeToLiveStatus;
    const hasTtl = ttlStatus === "ENABLED" || ttlStatus === "ENABLING";
    const hasRecovery = recovery?.PointInTimeRecoveryStatus === "ENABLED";
    const isEncrypted = sse?.Status === "ENABLED" || sse?.Status === "UPDATING" || sse?.Status === "ENABLING";
    const { OnDemandThroughput: onDemand } = found;
    return {
      name: found.TableName,
      attributes: (found.AttributeDefinitions ?? []).map((each) => ({
        name: each.AttributeName ?? "",
        type: each.AttributeType ?? "",
      })),
      ...keysOf(found.KeySchema),
      billingMode: found.BillingModeSummary?.BillingMode ?? "PROVISIONED",
      readCapacity: capacity?.ReadCapacityUnits ?? 0,
      writeCapacity: capacity?.WriteCapacityUnits ?? 0,
      ...(onDemand && {
        onDemandThroughput: {
          maxReadRequestUnits: onDemand.MaxReadRequestUnits,
          maxWriteRequestUnits: onDemand.MaxWriteRequestUnits,
        },
      }),
      globalSecondaryIndexes: globalIndexes(found),
      localSecondaryIndexes: localIndexes(found),
      streamEnabled: stream?.StreamEnabled ?? false,
      streamViewType: stream?.StreamViewType ?? "",
      ttl: { enabled: hasTtl, attributeName: hasTtl ? ttl.TimeToLiveDescription?.AttributeName : "" },
      pointInTimeRecovery: {
        enabled: hasRecovery,
        ...(hasRecovery && recovery.RecoveryPeriodInDays && { recoveryPeriodInDays: recovery.RecoveryPeriodInDays }),
      },
      ...(isEncrypted && { serverSideEncryption: { enabled: true, kmsKeyArn: sse.KMSMasterKeyArn } }),
      tableClass: found.TableClassSummary?.TableClass ?? "STANDARD",
      deletionProtectionEnabled: found.DeletionProtectionEnabled ?? false,
      ...tagState(await listTags(found.TableArn ?? "", context)),
      arn: found.TableArn,
      streamArn: stream?.StreamEnabled ? found.LatestStreamArn : "",
      streamLabel: stream?.StreamEnabled ? found.LatestStreamLabel : "",
    };
  },

  async update(change, context) {
    await changeTable(change, context);
  },

  async delete(id, state, context) {
    const client = context.client(DynamoDBClient);
    if (state.deletionProtectionEnabled)
      throw new Error(`deletion protection of the table ${id} is on: set deletionProtectionEnabled to false first`);
    await context.retry(() => client.send(new DeleteTableCommand({ TableName: id })), isBusy, 600);
    await context.waitFor(
      `table ${id} to be gone`,
      async () => {
        const found = await orAbsent(client.send(new DescribeTableCommand({ TableName: id })));
        return found ? undefined : true;
      },
      600,
    );
  },

  isGone: (error) => isNotFound(error) || hasCode(error, ["TableNotFoundException"]),
});

async function listTags(arn: string, context: Context): Promise<Tag[]> {
  const tags: Tag[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(DynamoDBClient)
      .send(new ListTagsOfResourceCommand({ ResourceArn: arn, NextToken }));
    tags.push(...(page.Tags ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return tags;
}
