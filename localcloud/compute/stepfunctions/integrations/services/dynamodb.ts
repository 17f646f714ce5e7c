// `dynamodb:getItem` and its fellows. Source: "Perform Amazon DynamoDB CRUD operations with Step Functions".
import type { Integrations } from "../descriptor.js";

export const dynamodb: Integrations = {
  names: { client: "dynamodb", prefix: "DynamoDB", label: "AmazonDynamoDBv2", exception: "AmazonDynamoDBException" },
  actions: {
    getItem: { operation: "GetItem" },
    putItem: { operation: "PutItem" },
    updateItem: { operation: "UpdateItem" },
    deleteItem: { operation: "DeleteItem" },
  },
};
