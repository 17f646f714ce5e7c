// What a Sanders job is asked to do: the container's variables, typed, with the defaults of its environment.
import { z } from "zod";
import { amount, calendarDate, count, flag, parseEnvironment } from "../lib/environment.js";

export const ENVIRONMENTS = ["dev", "test", "prod"] as const;

const variables = z.object({
  SCP_ENV: z.enum(ENVIRONMENTS, { error: `is not one of ${ENVIRONMENTS.join(", ")}` }).default("dev"),
  TLC_DATA_PATH: z.string().optional(),
  FEATURE_DATE: calendarDate.optional(),
  BACKFILL: flag.default(false),
  ROWS: count.optional(),
  TLC_FILE_NAME: z
    .string()
    .regex(/^[\w.-]+\.parquet$/, "is not the name of a .parquet file")
    .optional(),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "is not a bucket's name")
    .optional(),
  DYNAMODB_TABLE: z
    .string()
    .regex(/^[\w.-]{3,255}$/, "is not a table's name")
    .optional(),
  AWS_REGION: z.string().optional(),
  AWS_DEFAULT_REGION: z.string().optional(),
  AWS_ENDPOINT_URL: z.url({ protocol: /^https?$/, error: "is not a URL" }).optional(),
  AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: "is not a URL" }).optional(),
  MEMORY_LIMIT_MIB: amount.optional(),
  VCPUS: amount.optional(),
});

/** The parsed configuration of one run. */
export interface Config {
  environment: (typeof ENVIRONMENTS)[number];
  region: string;
  bucket: string;
  table: string;
  /** Where the trips are: `s3://…`, `https://…` or a path. */
  dataPath: string;
  /** Whether `dataPath` was given, and is not the default. */
  dataPathGiven: boolean;
  /** The day that the run is for, `YYYY-MM-DD`. */
  featureDate: string;
  backfill: boolean;
  /** First rows of the input to take; only `ingest_tlc_sample` takes it. */
  rows?: number;
  /** Name under which `ingest_tlc_sample` keeps its input. */
  fileName?: string;
  /** Whether buckets are addressed by path, as endpoints that are not AWS's own need. */
  pathStyle: boolean;
  memoryLimitMiB?: number;
  vcpus?: number;
}

/** Folder of the raw trips in the bucket. */
export const RAW_PREFIX = "raw/nyc_tlc/";
const DEFAULT_FILE = "yellow_tripdata_2024-01.parquet";

/**
 * Reads the configuration.
 * @param env the container's variables; an empty one counts as not set
 * @param now what "today" is when no FEATURE_DATE is given (the day in UTC)
 * @throws UsageError naming every variable with a wrong value
 */
export function loadConfig(env: Record<string, string | undefined>, now: Date): Config {
  const given = parseEnvironment(variables, env);
  const bucket = given.S3_BUCKET ?? `sanders-customer-platform-${given.SCP_ENV}`;
  return {
    environment: given.SCP_ENV,
    region: given.AWS_REGION ?? given.AWS_DEFAULT_REGION ?? "eu-central-1",
    bucket,
    table: given.DYNAMODB_TABLE ?? `sanders_daily_customer_features_${given.SCP_ENV}`,
    dataPath: given.TLC_DATA_PATH ?? `s3://${bucket}/${RAW_PREFIX}${DEFAULT_FILE}`,
    dataPathGiven: given.TLC_DATA_PATH !== undefined,
    featureDate: given.FEATURE_DATE ?? now.toISOString().slice(0, 10),
    backfill: given.BACKFILL,
    rows: given.ROWS,
    fileName: given.TLC_FILE_NAME,
    pathStyle: (given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL) !== undefined,
    memoryLimitMiB: given.MEMORY_LIMIT_MIB,
    vcpus: given.VCPUS,
  };
}
