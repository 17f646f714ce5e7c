import assert from "node:assert/strict";
import {
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { Table } from "@pulumi/aws/dynamodb/table.js";
import { type Life, testLives } from "../lifecycle.js";

const lives: Life[] = [
  {
    name: "features",
    declare: (version, options) =>
      new Table(
        "features",
        {
          name: version === "replaced" ? "features-b" : "features",
          billingMode: "PAY_PER_REQUEST",
          hashKey: "customer_id",
          rangeKey: "feature_date",
          attributes: [
            { name: "customer_id", type: "S" },
            { name: "feature_date", type: "S" },
            ...(version === "created" ? [] : [{ name: "dataset_size", type: "N" }]),
          ],
          globalSecondaryIndexes:
            version === "created"
              ? []
              : [{ name: "by-size", hashKey: "feature_date", rangeKey: "dataset_size", projectionType: "KEYS_ONLY" }],
          ttl: version === "created" ? undefined : { attributeName: "expires_at", enabled: true },
          pointInTimeRecovery: { enabled: version !== "created" },
          streamEnabled: version !== "created",
          streamViewType: version === "created" ? undefined : "NEW_AND_OLD_IMAGES",
          tags: { Version: version },
        },
        options,
      ),
    outputs: {
      created: (outputs) => {
        assert.match(String(outputs.arn), /^arn:aws:dynamodb:eu-central-1:\d{12}:table\/features$/);
        assert.equal(outputs.streamArn, "");
      },
      updated: (outputs) => assert.match(String(outputs.streamArn), /\/stream\//),
    },
    verify: {
      updated: async (id, { client }) => {
        const { Table: found } = await new DynamoDBClient(client).send(new DescribeTableCommand({ TableName: id }));
        assert.deepEqual(
          found?.GlobalSecondaryIndexes?.map((index) => index.IndexName),
          ["by-size"],
        );
        assert.equal(found?.StreamSpecification?.StreamViewType, "NEW_AND_OLD_IMAGES");
      },
    },
    disturb: async (id, { client }) => {
      const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: false };
      const request = { TableName: id, PointInTimeRecoverySpecification };
      await new DynamoDBClient(client).send(new UpdateContinuousBackupsCommand(request));
    },
  },
  {
    name: "orders",
    declare: (version, options) =>
      new Table(
        "orders",
        {
          name: version === "replaced" ? "orders-b" : "orders",
          hashKey: "id",
          attributes: [{ name: "id", type: "S" }],
          billingMode: version === "created" ? "PROVISIONED" : "PAY_PER_REQUEST",
          readCapacity: version === "created" ? 2 : undefined,
          writeCapacity: version === "created" ? 1 : undefined,
          deletionProtectionEnabled: version === "updated" ? false : undefined,
        },
        options,
      ),
    disturb: async (id, { client }) => {
      const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
      const request = { TableName: id, BillingMode: "PROVISIONED" as const, ProvisionedThroughput };
      await new DynamoDBClient(client).send(new UpdateTableCommand(request));
    },
  },
];

testLives("provider: dynamodb", lives, async ({ client }) => {
  const found = await new DynamoDBClient(client).send(new ListTablesCommand({}));
  return found.TableNames ?? [];
});
