// The function: conversations of a table as CSV files of a day. See docs/cat.md.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { deadline } from "./deadline.js";
import { parseEvent } from "./event.js";
import { exportDay, type Outcome } from "./export.js";
import { retried } from "./retry.js";
import { S3Store } from "./store.js";
import { tablePages } from "./table.js";

const MIB = 1024 * 1024;

const environment = z
  .object({
    S3_BUCKET_NAME: z.string().min(1),
    DYNAMODB_TABLE_NAME: z.string().min(1),
    PROJECT_ID: z.string(),
    ENVIRONMENT: z.string(),
    CLIENT: z.string(),
    REPORTS_PREFIX: z.string().regex(/\/$/),
    SCAN_SEGMENTS: z.coerce.number().int().min(1),
    FILE_MIB: z.coerce.number().positive(),
  })
  .parse(process.env);

// Requests are tried again by one policy, retry.ts: the SDK's own would multiply with it.
const once = { maxAttempts: 1 };
const dynamo = new DynamoDBClient(once);
const lambda = new LambdaClient(once);
const store = new S3Store(new S3Client(once), environment.S3_BUCKET_NAME);
const pages = tablePages(dynamo, environment.DYNAMODB_TABLE_NAME);

interface Context {
  functionName: string;
  getRemainingTimeInMillis(): number;
}

export async function handler(event: unknown, context: Context): Promise<Outcome> {
  const time = deadline(context.getRemainingTimeInMillis());
  const now = () => new Date();
  try {
    return await exportDay(parseEvent(event, now()), {
      pages,
      store,
      origin: {
        environment: environment.ENVIRONMENT,
        projectId: environment.PROJECT_ID,
        client: environment.CLIENT,
      },
      prefix: environment.REPORTS_PREFIX,
      segments: environment.SCAN_SEGMENTS,
      partBytes: environment.FILE_MIB * MIB,
      keyNames: ["conversationId"],
      signal: time.signal,
      now,
      goOn: async (date, runId) => {
        const Payload = JSON.stringify({ date, resume: runId });
        const request = new InvokeCommand({ FunctionName: context.functionName, InvocationType: "Event", Payload });
        await retried(() => lambda.send(request));
      },
      log: (message, facts) => console.log(JSON.stringify({ message, ...facts })),
    });
  } finally {
    time.clear();
  }
}
