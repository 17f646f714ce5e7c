// The background cloud: one per `.crucible` folder, started or joined by whoever needs it, owner of the named environments.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cloud, cloudAt, ended, launchCloud } from "./cloud.js";
import { backgroundEnvironments, type NamedEnvironment } from "./journals.js";
import { withLock } from "./lock.js";
import type { CloudRecord } from "./options.js";
import { FILES, readRecord } from "./owner.js";
import { crucibleHome, projectRoot } from "./paths.js";
import { isAlive } from "./processes.js";

/** How long to wait for somebody else who starts or ends the cloud. */
const LOCK_TIMEOUT_MS = 60_000;

export interface JoinOptions {
  /** The `.crucible` folder. @default `CRUCIBLE_HOME`, or the one of the project */
  home?: string;
  /** Port of 127.0.0.1, when the cloud has to be started. @default a free one */
  port?: number;
  /** Whether it stays when no environment is left; holds until it is stopped. @default false */
  keep?: boolean;
  /** What runs containers, when the cloud has to be started. @default "process" */
  executor?: "process" | "container";
  /** Command that destroys an environment at its expiry; the name is appended. @default `crucible down` */
  down?: string[];
}

export interface JoinedCloud extends Cloud {
  /** Whether this call started it. */
  readonly started: boolean;
}

export interface BackgroundStatus {
  running: boolean;
  cloud?: CloudRecord;
  environments: NamedEnvironment[];
}

const folderOf = (home: string) => join(home, "cloud");
const environmentsOf = (home: string) => join(home, "environments");

/**
 * Joins the background cloud, or starts it. Two that start at once get the same one.
 *
 * A cloud without environments ends: the environment that it is joined for has to have its journal, with
 * `cloud: "background"`, before this is called (or `keep` is set).
 */
export async function joinBackgroundCloud(options: JoinOptions = {}): Promise<JoinedCloud> {
  const home = options.home ?? crucibleHome();
  const folder = folderOf(home);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return await withLock(join(folder, FILES.lock), LOCK_TIMEOUT_MS, async () => {
    const record = running(folder);
    if (!record) rmSync(join(folder, FILES.keep), { force: true });
    if (options.keep) writeFileSync(join(folder, FILES.keep), "", { mode: 0o600 });
    if (record) {
      if (options.port && !record.endpoint.endsWith(`:${options.port}`))
        throw new Error(
          `The background cloud runs already, at ${record.endpoint}. Stop it to use port ${options.port}.`,
        );
      return { ...cloudAt(record), started: false };
    }
    const cloud = await launchCloud({
      dataDir: join(folder, "data"),
      port: options.port ?? 0,
      executor: options.executor ?? "process",
      lifetime: "detached",
      background: {
        folder,
        environments: environmentsOf(home),
        down: options.down ?? [process.execPath, join(projectRoot, "bin", "crucible.mjs"), "down"],
      },
    });
    return { ...cloud, started: true };
  });
}

/** The background cloud, if it runs, and the environments that name it. */
export function backgroundStatus(home = crucibleHome()): BackgroundStatus {
  const cloud = running(folderOf(home));
  return {
    running: cloud !== undefined,
    ...(cloud && { cloud }),
    environments: backgroundEnvironments(environmentsOf(home)),
  };
}

/** A handle on the background cloud; undefined when it does not run. Does not keep it from ending. */
export function findBackgroundCloud(home = crucibleHome()): Cloud | undefined {
  const record = running(folderOf(home));
  return record && cloudAt(record);
}

/** Resolves when the background cloud has ended; at once when there is none. */
export async function backgroundEnded(home = crucibleHome()): Promise<void> {
  const record = running(folderOf(home));
  if (record) await ended(record);
}

/**
 * Ends the background cloud and everything in it.
 *
 * @returns false when it did not run
 * @throws when environments live in it, naming them, unless forced
 */
export async function stopBackgroundCloud(options: { force?: boolean; home?: string } = {}): Promise<boolean> {
  const home = options.home ?? crucibleHome();
  const folder = folderOf(home);
  return await withLock(join(folder, FILES.lock), LOCK_TIMEOUT_MS, async () => {
    const record = running(folder);
    if (!record) return false;
    const names = backgroundEnvironments(environmentsOf(home)).map((environment) => environment.name);
    if (names.length > 0 && !options.force)
      throw new Error(
        `The background cloud holds ${names.join(", ")}. Destroy them first (crucible down), or stop it by force, which loses them.`,
      );
    await cloudAt(record).stop();
    rmSync(join(folder, FILES.keep), { force: true });
    return true;
  });
}

/**
 * What any AWS client needs in its environment to work with an account of a cloud.
 *
 * @param account 12 digits
 */
export function clientEnvironment(endpoint: string, account: string, region: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // Clients would look for other credentials and at a metadata service that is not there.
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
  };
}

function running(folder: string): CloudRecord | undefined {
  const record = readRecord(folder);
  return record && isAlive({ pid: record.pid, startedAt: record.processStartedAt }) ? record : undefined;
}
