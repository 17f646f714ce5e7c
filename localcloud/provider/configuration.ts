// The provider's configuration (`aws:region`, `aws:defaultTags`, …), as the official provider names it.
import { z } from "zod";
import type { CheckFailure } from "./descriptor.js";
import { isRecord, type Values } from "./wire.js";

/** Nested configuration travels as JSON text. */
function nested<T extends z.ZodType>(schema: T) {
  return z.preprocess((value, context) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: "custom", message: "is not valid JSON" });
      return z.NEVER;
    }
  }, schema);
}

const flag = z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
const accountIds = nested(z.array(z.string().regex(/^\d{12}$/, "an account id has 12 digits")));
const role = z.object({
  roleArn: z.string(),
  sessionName: z.string().optional(),
  externalId: z.string().optional(),
  /** e.g. `1h`, `30m`, `900s`. */
  duration: z
    .string()
    .regex(/^\d+[hms]$/)
    .optional(),
  policy: z.string().optional(),
});

const schema = z.object({
  region: z.string().min(1).optional(),
  allowedAccountIds: accountIds.optional(),
  forbiddenAccountIds: accountIds.optional(),
  defaultTags: nested(z.object({ tags: z.record(z.string(), z.string()).optional() })).optional(),
  assumeRoles: nested(z.array(role)).optional(),
  endpoints: nested(z.array(z.record(z.string(), z.string()))).optional(),
  accessKey: z.string().optional(),
  secretKey: z.string().optional(),
  token: z.string().optional(),
  profile: z.string().optional(),
  maxRetries: z.coerce.number().int().min(0).optional(),
  s3UsePathStyle: flag.optional(),
  skipCredentialsValidation: flag.optional(),
  skipRegionValidation: flag.optional(),
  skipRequestingAccountId: flag.optional(),
  skipMetadataApiCheck: flag.optional(),
});

/** The part of the official provider's configuration that this one acts on; other keys are accepted and have no effect. */
export type Configuration = z.infer<typeof schema>;

/** Parses the configuration. Failures name the key as a program would write it (`aws:region`). */
export function parseConfiguration(given: Values): { configuration: Configuration; failures: CheckFailure[] } {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")));
  if (parsed.success) return { configuration: parsed.data, failures: [] };
  const failures = parsed.error.issues.map((issue) => ({
    property: issue.path.map(String).join("."),
    reason: `aws:${issue.path.map(String).join(".")}: ${issue.message}`,
  }));
  return { configuration: {}, failures };
}

/** The region, by the order of the official provider: configuration, then the environment. */
export function regionOf(
  configuration: Configuration,
  fallback: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return configuration.region ?? fallback ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
}

/** Whether an account may be used, by `allowedAccountIds` and `forbiddenAccountIds`. @throws naming account and setting. */
export function checkAccount(account: string, configuration: Configuration): void {
  const { allowedAccountIds: allowed, forbiddenAccountIds: forbidden } = configuration;
  if (allowed && allowed.length > 0 && !allowed.includes(account))
    throw new Error(`AWS account ${account} is not allowed: aws:allowedAccountIds has ${allowed.join(", ")}`);
  if (forbidden?.includes(account))
    throw new Error(`AWS account ${account} is forbidden: it is among aws:forbiddenAccountIds`);
}

/** `1h` → 3600. */
export function durationSeconds(duration: string): number {
  const unit = { h: 3600, m: 60, s: 1 }[duration.slice(-1)] ?? 1;
  return Number.parseInt(duration, 10) * unit;
}

/** The endpoint that `aws:endpoints` gives for a service, by the names of its client (`s3`, `dynamodb`, …). */
export function configuredEndpoint(configuration: Configuration, names: readonly string[]): string | undefined {
  for (const endpoints of configuration.endpoints ?? [])
    if (isRecord(endpoints)) for (const name of names) if (endpoints[name]) return String(endpoints[name]);
  return undefined;
}
