// Athena on the real cloud: a bucket with data, a database, and queries run to their end.
import {
  AthenaClient,
  CreateWorkGroupCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from "@aws-sdk/client-athena";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

export const REGION = "eu-central-1";

export interface Athena {
  readonly account: string;
  readonly bucket: string;
  readonly client: AthenaClient;
  config(): ReturnType<typeof clientConfig>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  text(key: string): Promise<string>;
  keys(prefix: string): Promise<string[]>;
  /** Runs a query to its end, whatever that is. */
  run(sql: string, options?: Partial<StartQueryExecutionCommandInput>): Promise<QueryExecution>;
  /** Rows of a query's result without its heading; fails when the query does. */
  rows(sql: string, options?: Partial<StartQueryExecutionCommandInput>): Promise<(string | undefined)[][]>;
}

export async function athena(): Promise<Athena> {
  const cloud = await testCloud();
  const account = freshAccount();
  const config = () => clientConfig(cloud, account, REGION);
  const s3 = new S3Client({ ...config(), forcePathStyle: true });
  const client = new AthenaClient({ ...config(), maxAttempts: 1 });
  const Bucket = `athena-${account}`;
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  const ResultConfiguration = { OutputLocation: `s3://${Bucket}/results/` };
  await client.send(
    new CreateWorkGroupCommand({
      Name: "work",
      Configuration: { ResultConfiguration, EnforceWorkGroupConfiguration: false },
    }),
  );

  const run: Athena["run"] = async (QueryString, options = {}) => {
    const request = { QueryString, WorkGroup: "work", QueryExecutionContext: { Database: "shop" }, ...options };
    const { QueryExecutionId } = await client.send(new StartQueryExecutionCommand(request));
    for (;;) {
      const { QueryExecution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const state = QueryExecution?.Status?.State ?? "";
      if (QueryExecution && !["QUEUED", "RUNNING"].includes(state)) return QueryExecution;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    account,
    bucket: Bucket,
    client,
    config,
    run,
    async put(Key, Body) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async text(Key) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    },
    async keys(Prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async rows(sql, options) {
      const { QueryExecutionId, Status, StatementType } = await run(sql, options);
      if (Status?.State !== "SUCCEEDED") throw new Error(`${Status?.State}: ${Status?.StateChangeReason}\n${sql}`);
      const rows: (string | undefined)[][] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }));
        rows.push(...(page.ResultSet?.Rows ?? []).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue)));
        NextToken = page.NextToken;
      } while (NextToken);
      return StatementType === "DML" ? rows.slice(1) : rows;
    },
  };
}
