// The command `prepare` of the image and of developers: options and variables, parsed, then the job, from logging to exit code.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { amount, count, parseEnvironment } from "../../lib/environment.js";
import { UsageError } from "../../lib/errors.js";
import { containerLimits } from "../../lib/limits.js";
import { createLogger, type Logger } from "../../lib/log.js";
import type { OpenBucket } from "../../lib/objects.js";
import { finalInput, type JobResult, runToExit } from "../../lib/runner.js";
import { S3Store } from "../../lib/s3.js";
import { withWorkFolder } from "../../lib/work.js";
import { DEFAULT_DATA_ROOT } from "./paths.js";
import { type PrepareRequest, prepare } from "./prepare.js";
import { installedSource, SOURCE_PREFIX } from "./source.js";

export const PREPARE_USAGE = `prepare [--scale N] [--source FOLDER] [--data-root FOLDER] [--no-publish] [--force]

Makes the co-operative's data below <data root>/prod/coop, and its artefact copy in s3://$SOURCE_BUCKET/coop/.

  --scale N          copies of every household                          [default: 1]
  --source FOLDER    the source's Parquet files: a path or s3://bucket/prefix
                     [default: s3://$SOURCE_BUCKET/${SOURCE_PREFIX}, else the installed package]
  --data-root FOLDER the shared data                                    [default: $DATA_ROOT, else ${DEFAULT_DATA_ROOT}]
  --no-publish       no artefact copy
  --force            make it again although it is there`;

const LARGEST_SCALE = 1000;

const variables = z.object({
  DATA_ROOT: z.string().startsWith("/", "is not an absolute path").default(DEFAULT_DATA_ROOT),
  SOURCE_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket's name")
    .optional(),
  AWS_ENDPOINT_URL: z.url({ protocol: /^https?$/, error: "is not a URL" }).optional(),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: "is not a URL" }).optional(),
  MEMORY_LIMIT_MIB: amount.optional(),
  VCPUS: amount.optional(),
});

type Environment = Record<string, string | undefined>;

/** @param argv what follows `prepare` @returns the exit code of the process (see `runToExit`) */
export function prepareCommand(
  argv: readonly string[],
  env: Environment,
  log: Logger = createLogger({ job: "prepare" }),
): Promise<number> {
  return runToExit({ log, exitCodeOf: finalInput, work: (signal) => work(argv, env, log, signal) });
}

async function work(argv: readonly string[], env: Environment, log: Logger, signal: AbortSignal): Promise<JobResult> {
  const request = readRequest(argv, env);
  const given = parseEnvironment(variables, env);
  const limits = containerLimits({ memoryMiB: given.MEMORY_LIMIT_MIB, vcpus: given.VCPUS });
  log.info("started", { ...request, ...limits });
  const pathStyle = (given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL) !== undefined;
  let client: S3Client | undefined;
  // Without a bucket in the request there need not be a region, nor credentials.
  const openBucket: OpenBucket = (bucket) => {
    client ??= new S3Client({ forcePathStyle: pathStyle, maxAttempts: 6 });
    return new S3Store(client, bucket, signal);
  };
  try {
    return await withWorkFolder("prepare", (workFolder) =>
      prepare(request, { log, limits, workFolder, openBucket, signal }),
    );
  } finally {
    client?.destroy();
  }
}

/**
 * What is asked for.
 * @throws UsageError naming an option or variable that is wrong
 */
export function readRequest(argv: readonly string[], env: Environment): PrepareRequest {
  const given = parseEnvironment(variables, env);
  const options = readOptions(argv);
  const scale = count.safeParse(options.scale ?? "1");
  if (!scale.success || scale.data > LARGEST_SCALE)
    throw new UsageError(`--scale ${options.scale} is not a whole number from 1 to ${LARGEST_SCALE}`);
  const bucket = given.SOURCE_BUCKET;
  return {
    dataRoot: resolve(options["data-root"] ?? given.DATA_ROOT),
    source: options.source ?? (bucket ? `s3://${bucket}/${SOURCE_PREFIX}` : installedSource()),
    scale: scale.data,
    force: options.force ?? false,
    ...(bucket && options.publish ? { bucket } : {}),
  };
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowNegative: true,
      options: {
        scale: { type: "string" },
        source: { type: "string" },
        "data-root": { type: "string" },
        publish: { type: "boolean", default: true },
        force: { type: "boolean" },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${PREPARE_USAGE}`, { cause });
  }
}
