// Jobs that reach for what their role does not allow: refused by IAM, failed, and nothing written.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Environment } from "../../environments/environment.js";
import { readItems } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { listKeys, logOf, putFile, sandersOf, seedTrips, submit } from "./sanders.js";

const DATE = "2026-02-07";
const FOREIGN_KEY = "trips.parquet";

/** A bucket of the same account that the platform's roles do not know. */
const foreignBucket = (env: Environment): string => `somebody-elses-${env.suffix}`;

export const sandersRefused = defineTest({
  name: "sanders-refused",
  suites: ["smoke"],
  description: "A job that reads, and one that writes, outside its role is refused by IAM, fails, and writes nothing",
  units: ["sanders"],
  async seed(context) {
    const { env } = context;
    await seedTrips(context);
    await env.aws(S3Client).send(
      new CreateBucketCommand({
        Bucket: foreignBucket(env),
        ...(env.region !== "us-east-1" && {
          CreateBucketConfiguration: { LocationConstraint: env.region as "eu-central-1" },
        }),
      }),
    );
    await putFile(env, foreignBucket(env), FOREIGN_KEY);
  },
  async run(context) {
    const { env } = context;
    try {
      const jobs = await submit(context, [
        {
          name: "reads-outside",
          job: "jobs/daily_features_tlc",
          size: "2g",
          environment: { FEATURE_DATE: DATE, TLC_DATA_PATH: `s3://${foreignBucket(env)}/${FOREIGN_KEY}` },
        },
        {
          name: "writes-outside",
          job: "jobs/daily_features_tlc",
          size: "2g",
          environment: {
            FEATURE_DATE: DATE,
            TLC_DATA_PATH: `s3://${sandersOf(env).bucket}/raw/nyc_tlc/yellow_tripdata_2024-01.parquet`,
            S3_BUCKET: foreignBucket(env),
          },
        },
      ]);
      return { jobs, foreign: await listKeys(env, foreignBucket(env)) };
    } finally {
      // No stack knows of it: it would count as left behind.
      const s3 = env.aws(S3Client);
      for (const Key of await listKeys(env, foreignBucket(env)))
        await s3.send(new DeleteObjectCommand({ Bucket: foreignBucket(env), Key }));
      await s3.send(new DeleteBucketCommand({ Bucket: foreignBucket(env) }));
    }
  },
  async verify({ env, check }, { jobs, foreign }) {
    for (const job of jobs) {
      check.equal(`${job.jobName} ended`, job.status, "FAILED");
      check.that(`${job.jobName}: exit code`, (job.container?.exitCode ?? 0) !== 0, job.container?.exitCode, "not 0");
      check.matches(`${job.jobName}: its log says why`, await logOf(env, job), /AccessDenied/);
    }
    const { bucket, table } = sandersOf(env);
    check.equal("the foreign bucket is as it was", foreign, [FOREIGN_KEY]);
    check.equal("features in the lake", await listKeys(env, bucket, "features/"), []);
    const items = await readItems(env.aws(DynamoDBClient), "items", table, ["customer_id"]);
    check.equal("features in the feature store", items.rows, []);
    return [];
  },
});
