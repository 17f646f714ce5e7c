// What the tests of CAT share: its outputs, its conversations, the export, and the loads that files start by themselves.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { GetJobRunsCommand, GlueClient } from "@aws-sdk/client-glue";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { z } from "zod";
import { projectRoot } from "../../../localcloud/server/paths.js";
import type { Environment } from "../../environments/environment.js";
import { CrucibleError, throwIfInterrupted } from "../../errors.js";
import type { TestContext } from "../test.js";

const Outputs = z.object({
  CatBucketName: z.string(),
  CatConversationsTableName: z.string(),
  CatNormalizeFunctionName: z.string(),
  CatDatabaseName: z.string(),
  CatGlueJobName: z.string(),
  CatWorkGroupName: z.string(),
  CatEtlStateMachineARN: z.string(),
});

export function catOf(env: Environment) {
  const outputs = Outputs.parse(env.outputs);
  return {
    bucket: outputs.CatBucketName,
    table: outputs.CatConversationsTableName,
    normalize: outputs.CatNormalizeFunctionName,
    database: outputs.CatDatabaseName,
    job: outputs.CatGlueJobName,
    workGroup: outputs.CatWorkGroupName,
    stateMachine: outputs.CatEtlStateMachineARN,
  };
}

/** What is the same of all tests. Each has days of its own in the one environment. */
export const CAT = { suites: ["cat"], units: ["cat-etl"], takesTurns: "cat", memoryMiB: 2048 };

const CLEAN = "reports/etl-process1/";
const CURATED = "reports/etl-process2/";

/** The folder of a day's CSV files. */
export function dayFolder(date: string): string {
  const [year, month, day] = date.split("-");
  return `${CLEAN}year=${year}/month=${month}/day=${day}/`;
}

const generate = async (args: string[], env: NodeJS.ProcessEnv = process.env) =>
  await promisify(execFile)(
    process.execPath,
    [join(projectRoot, "dist", "jobs", "cat", "conversations", "main.js"), ...args],
    { env, maxBuffer: 2 ** 28 },
  );

/**
 * Puts conversations into the table.
 *
 * @returns path of the same conversations as lines of JSON, in the evidence
 */
export async function seedConversations({ env, evidence, note }: TestContext, count: number): Promise<string> {
  const args = ["--count", String(count), "--seed", "7", "--until", "2026-02-07", "--every-large", String(count)];
  note(`putting ${count} conversations into the table`);
  const { stdout } = await generate(args);
  const path = evidence.pathOf("data/conversations.jsonl");
  await writeFile(path, stdout);
  await generate([...args, "--table", catOf(env).table], { ...process.env, ...env.variables });
  return path;
}

const Answer = z.object({ status: z.string() }).loose();

/** Invokes the export of a day. @throws CrucibleError with what the function threw */
export async function exportDay({ env, note }: TestContext, date: string): Promise<Record<string, unknown>> {
  note(`exporting ${date}`);
  const request = { FunctionName: catOf(env).normalize, Payload: JSON.stringify({ date }) };
  const answer = await env.aws(LambdaClient).send(new InvokeCommand(request));
  const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString();
  if (answer.FunctionError) throw new CrucibleError(`The export of ${date} failed: ${text}`);
  return Answer.parse(JSON.parse(text));
}

export async function putCsv(env: Environment, key: string, text: string): Promise<void> {
  await env.aws(S3Client).send(new PutObjectCommand({ Bucket: catOf(env).bucket, Key: key, Body: text }));
}

async function readJson<T>(env: Environment, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    const { Body } = await env.aws(S3Client).send(new GetObjectCommand({ Bucket: catOf(env).bucket, Key: key }));
    return schema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
  } catch (error) {
    if ((error as Error).name === "NoSuchKey") return undefined;
    throw error;
  }
}

const File = z.object({ key: z.string(), etag: z.string() });
const Load = z.object({
  rows: z.number(),
  quarantined: z.number(),
  sources: z.array(File),
  manifest: File.nullable(),
});
const Manifest = z.object({
  rows: z.number(),
  conversations: z.number(),
  files: z.array(z.object({ key: z.string(), rows: z.number() })),
  columns: z.array(z.string()),
});
export type Load = z.infer<typeof Load>;

/** The manifest of a day's export. */
export async function manifestOf(env: Environment, date: string): Promise<z.infer<typeof Manifest>> {
  const manifest = await readJson(env, `${CLEAN}_manifests/${date}.json`, Manifest);
  if (!manifest) throw new CrucibleError(`There is no manifest of ${date}.`);
  return manifest;
}

export const manifestKey = (date: string): string => `${CLEAN}_manifests/${date}.json`;

/** How an execution that a file has started came out. */
export interface Arrival {
  key: string;
  status: string;
  output: unknown;
  cause?: string;
}

const LOAD_SECONDS = 300;
const LOOK_MS = 250;

const Input = z.object({ detail: z.object({ object: z.object({ key: z.string(), etag: z.string() }) }) });

/**
 * Waits until every one of the objects has had an execution of its own, which the event of it started, and all executions have ended.
 *
 * @param keys of CSV files or a manifest of the day, as they are now
 * @param seconds how long that may take
 * @returns the day's record and these executions, in the order of their start
 * @throws CrucibleError when they take too long
 */
export async function loaded(
  { env, signal, note }: Pick<TestContext, "env" | "signal" | "note">,
  date: string,
  keys: readonly string[],
  seconds = LOAD_SECONDS,
): Promise<{ load: Load | undefined; arrivals: Arrival[] }> {
  const { bucket: Bucket, stateMachine: stateMachineArn } = catOf(env);
  const wanted = new Map<string, string>();
  for (const Key of keys) {
    const { ETag = "" } = await env.aws(S3Client).send(new HeadObjectCommand({ Bucket, Key }));
    wanted.set(Key, ETag.replaceAll('"', ""));
  }
  note(`waiting for the load of ${keys.length} files of ${date}`);
  const ended = new Map<string, Arrival | undefined>();
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    throwIfInterrupted(signal);
    const { executions = [] } = await env.aws(SFNClient).send(new ListExecutionsCommand({ stateMachineArn }));
    const found = executions.filter(({ status }) => status !== "RUNNING");
    for (const { executionArn = "" } of found)
      if (!ended.has(executionArn)) ended.set(executionArn, await arrivalOf(env, executionArn, wanted));
    const arrivals = [...ended.values()].filter((arrival) => arrival !== undefined);
    // Another file's execution may be the one that crawls.
    if (found.length === executions.length && new Set(arrivals.map(({ key }) => key)).size === keys.length)
      return { load: await readJson(env, `${CURATED}_loads/${date}.json`, Load), arrivals };
    if (Date.now() > deadline)
      throw new CrucibleError(`${[...wanted.keys()].join(", ")} was not loaded within ${seconds} s.`);
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** An execution, if it is about one of the objects. */
async function arrivalOf(
  env: Environment,
  executionArn: string,
  wanted: ReadonlyMap<string, string>,
): Promise<Arrival | undefined> {
  const execution = await env.aws(SFNClient).send(new DescribeExecutionCommand({ executionArn }));
  const input = Input.safeParse(JSON.parse(execution.input ?? "{}"));
  if (!input.success) return undefined;
  const { key, etag } = input.data.detail.object;
  if (wanted.get(key) !== etag) return undefined;
  const { status = "", output, cause } = execution;
  return { key, status, output: output && JSON.parse(output), ...(cause !== undefined && { cause }) };
}

/** How many runs of the job there were of a day. */
export async function runsOf(env: Environment, date: string): Promise<number> {
  const { JobRuns = [] } = await env.aws(GlueClient).send(new GetJobRunsCommand({ JobName: catOf(env).job }));
  return JobRuns.filter(({ Arguments }) => Arguments?.["--date"] === date).length;
}
