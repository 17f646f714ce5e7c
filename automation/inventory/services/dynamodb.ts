import { DeleteTableCommand, DynamoDBClient, ListTablesCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import type { InventorySource } from "../item.js";
import { allPages } from "../pages.js";

export const dynamodb: InventorySource = {
  service: "dynamodb",
  otherKinds: ["backup"],
  async list(client) {
    const api = client(DynamoDBClient);
    const names = await allPages(async (ExclusiveStartTableName) => {
      const page = await api.send(new ListTablesCommand({ ExclusiveStartTableName }));
      return { items: page.TableNames, token: page.LastEvaluatedTableName };
    });
    return names.map((TableName) => ({
      type: "AWS::DynamoDB::Table",
      id: TableName,
      async remove() {
        await api.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false })).catch(() => {});
        await api.send(new DeleteTableCommand({ TableName }));
      },
    }));
  },
};
