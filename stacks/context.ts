// What every unit is given when it is deployed: where it is, and what the stack was told.
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import { getPartition } from "@pulumi/aws/getPartition.js";
import * as pulumi from "@pulumi/pulumi";
import { SettingsError, type StackConfig } from "./config.js";
import type { UnitOutputs } from "./unit-outputs.js";

export interface StackContext {
  readonly config: StackConfig;
  /** The account that the stack is deployed to, 12 digits. */
  readonly account: string;
  /** e.g. `aws`. */
  readonly partition: string;
  /** Region of the stack's provider; absent when only the machine's environment says it. */
  readonly region?: string;
  /** What several units need one of: made for the first that asks, the same for the others. */
  shared<T>(key: string, make: () => T): T;
  /** The outputs of a unit that the one being deployed depends on, wherever it is. */
  outputsOf(unit: string): UnitOutputs;
}

/** Asks AWS who and where we are. */
export async function createContext(config: StackConfig, outputsOf: StackContext["outputsOf"]): Promise<StackContext> {
  const [identity, partition] = await Promise.all([getCallerIdentity({}), getPartition({})]);
  const made = new Map<string, unknown>();
  return {
    config,
    account: identity.accountId,
    partition: partition.partition,
    region: new pulumi.Config("aws").get("region"),
    shared<T>(key: string, make: () => T): T {
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as T;
    },
    outputsOf,
  };
}

/**
 * Stops a program that would deploy to another account than its environment's.
 *
 * @param allowed the accounts' 12 digits; none for any account
 * @throws SettingsError naming account, environment and setting, before anything is created
 */
export function checkAccount(context: StackContext, allowed: readonly string[], setting: string): void {
  if (allowed.length === 0 || allowed.includes(context.account)) return;
  throw new SettingsError(
    `${context.config.source}: environment ${context.config.environment} belongs into account ${allowed.join(" or ")} ` +
      `(${setting}), but the credentials are those of account ${context.account}. Nothing was changed.`,
  );
}
