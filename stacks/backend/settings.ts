// The settings of the backend: what each environment has, and what the configuration may say otherwise (`crucible:backend`).
import { z } from "zod";
import { parseCidr } from "../../components/ec2/cidr.js";
import { type Environment, parseSettings, type StackConfig } from "../config.js";
import { logRetentionDays, overlaid, regionName } from "../settings.js";
import { TIER_SIZES, TIERS, type Tier } from "./tiers.js";

const accountId = z.string().regex(/^\d{12}$/, "must be an account's 12 digits");

const cidr = z.string().superRefine((text, context) => {
  try {
    parseCidr(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
  }
});

const network = z.strictObject({
  /** Private block of the VPC; networks that are to be peered must not overlap. */
  cidrBlock: cidr,
  availabilityZones: z.int().min(2).max(6),
  /** 0 (interface endpoints instead), 1, or one per availability zone. */
  natGateways: z.int().min(0).max(6),
});

const tier = z.strictObject({
  vcpus: z.int().min(1).max(192),
  /** Hard limit of a job. */
  memoryMiB: z.int().min(64),
  instanceTypes: z.array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, "must be an instance type")).min(1),
  /** vCPUs that may run at once. */
  maxVcpus: z.int().min(1).max(100_000),
  capacity: z.enum(["EC2", "SPOT"]),
});

const schema = z.strictObject({
  /** Where the backend is. */
  region: regionName,
  /** Accounts that the environment may be deployed to; any when empty. */
  allowedAccountIds: z.array(accountId),
  /** `retain` keeps and protects bucket, file system, repositories and secrets. */
  removal: z.enum(["destroy", "retain"]),
  networks: z.strictObject({
    /** For EMR clusters. */
    emr: network,
    /** For jobs; the file system is here. */
    general: network,
    /** For what talks to the address validation service, and to nothing else. */
    melissa: network.extend({
      /** The service's IPv4 blocks, as its vendor publishes them. Without any, nothing gets out. */
      egressCidrs: z.array(cidr),
    }),
  }),
  tiers: z.strictObject(Object.fromEntries(TIERS.map((name) => [name, tier])) as Record<Tier, typeof tier>),
  jobs: z.strictObject({
    /** How long one attempt of a job may take, seconds. */
    timeoutSeconds: z.int().min(60).max(1_209_600),
    /** Tag of an image that is in the repository already, for going back to it. @default the one made of jobs/backend */
    imageTag: z
      .string()
      .regex(/^[\w][\w.-]{0,127}$/, "must be an image's tag")
      .optional(),
  }),
  fileSystem: z.strictObject({
    /** Days after which what nobody read moves to cheaper storage. */
    infrequentAccessAfterDays: z.union([z.literal(7), z.literal(14), z.literal(30), z.literal(60), z.literal(90)]),
    /** Daily backups. */
    backup: z.boolean(),
  }),
  storage: z.strictObject({
    /** Days for which a replaced object can be had back. */
    oldVersionsDays: z.int().min(1).max(3653),
    /** How many images each repository keeps. */
    keepImages: z.int().min(1).max(1000),
    /** The Databricks account that may read what is shared with it in the source bucket. @default nobody */
    databricksAccountId: accountId.optional(),
  }),
  workflows: z.strictObject({
    /** Which events of executions go into the log. */
    logLevel: z.enum(["ALL", "ERROR", "FATAL", "OFF"]),
    /** Traces in X-Ray. */
    tracing: z.boolean(),
    /** Workflow → step → how long it may take, seconds, where that is not what the workflow says. */
    stepTimeoutSeconds: z.record(z.string(), z.record(z.string(), z.int().min(1).max(31_536_000))),
  }),
  monitoring: z.strictObject({
    /** Who is told of failures; each address has to confirm once. */
    emails: z.array(z.email()),
  }),
  logs: z.strictObject({ retentionDays: logRetentionDays }),
});

export type BackendSettings = z.infer<typeof schema>;
export type NetworkName = keyof BackendSettings["networks"];

/** How many jobs of a tier run at once. */
const JOBS_AT_ONCE: Record<Tier, number> = { XS: 16, S: 16, M: 8, L: 8, XXL: 4 };

const tiers = (capacity: "EC2" | "SPOT") =>
  Object.fromEntries(
    TIERS.map((name) => {
      const size = TIER_SIZES[name];
      return [name, { ...size, maxVcpus: JOBS_AT_ONCE[name] * size.vcpus, capacity }];
    }),
  ) as BackendSettings["tiers"];

const base: BackendSettings = {
  region: "us-east-1",
  allowedAccountIds: [],
  removal: "destroy",
  networks: {
    emr: { cidrBlock: "10.16.0.0/16", availabilityZones: 2, natGateways: 1 },
    general: { cidrBlock: "10.17.0.0/16", availabilityZones: 2, natGateways: 1 },
    melissa: { cidrBlock: "10.18.0.0/16", availabilityZones: 2, natGateways: 1, egressCidrs: [] },
  },
  tiers: tiers("SPOT"),
  jobs: { timeoutSeconds: 4 * 3600 },
  fileSystem: { infrequentAccessAfterDays: 30, backup: false },
  storage: { oldVersionsDays: 30, keepImages: 20 },
  workflows: { logLevel: "ERROR", tracing: false, stepTimeoutSeconds: {} },
  monitoring: { emails: [] },
  logs: { retentionDays: 30 },
};

const environments: Record<Environment, BackendSettings> = {
  dev: base,
  test: { ...base, logs: { retentionDays: 7 } },
  prod: {
    ...base,
    removal: "retain",
    networks: {
      emr: { ...base.networks.emr, natGateways: 2 },
      general: { ...base.networks.general, natGateways: 2 },
      melissa: { ...base.networks.melissa, natGateways: 2 },
    },
    tiers: tiers("EC2"),
    jobs: { timeoutSeconds: 12 * 3600 },
    fileSystem: { ...base.fileSystem, backup: true },
    logs: { retentionDays: 365 },
  },
};

/**
 * The settings of an environment with the stack's overrides laid over them, key by key.
 *
 * @throws SettingsError naming each wrong key and value, and the file
 */
export function backendSettings(config: StackConfig): BackendSettings {
  const settings = parseSettings(schema, overlaid(environments[config.environment], config.systems.backend ?? {}), {
    prefix: `${config.prefix}backend.`,
    source: config.source,
  });
  return config.throwaway
    ? { ...settings, removal: "destroy", fileSystem: { ...settings.fileSystem, backup: false } }
    : settings;
}
