// The journal of a new environment: name, suffix, account and region, chosen so that they do not meet another's.
import { UsageError } from "../errors.js";
import { type Journal, listJournals } from "./journal.js";
import { self } from "./lease.js";
import { checkName, newAccount, newSuffix } from "./naming.js";
import type { EnvironmentOptions } from "./options.js";
import { parseTarget } from "./target.js";
import type { Unit } from "./units.js";

/** When an environment ends that is to live for so long from now. */
export const expiry = (ttlSeconds: number | null): Date | null =>
  ttlSeconds === null ? null : new Date(Date.now() + ttlSeconds * 1000);

/** @throws UsageError for a name, unit or target that cannot be */
export async function newJournal(
  unitNames: readonly string[],
  units: readonly Unit[],
  options: EnvironmentOptions,
): Promise<Journal> {
  const { target = "local", cloud = "private", program } = options;
  if (!program && unitNames.length === 0 && options.name === undefined)
    throw new UsageError("Name units to deploy, or the environment that is to be empty.");
  const { kind } = parseTarget(target);
  const others = await listJournals();
  const suffix = newSuffix(new Set(others.map((other) => other.suffix)));
  const accounts = new Set(others.flatMap((other) => other.account ?? []));
  return {
    version: 1,
    name: options.name === undefined ? `${unitNames[0] ?? "environment"}-${suffix}` : checkName(options.name),
    account: kind === "local" ? newAccount(accounts) : null,
    units: [...unitNames],
    environment: options.environment ?? "dev",
    region: options.region ?? units.find((unit) => unit.name === unitNames[0])?.defaultRegion ?? "us-east-1",
    suffix,
    target,
    status: "creating",
    cloud: kind !== "local" ? null : cloud === "background" ? "background" : "private",
    endpoint: null,
    createdAt: new Date(),
    expiresAt: expiry(options.ttlSeconds ?? null),
    owner: self(),
    worker: null,
    settings: inRegion(options.settings ?? {}, units, options.region),
    workflows: {},
    program: program ?? null,
  };
}

/** A region that was asked for holds for every system, each of which has a default of its own. */
function inRegion(
  settings: Record<string, unknown>,
  units: readonly Unit[],
  region: string | undefined,
): Record<string, unknown> {
  if (region === undefined) return settings;
  const systems = [...new Set(units.map((unit) => unit.system))];
  return {
    ...settings,
    ...Object.fromEntries(systems.map((system) => [system, { ...(settings[system] as object | undefined), region }])),
  };
}
