// Keys, capacity and secondary indexes of a table, in Pulumi's properties and in DynamoDB's, both ways.
import type {
  AttributeDefinition,
  GlobalSecondaryIndex,
  KeySchemaElement,
  ProjectionType,
  ProvisionedThroughput,
  ScalarAttributeType,
  TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { GlobalIndex, TableInputs, TableState } from "./properties.js";

export function attributeDefinitions(inputs: TableInputs): AttributeDefinition[] {
  return (inputs.attributes ?? []).map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: type as ScalarAttributeType,
  }));
}

export function keySchema({ hashKey, rangeKey }: { hashKey: string; rangeKey?: string }): KeySchemaElement[] {
  return [
    { AttributeName: hashKey, KeyType: "HASH" },
    ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
  ];
}

export function keysOf(schema: readonly KeySchemaElement[] | undefined): { hashKey: string; rangeKey?: string } {
  const find = (type: string) => schema?.find((each) => each.KeyType === type)?.AttributeName;
  const rangeKey = find("RANGE");
  return { hashKey: find("HASH") ?? "", ...(rangeKey && { rangeKey }) };
}

/** Capacity, which only provisioned tables and their indexes have. */
export function throughput(
  { readCapacity, writeCapacity }: { readCapacity?: number; writeCapacity?: number },
  billingMode: string,
): ProvisionedThroughput | undefined {
  if (billingMode !== "PROVISIONED") return undefined;
  return { ReadCapacityUnits: readCapacity ?? 1, WriteCapacityUnits: writeCapacity ?? 1 };
}

export function globalIndexToAws(index: GlobalIndex, billingMode: string): GlobalSecondaryIndex {
  const { onDemandThroughput: onDemand } = index;
  return {
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: {
      ProjectionType: index.projectionType as ProjectionType,
      NonKeyAttributes: index.nonKeyAttributes,
    },
    ProvisionedThroughput: throughput(index, billingMode),
    ...(onDemand && {
      OnDemandThroughput: {
        MaxReadRequestUnits: onDemand.maxReadRequestUnits,
        MaxWriteRequestUnits: onDemand.maxWriteRequestUnits,
      },
    }),
  };
}

export function globalIndexes(found: TableDescription): NonNullable<TableState["globalSecondaryIndexes"]> {
  return (found.GlobalSecondaryIndexes ?? []).map((index) => ({
    name: index.IndexName ?? "",
    ...keysOf(index.KeySchema),
    projectionType: index.Projection?.ProjectionType ?? "",
    nonKeyAttributes: index.Projection?.NonKeyAttributes ?? [],
    readCapacity: index.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    writeCapacity: index.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
    ...(index.OnDemandThroughput && {
      onDemandThroughput: {
        maxReadRequestUnits: index.OnDemandThroughput.MaxReadRequestUnits,
        maxWriteRequestUnits: index.OnDemandThroughput.MaxWriteRequestUnits,
      },
    }),
  }));
}

export function localIndexes(found: TableDescription): NonNullable<TableState["localSecondaryIndexes"]> {
  return (found.LocalSecondaryIndexes ?? []).map((index) => ({
    name: index.IndexName ?? "",
    rangeKey: keysOf(index.KeySchema).rangeKey ?? "",
    projectionType: index.Projection?.ProjectionType ?? "",
    nonKeyAttributes: index.Projection?.NonKeyAttributes ?? [],
  }));
}
