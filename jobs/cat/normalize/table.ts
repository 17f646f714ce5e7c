// The conversations' table, read in segments.
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { RETRY, type RetryPolicy, retried } from "./retry.js";
import type { ReadPage } from "./scan.js";
import type { Key } from "./state.js";

/** The table could not be read. Its name is that of the cause, by which Lambda tells errors apart. */
export class TableError extends Error {
  constructor(table: string, cause: Error) {
    const hint =
      cause.name === "ResourceNotFoundException"
        ? " (normalize.dynamoTableName says which table is read; createTable makes one)"
        : "";
    super(`Scanning the table ${table} failed: ${cause.message}${hint}`, { cause });
    this.name = cause.name;
  }
}

/**
 * Reads pages of up to 1 MB, as DynamoDB cuts them.
 *
 * @param segments how many the table is divided into; the same in all invocations of a run
 */
export function tablePages(
  client: Pick<DynamoDBClient, "send">,
  TableName: string,
  policy: RetryPolicy = RETRY,
): (segments: number) => ReadPage {
  return (TotalSegments) => async (Segment, after, signal) => {
    const request = new ScanCommand({ TableName, Segment, TotalSegments, ExclusiveStartKey: after as never });
    const page = await retried(() => client.send(request, { abortSignal: signal }), signal, policy).catch((cause) => {
      throw new TableError(TableName, cause as Error);
    });
    return {
      items: page.Items ?? [],
      ...(page.LastEvaluatedKey && { lastKey: page.LastEvaluatedKey as unknown as Key }),
    };
  };
}
