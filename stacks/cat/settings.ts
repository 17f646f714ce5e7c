// The settings of CAT: what each environment has, and what the configuration may say otherwise (`crucible:cat`).
import { z } from "zod";
import { type Environment, parseSettings, type StackConfig } from "../config.js";
import { logRetentionDays, overlaid, regionName } from "../settings.js";

/** Where objects of a kind lie in the bucket. */
const prefix = z.string().regex(/^([\w.=-]+\/)+$/, "must be folders of a bucket, such as reports/etl-process1/");

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be the name of a bucket");

const normalize = z.strictObject({
  /** Bucket of the reports. @default cat-<environment>-normalize-reports, with a throwaway's suffix */
  s3BucketName: bucketName.optional(),
  /** Table that the conversations are in. It belongs to the system that holds them. */
  dynamoTableName: z.string().regex(/^[\w.-]{3,255}$/, "must be the name of a table"),
  /** Whether the stack makes the table. @default in throwaways, but for those of prod */
  createTable: z.boolean().optional(),
  /** Whose conversations those are that do not say it. */
  client: z.string().min(1),
  lambda: z.strictObject({
    /** @default cat-<environment>-lambda-normalize */
    name: z
      .string()
      .regex(/^[\w-]{1,64}$/, "must be the name of a function")
      .optional(),
    /** How long one invocation may take, seconds. A scan that takes longer goes on in the next. */
    timeout: z.int().min(1).max(900),
    /** MiB. A segment holds a part of a file in memory while it is written. */
    memorySize: z.int().min(128).max(10_240),
  }),
  scan: z.strictObject({
    /** Segments of the table that are read at once; each writes files of its own. */
    segments: z.int().min(1).max(64),
    /** Size at which a file is finished and another begun, MiB. */
    fileMiB: z.int().min(1).max(256),
  }),
  schedule: z.strictObject({
    /** Whether it fires. */
    enabled: z.boolean(),
    /** When, in UTC. */
    cronExpression: z.string().regex(/^(cron|rate)\(.+\)$/, "must be cron(…) or rate(…)"),
  }),
  lifecycle: z.strictObject({
    /** Whether replaced files are deleted after a time; they are kept for ever otherwise. */
    enabled: z.boolean(),
    /** Days for which a replaced or deleted file can be had back. */
    noncurrentVersionExpiration: z.int().min(1).max(3653),
  }),
  /** Who is told of an export that failed; each address has to confirm once. */
  emails: z.array(z.email()),
});

const etl = z.strictObject({
  /** Bucket of the reports, where it is not that of the unit cat-normalize. @default the one of cat-normalize */
  dataBucketName: bucketName.optional(),
  /** Where CSV files arrive. */
  cleanPrefix: prefix,
  /** Where Parquet files are written. */
  curatedPrefix: prefix,
  /** Where Athena leaves results. */
  athenaResultsPrefix: prefix,
  catalog: z.strictObject({
    /** @default cat_<environment>_analytics_db */
    databaseName: z
      .string()
      .regex(/^[a-z0-9_]{1,255}$/, "must be the name of a database: lower case letters, digits, underscores")
      .optional(),
  }),
  athena: z.strictObject({
    /** @default wg-cat-<environment>-analytics */
    workGroupName: z
      .string()
      .regex(/^[\w.-]{1,128}$/, "must be the name of a workgroup")
      .optional(),
    /** What one query may read at most before it is cancelled, GiB: reading is what queries cost. */
    bytesScannedCutoffGiB: z.number().min(0.01).max(10_240),
  }),
  glue: z.strictObject({
    version: z.enum(["4.0", "5.0"]),
    numberOfWorkers: z.int().min(2).max(299),
    workerType: z.enum(["G.1X", "G.2X", "G.4X", "G.8X"]),
    /** How long a run may take, minutes. */
    timeoutMinutes: z.int().min(1).max(2880),
  }),
  workflow: z.strictObject({
    /** Between two looks at a crawl, or at somebody else's run of the job, seconds. */
    pollSeconds: z.int().min(1).max(300),
    /** How often a run or a crawl that failed is started again. */
    attemptsMore: z.int().min(0).max(5),
    /** What the log of executions holds. */
    logLevel: z.enum(["ALL", "ERROR", "FATAL", "OFF"]),
  }),
  /** Addresses that are told of failures. Each has to confirm once. */
  emails: z.array(z.email()),
});

const schema = z.strictObject({
  /** Where both halves are. */
  region: regionName,
  /** Accounts that the environment may be deployed to; any when empty. */
  allowedAccountIds: z.array(z.string().regex(/^\d{12}$/, "must be an account's 12 digits")),
  /** `retain` keeps and protects bucket and table. */
  removal: z.enum(["destroy", "retain"]),
  logs: z.strictObject({ retentionDays: logRetentionDays }),
  normalize,
  etl,
});

export type CatSettings = z.infer<typeof schema>;

const test: CatSettings = {
  region: "us-east-1",
  allowedAccountIds: [],
  removal: "destroy",
  logs: { retentionDays: 30 },
  normalize: {
    dynamoTableName: "cat-test-conversations",
    client: "cat",
    lambda: { timeout: 300, memorySize: 512 },
    scan: { segments: 4, fileMiB: 16 },
    schedule: { enabled: false, cronExpression: "cron(30 4 * * ? *)" },
    lifecycle: { enabled: true, noncurrentVersionExpiration: 30 },
    emails: [],
  },
  etl: {
    cleanPrefix: "reports/etl-process1/",
    curatedPrefix: "reports/etl-process2/",
    athenaResultsPrefix: "athena-results/",
    catalog: {},
    athena: { bytesScannedCutoffGiB: 10 },
    glue: { version: "4.0", numberOfWorkers: 2, workerType: "G.1X", timeoutMinutes: 30 },
    workflow: { pollSeconds: 2, attemptsMore: 0, logLevel: "ERROR" },
    emails: [],
  },
};

const environments: Record<Environment, CatSettings> = {
  dev: { ...test, normalize: { ...test.normalize, dynamoTableName: "cat-dev-conversations" } },
  test,
  prod: {
    ...test,
    removal: "retain",
    logs: { retentionDays: 365 },
    normalize: {
      ...test.normalize,
      dynamoTableName: "cat-prod-conversations",
      lambda: { timeout: 900, memorySize: 2048 },
      scan: { segments: 8, fileMiB: 64 },
      schedule: { ...test.normalize.schedule, enabled: true },
    },
    etl: {
      ...test.etl,
      athena: { bytesScannedCutoffGiB: 100 },
      glue: { version: "4.0", numberOfWorkers: 5, workerType: "G.1X", timeoutMinutes: 120 },
      workflow: { pollSeconds: 15, attemptsMore: 1, logLevel: "ERROR" },
    },
  },
};

/**
 * The settings of an environment with the stack's overrides laid over them, key by key.
 *
 * @throws SettingsError naming each wrong key and value, and the file
 */
export function catSettings(config: StackConfig): CatSettings {
  const overrides = config.systems.cat ?? {};
  const settings = parseSettings(schema, overlaid(environments[config.environment], overrides), {
    prefix: `${config.prefix}cat.`,
    source: config.source,
  });
  const createTable = settings.normalize.createTable ?? (config.throwaway && config.environment !== "prod");
  return {
    ...settings,
    ...(config.throwaway && { removal: "destroy" }),
    normalize: { ...settings.normalize, createTable },
  };
}
