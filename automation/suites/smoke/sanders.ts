// What the tests of Sanders share: its outputs, its input, and how a job of it is submitted and read.
import { createReadStream, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchClient, type JobDetail, type SubmitJobCommandInput } from "@aws-sdk/client-batch";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { projectRoot } from "../../../localcloud/server/paths.js";
import type { Environment } from "../../environments/environment.js";
import type { EvidenceFolder } from "../../evidence/folder.js";
import { findJobDefinition, runJobs } from "../../executions/batch.js";
import type { TestContext } from "../test.js";

/** 200,000 trips of yellow cabs, as NYC's TLC publishes them. */
export const SAMPLE = join(projectRoot, "data", "tlc_raw.parquet");
export const SAMPLE_ROWS = 200_000;
const RAW_KEY = "raw/nyc_tlc/yellow_tripdata_2024-01.parquet";

const Outputs = z.object({ S3BucketName: z.string(), DynamoDBTableName: z.string(), BatchJobQueueName: z.string() });

export interface Sanders {
  bucket: string;
  table: string;
  queue: string;
}

export function sandersOf(env: Environment): Sanders {
  const { S3BucketName, DynamoDBTableName, BatchJobQueueName } = Outputs.parse(env.outputs);
  return { bucket: S3BucketName, table: DynamoDBTableName, queue: BatchJobQueueName };
}

/** Uploads the sample to where the jobs look for it. */
export async function seedTrips({ env, note }: TestContext): Promise<void> {
  note("uploading 200,000 trips");
  await putFile(env, sandersOf(env).bucket, RAW_KEY);
}

/** Uploads the sample to any bucket. */
export async function putFile(env: Environment, Bucket: string, Key: string): Promise<void> {
  const body = { Body: createReadStream(SAMPLE), ContentLength: statSync(SAMPLE).size };
  await env.aws(S3Client).send(new PutObjectCommand({ Bucket, Key, ...body }));
}

/** Keys in the bucket that begin with `Prefix`, in order. */
export async function listKeys(env: Environment, Bucket: string, Prefix = ""): Promise<string[]> {
  const { Contents = [] } = await env.aws(S3Client).send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = "" }) => Key).sort();
}

/** Downloads an object into the evidence. Returns its path. */
export async function fetchObject(env: Environment, evidence: EvidenceFolder, Key: string): Promise<string> {
  const { bucket: Bucket } = sandersOf(env);
  const { Body } = await env.aws(S3Client).send(new GetObjectCommand({ Bucket, Key }));
  const path = evidence.pathOf(`data/${Key}`);
  await writeFile(path, (await Body?.transformToByteArray()) ?? new Uint8Array());
  return path;
}

export interface JobRequest {
  name: string;
  /** e.g. `jobs/daily_features_tlc`. */
  job: string;
  size: "2g" | "8g" | "16g";
  environment: Record<string, string>;
}

/** Submits jobs at once, the way the platform's users do, and waits for their end. */
export async function submit(context: TestContext, requests: readonly JobRequest[]): Promise<JobDetail[]> {
  const { env, signal, note } = context;
  const batch = env.aws(BatchClient);
  const jobs: SubmitJobCommandInput[] = await Promise.all(
    requests.map(async ({ name, job, size, environment }) => ({
      jobName: name,
      jobQueue: sandersOf(env).queue,
      jobDefinition: await findJobDefinition(batch, `sanders-job-${size}-${env.environment}`),
      containerOverrides: {
        command: [job],
        environment: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
      },
    })),
  );
  return await runJobs(batch, jobs, { signal, onStatus: ({ jobName, status }) => note(`${jobName}: ${status}`) });
}

/** What a job wrote to its log. */
export async function logOf(env: Environment, job: JobDetail | undefined): Promise<string> {
  const stream = job?.container?.logStreamName;
  if (!stream) return "";
  const lines = await env.logs({ group: "/aws/batch/job", stream });
  return lines.map(({ message }) => message).join("\n");
}
