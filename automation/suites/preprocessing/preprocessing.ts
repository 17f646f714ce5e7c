// What the tests of preprocessing share: its outputs, its artifacts and input, and a changed container.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { bundleImage } from "../../../components/image/bundle.js";
import { parseRepositoryUrl, publishTo, registryUrl } from "../../../components/image/publish.js";
import { RegistryClient } from "../../../components/image/registry.js";
import { projectRoot } from "../../../localcloud/server/paths.js";
import type { Environment } from "../../environments/environment.js";
import { CrucibleError } from "../../errors.js";
import type { EvidenceFolder } from "../../evidence/folder.js";
import { query, sqlText } from "../../evidence/tables.js";
import type { ExecutionResult } from "../../executions/execution.js";
import type { TestContext } from "../test.js";

const Outputs = z.object({
  PreprocessingBucketName: z.string(),
  PreprocessingRepositoryURI: z.string(),
  PreprocessingLogGroupName: z.string(),
  PreprocessingCheckLogGroupName: z.string(),
});

export function preprocessingOf(env: Environment) {
  const outputs = Outputs.parse(env.outputs);
  return {
    bucket: outputs.PreprocessingBucketName,
    repository: outputs.PreprocessingRepositoryURI,
    logGroup: outputs.PreprocessingLogGroupName,
    checkLogGroup: outputs.PreprocessingCheckLogGroupName,
  };
}

const CONTAINER = join(projectRoot, "jobs", "preprocessing");
const EXAMPLE = join(CONTAINER, "example");
const SAMPLE = join(projectRoot, "data", "tlc_raw.parquet");
const COLUMNS = "tpep_pickup_datetime, tpep_dropoff_datetime, PULocationID, DOLocationID, trip_distance, fare_amount";

/** Where the input lies as CSV in the evidence. */
export const inputPath = (evidence: EvidenceFolder): string => evidence.pathOf("data/input/trips.csv");

/** Uploads the example's artifacts, and the taxi sample as CSV. */
export async function seedExample({ env, evidence, note }: TestContext): Promise<void> {
  const input = inputPath(evidence);
  await query("input", `COPY (SELECT ${COLUMNS} FROM ${sqlText(SAMPLE)}) TO ${sqlText(input)} (HEADER)`);
  const archive = evidence.pathOf("data/package.tar.gz");
  await promisify(execFile)("tar", ["-czf", archive, "-C", join(EXAMPLE, "package"), "."]);
  note("uploading artifacts and 200,000 trips");
  await put(env, "artifacts/pyproject.toml", join(EXAMPLE, "pyproject.toml"));
  await put(env, "artifacts/script.py", join(EXAMPLE, "script.py"));
  await put(env, "artifacts/package.tar.gz", archive);
  await put(env, "input/trips.csv", input);
}

async function put(env: Environment, Key: string, path: string): Promise<void> {
  const { bucket: Bucket } = preprocessingOf(env);
  await env.aws(S3Client).send(new PutObjectCommand({ Bucket, Key, Body: await readFile(path) }));
}

/** Downloads an object into the evidence. Returns its path. */
export async function fetchObject(env: Environment, evidence: EvidenceFolder, Key: string): Promise<string> {
  const { bucket: Bucket } = preprocessingOf(env);
  const { Body } = await env.aws(S3Client).send(new GetObjectCommand({ Bucket, Key }));
  const path = evidence.pathOf(`data/${Key}`);
  await writeFile(path, (await Body?.transformToByteArray()) ?? new Uint8Array());
  return path;
}

/** The tests' common environment: what one changes, it restores, and `--set` is an update of the stack, as it is for a user. */
export const TURNS = "preprocessing";

/** Pushes the container with lines put before its `main.py`, as `latest`: what a user does who edits, builds and pushes. */
export async function pushChanged(env: Environment, before: string): Promise<void> {
  const folder = await mkdtemp(join(projectRoot, "jobs", ".preprocessing-"));
  try {
    await cp(CONTAINER, folder, { recursive: true });
    const main = join(folder, "main.py");
    const source = await readFile(main, "utf8");
    // Python wants its own future first.
    const future = "from __future__ import annotations\n";
    if (!source.includes(future)) throw new CrucibleError(`${main} does not begin as expected.`);
    await writeFile(main, source.replace(future, `${future}${before}`));
    await pushLatest(env, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes an image's folder as `latest`. @param folder by default the container as it is */
export async function pushLatest(env: Environment, folder = CONTAINER): Promise<void> {
  const bundle = await bundleImage(folder);
  const { host, name } = parseRepositoryUrl(preprocessingOf(env).repository);
  const { authorizationData } = await env.aws(ECRClient).send(new GetAuthorizationTokenCommand({}));
  const [granted] = authorizationData ?? [];
  if (!granted?.proxyEndpoint) throw new CrucibleError("GetAuthorizationToken answered without a registry.");
  const url = registryUrl(granted.proxyEndpoint, env.endpoint);
  const client = new RegistryClient({ url, host, authorization: `Basic ${granted.authorizationToken}` });
  await publishTo(client, name, bundle, ["latest"]);
}

/** Logs arrive after what they tell of. */
const LOG_SECONDS = 15;

/** What an execution has written to a log group. @param pattern waited for, as long as a log may take to arrive */
export async function logOf(
  env: Environment,
  { startedAt: since }: Pick<ExecutionResult, "startedAt">,
  group: string,
  pattern?: RegExp,
): Promise<string> {
  const deadline = Date.now() + LOG_SECONDS * 1000;
  for (;;) {
    const text = (await env.logs({ group, since })).map(({ message }) => message).join("\n");
    if (!pattern || pattern.test(text) || Date.now() > deadline) return text;
    await sleep(250);
  }
}
