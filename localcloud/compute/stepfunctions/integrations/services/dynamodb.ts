// `dynamodb:getItem` and its fellows. Source: "Perform Amazon DynamoDB CRUD operations with Step Functions".
import { randomUUID } from "node:crypto";
import { StatesError } from "../../language/errors.js";
import type { Integration, Integrations } from "../descriptor.js";

/** An operation whose members of these names must not be null; DynamoDB says so before it looks for the table. */
const operation = (name: string, ...required: string[]): Integration => ({
  operation: name,
  request(parameters) {
    const missing = required.filter((member) => parameters[member] === null);
    if (missing.length > 0) throw refusal(missing);
    return parameters;
  },
});

function refusal(missing: string[]): StatesError {
  const errors = missing.map((name) => {
    return `Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`;
  });
  const found = `${errors.length} validation error${errors.length > 1 ? "s" : ""} detected: ${errors.join("; ")}`;
  const about = `Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: ${randomUUID()}; Proxy: null`;
  return new StatesError("DynamoDB.AmazonDynamoDBException", `${found} (${about})`);
}

export const dynamodb: Integrations = {
  names: { sdk: "dynamodb", prefix: "DynamoDB", label: "AmazonDynamoDBv2", exception: "AmazonDynamoDBException" },
  actions: {
    getItem: operation("GetItem", "TableName", "Key"),
    putItem: operation("PutItem", "TableName", "Item"),
    updateItem: operation("UpdateItem", "TableName", "Key"),
    deleteItem: operation("DeleteItem", "TableName", "Key"),
  },
};
