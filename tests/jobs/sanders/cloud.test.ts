// The jobs as processes against the local cloud: real S3, DynamoDB and IAM calls.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { DynamoTable } from "../../../jobs/lib/dynamodb.js";
import { S3Store } from "../../../jobs/lib/s3.js";
import type { FeatureRow, Variant } from "../../../jobs/sanders/features.js";
import { putFeatures } from "../../../jobs/sanders/featurestore.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";
import { BUCKET, DAY, type LogLine, query, RAW, root, SMALL, TABLE, VARIANTS } from "./support.js";

/** All that a job's role needs, as docs/jobs.md says. */
const JOB_POLICY = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${BUCKET}` },
    {
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: `arn:aws:s3:::${BUCKET}/*`,
    },
    {
      Effect: "Allow",
      Action: ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
      Resource: `arn:aws:dynamodb:eu-central-1:*:table/${TABLE}`,
    },
  ],
};

describe("Sanders jobs on the local cloud", function () {
  this.timeout(120_000);
  const account = freshAccount();
  let s3: S3Client;
  let documents: DynamoDBDocumentClient;
  let environment: Record<string, string>;
  let folder: string;

  before(async () => {
    const cloud = await testCloud();
    const config = clientConfig(cloud, account);
    folder = mkdtempSync(join(tmpdir(), "sanders-cloud-"));
    s3 = new S3Client({ ...config, forcePathStyle: true });
    const dynamo = new DynamoDBClient(config);
    documents = DynamoDBDocumentClient.from(dynamo);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new CreateBucketCommand({ Bucket: `${BUCKET}-other` }));
    await createTable(dynamo, TABLE);
    for (const Bucket of [BUCKET, `${BUCKET}-other`])
      await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: "raw/nyc_tlc/yellow_tripdata_2024-01.parquet",
          Body: createReadStream(RAW),
          ContentLength: statSync(RAW).size,
        }),
      );
    const session = await assumeJobRole(config);
    environment = {
      PATH: process.env.PATH ?? "",
      SCP_ENV: "test",
      FEATURE_DATE: DAY,
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: cloud.endpoint,
      MEMORY_LIMIT_MIB: "2048",
      ...session,
    };
  });
  after(() => {
    s3?.destroy();
    documents?.destroy();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  async function createTable(dynamo: DynamoDBClient, name: string): Promise<void> {
    await dynamo.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "customer_id", AttributeType: "S" },
          { AttributeName: "date", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "customer_id", KeyType: "HASH" },
          { AttributeName: "date", KeyType: "RANGE" },
        ],
      }),
    );
    await waitUntilTableExists({ client: dynamo, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, { TableName: name });
  }

  async function assumeJobRole(config: ReturnType<typeof clientConfig>): Promise<Record<string, string>> {
    const iam = new IAMClient(config);
    const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: `arn:aws:iam::${account}:root` } };
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: "job",
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({ RoleName: "job", PolicyName: "job", PolicyDocument: JSON.stringify(JOB_POLICY) }),
    );
    const { Credentials } = await new STSClient(config).send(
      new AssumeRoleCommand({ RoleArn: role.Role?.Arn, RoleSessionName: "job" }),
    );
    return {
      AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? "",
      AWS_SESSION_TOKEN: Credentials?.SessionToken ?? "",
    };
  }

  /** Runs a job as the container would, with its role's session. */
  function job(name: string, env: Record<string, string> = {}): Promise<{ code: number; lines: LogLine[] }> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ["--no-warnings", join(root, "dist/jobs/sanders/main.js"), `jobs/${name}`],
        { env: { ...environment, ...env } },
        (_, stdout, stderr) =>
          resolve({
            code: child.exitCode ?? -1,
            lines: `${stdout}${stderr}`
              .split("\n")
              .filter(Boolean)
              .map((line) => JSON.parse(line) as LogLine),
          }),
      );
    });
  }

  async function items(table = TABLE): Promise<Record<string, unknown>[]> {
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: table }));
    return Items.sort((a, b) => (`${a.customer_id}${a.date}` < `${b.customer_id}${b.date}` ? -1 : 1));
  }

  async function object(key: string): Promise<string> {
    const path = join(folder, "object");
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    writeFileSync(path, (await Body?.transformToByteArray()) ?? "");
    return path;
  }

  it("writes the features of 200,000 trips, equal in S3 and DynamoDB, with no more than its role allows", async () => {
    const { code, lines } = await job("daily_features_tlc.py");
    assert.equal(code, 0, JSON.stringify(lines));
    const lake = await query(
      `SELECT * FROM read_parquet('${await object(`features/daily/date=${DAY}/features.parquet`)}')`,
    );
    const stored = await items();
    assert.deepEqual(
      lake,
      stored.map(({ customer_id, trip_count_1d, avg_fare_1d, avg_distance_1d, dataset_size }) => ({
        customer_id,
        trip_count_1d,
        avg_fare_1d,
        avg_distance_1d,
        dataset_size,
      })),
    );
    assert.deepEqual(
      stored.map((item) => [item.customer_id, item.date, item.trip_count_1d, item.dataset_size]),
      [
        ["1", DAY, 70597, 200000],
        ["2", DAY, 123438, 200000],
        ["4", DAY, 398, 200000],
      ],
    );
    const [quarantined] = await query<{ rows: number }>(
      `SELECT count(*) AS rows FROM read_parquet('${await object(`quarantine/date=${DAY}/trips.parquet`)}')`,
    );
    assert.equal(quarantined?.rows, 5567);
  });

  it("lets the largest of three variants that run at once win, and keeps each one's file", async () => {
    const date = "2026-02-08";
    const names = ["large", "small", "medium"];
    const ran = await Promise.all(names.map((name) => job(`daily_features_tlc_${name}`, { FEATURE_DATE: date })));
    assert.deepEqual(
      ran.map(({ code }) => code),
      [0, 0, 0],
    );
    const ofDate = (await items()).filter((item) => item.date === date);
    assert.deepEqual(
      ofDate.map((item) => [item.customer_id, item.dataset_size, item.variant]),
      ["1", "2", "4"].map((customer) => [customer, 2000, "large"]),
    );
    for (const [name, size] of [
      ["small", 500],
      ["medium", 1000],
      ["large", 2000],
    ]) {
      const [total] = await query<{ trips: number }>(
        `SELECT sum(trip_count_1d)::INT AS trips FROM read_parquet('${await object(`features/daily/date=${date}/features_${name}.parquet`)}')`,
      );
      assert.equal(total?.trips, size);
    }
  });

  it("fails with AWS's reason when it reaches outside its role", async () => {
    const { code, lines } = await job("data_processing", {
      TLC_DATA_PATH: `s3://${BUCKET}-other/raw/nyc_tlc/yellow_tripdata_2024-01.parquet`,
    });
    assert.equal(code, 1);
    const failure = lines.find((line) => line.level === "error");
    assert.match(
      failure?.message ?? "",
      /^Reading s3:\/\/sanders-customer-platform-test-other\/raw.* failed: AccessDenied/,
    );
  });

  it("names the input that is not there", async () => {
    const { code, lines } = await job("data_processing", { TLC_DATA_PATH: `s3://${BUCKET}/raw/none.parquet` });
    assert.equal(code, 1);
    assert.match(
      lines.at(-1)?.message ?? "",
      new RegExp(`^Reading s3://${BUCKET}/raw/none\\.parquet failed: NoSuchKey`),
    );
  });

  it("backfills a sample and runs data processing on it, within the role", async () => {
    const sample = { TLC_DATA_PATH: SMALL };
    const [backfill, profile] = [
      await job("daily_features_tlc", { ...sample, BACKFILL: "true" }),
      await job("data_processing", sample),
    ];
    assert.deepEqual([backfill.code, profile.code], [0, 0]);
    const metrics = backfill.lines.find((line) => line.message === "metrics");
    const [expected] = await query<{ items: number }>(
      `SELECT count(*) AS items FROM (SELECT DISTINCT VendorID, tpep_pickup_datetime::DATE FROM '${SMALL}' WHERE VendorID IS NOT NULL)`,
    );
    assert.equal(metrics?.itemsWritten, expected?.items);
    assert.equal(
      (JSON.parse(readFileSync(await object(`quality/date=${DAY}/profile.json`), "utf8")) as { rows: number }).rows,
      2000,
    );
  });

  it("lets the largest variant win on DynamoDB, in whatever order writes arrive", async () => {
    const table = new DynamoTable(documents, TABLE, { partitionKey: "customer_id" });
    const features = (date: string): FeatureRow => ({
      date,
      customer_id: "race",
      trip_count_1d: 1,
      avg_fare_1d: 1.5,
      avg_distance_1d: null,
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...VARIANTS, ...VARIANTS], { minLength: 2 }), async (variants) => {
        const date = `race-${round++}`;
        const write = (variant: Variant) =>
          putFeatures(table, [features(date)], {
            variant,
            datasetSize: variant.rows ?? 200_000,
            source: "test",
            updatedAt: new Date(),
          });
        await Promise.all(variants.map(write));
        const largest = VARIANTS[Math.max(...variants.map((variant) => VARIANTS.indexOf(variant)))];
        const kept = (await items()).find((item) => item.date === date);
        assert.equal(kept?.variant, largest?.name);
      }),
      { numRuns: 25 },
    );
  });

  describe("large objects", () => {
    it("go up in parts and come back the same", async () => {
      const path = join(folder, "large");
      const bytes = Buffer.alloc(20 * 1024 * 1024 + 17, "a large object of many parts; ");
      writeFileSync(path, bytes);
      const store = new S3Store(s3, BUCKET);
      await store.upload("large/object", path);
      await store.download("large/object", join(folder, "copy"));
      assert.ok(readFileSync(join(folder, "copy")).equals(bytes));
    });

    it("leave the old object and no parts when the upload is stopped", async () => {
      const path = join(folder, "stopped");
      writeFileSync(path, Buffer.alloc(40 * 1024 * 1024));
      const stop = new AbortController();
      const client = new S3Client({ ...clientConfig(await testCloud(), account), forcePathStyle: true });
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const answer = await next(args);
          if (context.commandName === "UploadPartCommand") stop.abort(new Error("stopped"));
          return answer;
        },
        { step: "initialize" },
      );
      await assert.rejects(new S3Store(client, BUCKET, stop.signal).upload("large/object", path), {
        name: "StorageError",
        message: /^Writing s3:\/\/.*large\/object failed/,
      });
      client.destroy();
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
      assert.deepEqual(Uploads, []);
      await new S3Store(s3, BUCKET).download("large/object", join(folder, "copy"));
      assert.equal(statSync(join(folder, "copy")).size, 20 * 1024 * 1024 + 17);
    });
  });
});
