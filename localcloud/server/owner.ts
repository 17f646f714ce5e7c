// The background cloud's other duty: it owns the named environments, ends them when their time is over, and ends itself
// with the last one. It sleeps until the next expiry or until a journal changes.
import { spawn } from "node:child_process";
import { existsSync, type FSWatcher, mkdirSync, readFileSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { backgroundEnvironments, type NamedEnvironment, subfolders } from "./journals.js";
import { withLock } from "./lock.js";
import { CloudRecord } from "./options.js";
import { projectRoot } from "./paths.js";
import type { ProcessRegistry } from "./registry.js";

/** Names of the files in the background cloud's folder. */
export const FILES = {
  /** Address of the running cloud. */
  record: "cloud.json",
  /** Held while the cloud is started, joined or ended. */
  lock: "lock",
  /** Its presence keeps the cloud running without environments. */
  keep: "keep",
} as const;

/** A cloud that nobody gave an environment ends after this. */
const EMPTY_START_MS = 60_000;
/** Changes that come together are looked at once. */
const SETTLE_MS = 20;
const RETRY_MS = { first: 30_000, most: 600_000 };
/** The longest that a timer can be set for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface OwnerOptions {
  /** Folder of `cloud.json` and the lock, in the `.crucible` folder that `down` works in. */
  folder: string;
  /** Folder with one subfolder per named environment. */
  environments: string;
  /** Command that destroys an environment; its name is appended. */
  down: string[];
  record: CloudRecord;
  registry: ProcessRegistry;
  log(message: string): void;
  /** Ends the cloud. */
  end(reason: string): Promise<void>;
}

/** What is known of an environment whose time is over. */
interface Expired {
  running: boolean;
  failures: number;
  notBefore: number;
}

/** When a failed attempt to destroy an environment is repeated: 30 s, doubled each time, at most 10 minutes. */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.most);
}

/** When to look at the environments next, in ms since the epoch: at the first expiry, or when a failed one is due again. */
export function nextLook(environments: NamedEnvironment[], notBefore: (name: string) => number): number {
  return Math.min(
    ...environments.map(({ name, expiresAt }) =>
      expiresAt ? Math.max(expiresAt.getTime(), notBefore(name)) : Number.POSITIVE_INFINITY,
    ),
  );
}

/** Publishes the cloud as the background cloud and begins to look after the environments. */
export function ownEnvironments(options: OwnerOptions): { close(): void } {
  const { folder, environments, log } = options;
  const recordPath = join(folder, FILES.record);
  mkdirSync(environments, { recursive: true, mode: 0o700 });
  const temporary = `${recordPath}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(options.record, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, recordPath);

  const startedAt = Date.now();
  const expired = new Map<string, Expired>();
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let hadEnvironments = false;
  let closed = false;

  const lookIn = (ms: number) => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(look, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
  };

  function watchFolder(path: string): void {
    if (watchers.has(path)) return;
    try {
      const watcher = watch(path, () => lookIn(SETTLE_MS));
      watcher.on("error", () => unwatch(path));
      watchers.set(path, watcher);
    } catch {
      // It has gone in the meantime, which its parent's watcher tells.
    }
  }

  function unwatch(path: string): void {
    watchers.get(path)?.close();
    watchers.delete(path);
  }

  function look(): void {
    const present = new Set(subfolders(environments).map((name) => join(environments, name)));
    for (const path of watchers.keys()) if (path !== environments && !present.has(path)) unwatch(path);
    for (const path of present) watchFolder(path);

    const known = backgroundEnvironments(environments, (path, error) => log(`${path} cannot be read: ${error}`));
    const byName = new Map(known.map((environment) => [environment.name, environment]));
    for (const [name, state] of expired) {
      const expiresAt = byName.get(name)?.expiresAt;
      if (!state.running && (!expiresAt || expiresAt.getTime() > Date.now())) expired.delete(name);
    }
    for (const { name, expiresAt } of known) if (expiresAt && expiresAt.getTime() <= Date.now()) destroy(name);

    hadEnvironments ||= known.length > 0;
    const busy = [...expired.values()].some((state) => state.running);
    if (known.length === 0 && !busy) {
      const rest = hadEnvironments ? 0 : startedAt + EMPTY_START_MS - Date.now();
      if (rest > 0) lookIn(rest);
      else void endIfEmpty();
      return;
    }
    const next = nextLook(known, (name) => {
      const state = expired.get(name);
      return state?.running ? Number.POSITIVE_INFINITY : (state?.notBefore ?? 0);
    });
    if (next !== Number.POSITIVE_INFINITY) lookIn(next - Date.now());
  }

  function destroy(name: string): void {
    const state = expired.get(name) ?? { running: false, failures: 0, notBefore: 0 };
    expired.set(name, state);
    if (state.running || state.notBefore > Date.now()) return;
    state.running = true;
    log(`environment ${name}: its time is over, destroying it`);
    const [command = "", ...args] = options.down;
    const child = spawn(command, [...args, name], {
      detached: true,
      // The log; standard output belongs to the one line that announced the cloud.
      stdio: ["ignore", 2, 2],
      cwd: projectRoot,
      env: { ...process.env, CRUCIBLE_HOME: dirname(folder) },
    });
    const { pid } = child;
    if (pid) options.registry.register(pid);
    const over = (outcome: string, succeeded: boolean) => {
      if (pid) options.registry.unregister(pid);
      state.running = false;
      state.failures = succeeded ? 0 : state.failures + 1;
      const delay = succeeded ? 0 : retryDelayMs(state.failures);
      state.notBefore = Date.now() + delay;
      log(`environment ${name}: ${succeeded ? "destroyed" : `${outcome}; again in ${delay / 1000} s`}`);
      lookIn(SETTLE_MS);
    };
    child.once("error", (error) => over(error.message, false));
    child.once("exit", (code, signal) => {
      const gone = !backgroundEnvironments(environments).some((environment) => environment.name === name);
      over(code === 0 ? "its journal is still there" : `down ended with ${signal ?? `exit code ${code}`}`, gone);
    });
  }

  /** Ends the cloud unless somebody has joined it with a new environment; joining takes the same lock. */
  async function endIfEmpty(): Promise<void> {
    if (existsSync(join(folder, FILES.keep))) return;
    await withLock(join(folder, FILES.lock), 60_000, async () => {
      if (closed || existsSync(join(folder, FILES.keep)) || backgroundEnvironments(environments).length > 0) return;
      // The lock stays held until the process is gone: the next cloud uses the same folder.
      process.once("exit", () => rmSync(join(folder, FILES.lock), { force: true }));
      await options.end("no environment is left");
    }).catch((error: unknown) => {
      log(`not ended: ${error}`);
      lookIn(RETRY_MS.first);
    });
  }

  function close(): void {
    closed = true;
    clearTimeout(timer);
    for (const path of [...watchers.keys()]) unwatch(path);
    const current = readRecord(folder);
    if (current?.pid === options.record.pid) rmSync(recordPath, { force: true });
  }

  process.once("exit", close);
  watchFolder(environments);
  look();
  return { close };
}

/** What `cloud.json` says, whether or not that cloud still runs. */
export function readRecord(folder: string): CloudRecord | undefined {
  try {
    return CloudRecord.parse(JSON.parse(readFileSync(join(folder, FILES.record), "utf8")));
  } catch {
    return undefined;
  }
}
