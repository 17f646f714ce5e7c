// One run of a job by name: configuration, clients and folder are put together here, used, and given back.
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { DynamoTable } from "../lib/dynamodb.js";
import { FileTable } from "../lib/filetable.js";
import { FolderStore } from "../lib/folder.js";
import { containerLimits } from "../lib/limits.js";
import { createLogger, type Logger } from "../lib/log.js";
import type { OpenBucket } from "../lib/objects.js";
import { type JobResult, runToExit } from "../lib/runner.js";
import { S3Store } from "../lib/s3.js";
import type { Table } from "../lib/tables.js";
import { withWorkFolder } from "../lib/work.js";
import { Catalog, jobName } from "./catalog.js";
import { type Config, loadConfig } from "./config.js";

export interface RunOptions {
  /** As a container's command names it. */
  command: string;
  env: Record<string, string | undefined>;
  /** See JobContext. */
  assets: URL;
  /** Keeps buckets and the table below this folder instead of AWS. */
  localFolder?: string;
  log?: Logger;
  now?: () => Date;
}

/** The feature store's key. */
export const FEATURE_KEY = ["customer_id", "date"] as const;

/** Runs a job to its end. @returns the exit code of the process (see `runToExit`) */
export function runJob(options: RunOptions): Promise<number> {
  const log = options.log ?? createLogger({ job: jobName(options.command) ?? options.command });
  return runToExit({ log, work: (signal) => work(options, log, signal) });
}

async function work(options: RunOptions, log: Logger, signal: AbortSignal): Promise<JobResult> {
  const { assets, env, now = () => new Date() } = options;
  const { name, job } = await new Catalog(assets).find(options.command);
  const config = loadConfig(env, now());
  const limits = containerLimits({
    memoryMiB: config.memoryLimitMiB,
    vcpus: config.vcpus,
    ompThreads: Number(env.OMP_NUM_THREADS) || undefined,
  });
  const { bucket, table, dataPath, featureDate, backfill, environment } = config;
  log.info("started", { environment, dataPath, featureDate, backfill, bucket, table, ...limits });
  const storage = options.localFolder ? inFolder(options.localFolder, config) : onAws(config, signal);
  try {
    return await withWorkFolder(name, (workFolder) =>
      job.run({
        config,
        log,
        limits,
        workFolder,
        assets,
        now,
        signal,
        lake: storage.openBucket(config.bucket),
        openBucket: storage.openBucket,
        features: storage.table,
      }),
    );
  } finally {
    storage.close();
  }
}

interface Storage {
  openBucket: OpenBucket;
  table: Table;
  close(): void;
}

/** Credentials, endpoint and retry mode come from the SDK's own variables (in a container: the job role's). */
function onAws(config: Config, signal: AbortSignal): Storage {
  const s3 = new S3Client({ region: config.region, forcePathStyle: config.pathStyle, maxAttempts: 6 });
  const dynamo = new DynamoDBClient({ region: config.region, maxAttempts: 10 });
  return {
    openBucket: (bucket) => new S3Store(s3, bucket, signal),
    table: new DynamoTable(DynamoDBDocumentClient.from(dynamo), config.table, { partitionKey: FEATURE_KEY[0], signal }),
    close: () => {
      s3.destroy();
      dynamo.destroy();
    },
  };
}

function inFolder(folder: string, config: Config): Storage {
  return {
    openBucket: (bucket) => new FolderStore(join(folder, bucket)),
    table: new FileTable(config.table, join(folder, "tables", `${config.table}.json`), FEATURE_KEY),
    close: () => undefined,
  };
}
