// The settings of Sanders: what each environment has, and what the configuration may say otherwise (`crucible:sanders`).
import { z } from "zod";
import { type Environment, parseSettings, type StackConfig } from "../config.js";
import { logRetentionDays, overlaid, regionName } from "../settings.js";

const cron = z.string().regex(/^(cron|rate)\(.+\)$/, "must be cron(…) or rate(…)");

const schedule = z.strictObject({
  /** Whether it fires. */
  enabled: z.boolean(),
  /** When, in UTC. */
  expression: cron,
});

const days = z.int().min(1).max(3653);

const schema = z.strictObject({
  /** Where the platform is. */
  region: regionName,
  /** Accounts that the environment may be deployed to; any when empty. */
  allowedAccountIds: z.array(z.string().regex(/^\d{12}$/, "must be an account's 12 digits")),
  /** `retain` keeps and protects bucket, table and repository. */
  removal: z.enum(["destroy", "retain"]),
  network: z.strictObject({
    cidrBlock: z.string(),
    availabilityZones: z.int().min(2).max(6),
    /** 0 (interface endpoints instead), 1, or one per availability zone. */
    natGateways: z.int().min(0).max(6),
  }),
  storage: z.strictObject({
    /** Days until raw input moves to cheaper storage. */
    rawInfrequentAfterDays: z.int().min(30),
    /** Days until rows that could not be used are deleted. */
    quarantineDays: days,
    /** Days for which a replaced object can be had back. */
    oldVersionsDays: days,
    /** How many images the repository keeps. */
    keepImages: z.int().min(1).max(1000),
  }),
  table: z.strictObject({ pointInTimeRecovery: z.boolean() }),
  batch: z.strictObject({
    maxVcpus: z.int().min(1).max(10_000),
    capacity: z.enum(["FARGATE", "FARGATE_SPOT"]),
    /** How long one attempt of a job may take, seconds. */
    timeoutSeconds: z.int().min(60).max(1_209_600),
  }),
  /** Environment variable of the jobs → ARN of the secret (Secrets Manager) that it holds. */
  secrets: z.record(
    z.string().regex(/^[A-Z_][A-Z0-9_]*$/, "must be the name of an environment variable"),
    z.string().regex(/^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+/, "must be the ARN of a secret"),
  ),
  schedules: z.strictObject({ dailyFeatures: schedule, weeklyTraining: schedule }),
  monitoring: z.strictObject({
    /** What the dashboard shows. */
    detail: z.enum(["basic", "full"]),
    /** Who is told of failures; each address has to confirm once. */
    emails: z.array(z.email()),
    /** The alarm goes off when the table takes this many write units within five minutes. */
    writeUnitsPerFiveMinutes: z.int().min(1),
  }),
  logs: z.strictObject({
    retentionDays: logRetentionDays,
    /** Whether the stack owns the log group of Batch (`/aws/batch/job`): only where it is the account's one user of Batch. */
    ownsBatchLogGroup: z.boolean(),
  }),
  budget: z.strictObject({
    enabled: z.boolean(),
    /** Percentages of the limit in budget-config.json at which someone is told. */
    alertPercents: z.strictObject({
      actual: z.array(z.number().positive()),
      forecasted: z.array(z.number().positive()),
    }),
  }),
  cloudTrail: z.strictObject({ enabled: z.boolean(), retentionDays: days }),
});

export type SandersSettings = z.infer<typeof schema>;

const base: SandersSettings = {
  region: "eu-central-1",
  allowedAccountIds: [],
  removal: "destroy",
  network: { cidrBlock: "10.0.0.0/16", availabilityZones: 2, natGateways: 1 },
  storage: { rawInfrequentAfterDays: 90, quarantineDays: 90, oldVersionsDays: 30, keepImages: 20 },
  table: { pointInTimeRecovery: false },
  batch: { maxVcpus: 16, capacity: "FARGATE", timeoutSeconds: 3600 },
  secrets: {},
  schedules: {
    dailyFeatures: { enabled: false, expression: "cron(0 2 * * ? *)" },
    weeklyTraining: { enabled: false, expression: "cron(0 3 ? * SUN *)" },
  },
  monitoring: { detail: "basic", emails: [], writeUnitsPerFiveMinutes: 10_000 },
  logs: { retentionDays: 30, ownsBatchLogGroup: false },
  budget: { enabled: true, alertPercents: { actual: [80, 100], forecasted: [100] } },
  cloudTrail: { enabled: false, retentionDays: 365 },
};

const environments: Record<Environment, SandersSettings> = {
  dev: base,
  test: {
    ...base,
    network: { ...base.network, natGateways: 0 },
    logs: { ...base.logs, retentionDays: 7 },
  },
  prod: {
    ...base,
    removal: "retain",
    table: { pointInTimeRecovery: true },
    batch: { ...base.batch, maxVcpus: 64 },
    schedules: { ...base.schedules, dailyFeatures: { ...base.schedules.dailyFeatures, enabled: true } },
    monitoring: { ...base.monitoring, detail: "full" },
    logs: { ...base.logs, retentionDays: 365 },
    cloudTrail: { ...base.cloudTrail, enabled: true },
  },
};

/**
 * The settings of an environment with the stack's overrides laid over them, key by key.
 *
 * @throws SettingsError naming each wrong key and value, and the file
 */
export function sandersSettings(config: StackConfig): SandersSettings {
  const overrides = config.systems.sanders ?? {};
  const settings = parseSettings(schema, overlaid(environments[config.environment], overrides), {
    prefix: `${config.prefix}sanders.`,
    source: config.source,
  });
  if (!config.throwaway) return settings;
  // A throwaway with an account of its own takes Batch's log group along; in a shared account that group is not its own.
  const logs = { ...settings.logs, ownsBatchLogGroup: !config.suffixAll };
  return { ...settings, removal: "destroy", logs };
}
