// The pipeline's settings: what each environment has, and what the configuration may say otherwise (`crucible:preprocessing`).
import { z } from "zod";
import { type Environment, parseSettings, type StackConfig } from "../config.js";
import { logRetentionDays, overlaid, regionName } from "../settings.js";

const schema = z.strictObject({
  /** Where the pipeline is. */
  region: regionName,
  /** Accounts that the environment may be deployed to; any when empty. */
  allowedAccountIds: z.array(z.string().regex(/^\d{12}$/, "must be an account's 12 digits")),
  /** `retain` keeps and protects bucket and repository. */
  removal: z.enum(["destroy", "retain"]),
  network: z.strictObject({
    cidrBlock: z.string(),
    availabilityZones: z.int().min(2).max(6),
    /** 0 (interface endpoints instead), 1, or one per availability zone. */
    natGateways: z.int().min(0).max(6),
  }),
  storage: z.strictObject({
    /** Days for which a replaced object can be had back. */
    oldVersionsDays: z.int().min(1).max(3653),
    /** How many images the repository keeps. */
    keepImages: z.int().min(1).max(1000),
  }),
  task: z.strictObject({
    /** A pair that Fargate has. */
    vcpus: z.number(),
    memoryMiB: z.int(),
  }),
  container: z.strictObject({
    /** Tag of the image that tasks run; it is looked up when a task starts, so that a push takes effect at once. */
    imageTag: z.string().regex(/^[\w][\w.-]{0,127}$/, "must be a tag of an image"),
    /** Memory of the container, MiB, beyond which it is killed. All of the task's when it is left out. */
    memoryLimitMiB: z.int().min(6).optional(),
  }),
  /** How long the script may take, seconds. */
  scriptTimeoutSeconds: z.int().min(1).max(86_400),
  logs: z.strictObject({
    retentionDays: logRetentionDays,
    /** What the log of executions holds. */
    executions: z.enum(["ALL", "ERROR", "FATAL", "OFF"]),
  }),
  /** Metrics of each task, which are paid for. */
  containerInsights: z.boolean(),
});

export type PreprocessingSettings = z.infer<typeof schema>;

const base: PreprocessingSettings = {
  region: "ap-southeast-1",
  allowedAccountIds: [],
  removal: "destroy",
  network: { cidrBlock: "10.40.0.0/16", availabilityZones: 2, natGateways: 0 },
  storage: { oldVersionsDays: 30, keepImages: 20 },
  task: { vcpus: 0.5, memoryMiB: 1024 },
  container: { imageTag: "latest" },
  scriptTimeoutSeconds: 3600,
  logs: { retentionDays: 30, executions: "ERROR" },
  containerInsights: false,
};

const environments: Record<Environment, PreprocessingSettings> = {
  dev: base,
  test: { ...base, logs: { ...base.logs, retentionDays: 7 } },
  prod: {
    ...base,
    removal: "retain",
    logs: { retentionDays: 365, executions: "ALL" },
    containerInsights: true,
  },
};

/**
 * The settings of an environment with the stack's overrides laid over them, key by key.
 *
 * @throws SettingsError naming each wrong key and value, and the file
 */
export function preprocessingSettings(config: StackConfig): PreprocessingSettings {
  const overrides = config.systems.preprocessing ?? {};
  const settings = parseSettings(schema, overlaid(environments[config.environment], overrides), {
    prefix: `${config.prefix}preprocessing.`,
    source: config.source,
  });
  return config.throwaway ? { ...settings, removal: "destroy" } : settings;
}
