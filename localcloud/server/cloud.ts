// Starting a cloud, and what a running one is to the driver and the tests.
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Announcement, type CloudRecord, type ProcessOptions } from "./options.js";
import { besideServer } from "./paths.js";
import { postJson } from "./request.js";

export interface CloudOptions {
  /** Folder for everything the cloud keeps; created when it is missing, left in place at the end. */
  dataDir: string;
  /** Port of 127.0.0.1 for AWS clients. @default a free one */
  port?: number;
  /** `parent`: the cloud dies with this process, also when that is killed. `detached`: it goes on. */
  lifetime: "parent" | "detached";
  /** What runs containers. @default "process" */
  executor?: "process" | "container";
}

/** A scheduled rule of EventBridge or a schedule of EventBridge Scheduler. */
export interface ScheduleReference {
  account: string;
  region: string;
  kind: "rule" | "schedule";
  name: string;
  /** Group of a schedule. @default "default" */
  group?: string;
}

/** What became of a clock that was moved. */
export interface Advanced {
  /** Schedules that fired on the way. */
  fired: number;
  /** The time that it is by the account's clock. */
  now: Date;
}

/** A running cloud. */
export interface Cloud {
  /** What AWS clients use as endpoint, e.g. `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** The cloud process. */
  readonly pid: number;
  readonly dataDir: string;
  /** Opens the cloud's own operations (`x-crucible-token`); not for AWS clients. */
  readonly token: string;
  /** Makes a schedule happen now, also a disabled one; resolves when its targets have been handed their event. */
  fire(schedule: ScheduleReference): Promise<void>;
  /**
   * Moves the clock of an account forward: that which its rules and schedules, and the triggers and crawlers of Glue, go by. What falls
   * due on the way fires, in order and with its own time; resolves when all of it was handed to its targets.
   *
   * @param by seconds, or the time that it is to be then
   * @throws for a time that is over
   */
  advance(account: string, by: number | Date): Promise<Advanced>;
  /** Ends the cloud and everything it runs; resolves when its process is gone. */
  stop(): Promise<void>;
}

/** Lines of a log that go into an error message. */
const TAIL_LINES = 15;

/**
 * Starts a cloud of one's own.
 *
 * @throws when it does not come up, with the reason and the end of its log
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { dataDir, port = 0, lifetime, executor = "process" } = options;
  return await launchCloud({ dataDir, port, lifetime, executor });
}

/** Starts a cloud process with any options; `startCloud` and the background cloud are its users. */
export async function launchCloud(options: ProcessOptions): Promise<Cloud> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const logPath = join(options.dataDir, "cloud.log");
  const child = spawn(process.execPath, [besideServer("main.js"), JSON.stringify(options)], {
    // A session of its own: an interrupt at the terminal is the driver's to answer, and it needs the cloud to tear down.
    detached: true,
    stdio: [options.lifetime === "parent" ? "pipe" : "ignore", "pipe", openSync(logPath, "a", 0o600)],
    cwd: options.dataDir,
    env: environment(),
  });
  const gone = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`its process could not be started: ${error.message}`));
    child.once("close", (code, signal) => resolve(`its process ended with ${signal ?? `exit code ${code}`}`));
  });
  child.stdin?.on("error", () => {});
  const line = new Promise<string>((resolve) => {
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
  const first = await Promise.race([line, gone.then((how) => JSON.stringify({ error: how }))]);
  const record = Announcement.parse(JSON.parse(first));
  if ("error" in record) {
    await gone;
    throw new Error(`The local cloud did not start: ${record.error}\n${tail(logPath)}`);
  }
  // Neither the process nor its pipes keep this one alive.
  child.unref();
  child.stdout?.destroy();
  (child.stdin as { unref?(): void } | null)?.unref?.();
  return cloudAt(record, async () => {
    child.ref();
    child.kill("SIGTERM");
    await gone;
  });
}

/**
 * A handle on a cloud whose address is known.
 *
 * @param stop how it is ended; by default SIGTERM to its process, whatever started it
 */
export function cloudAt(record: CloudRecord, stop: () => Promise<void> = () => terminate(record)): Cloud {
  return {
    endpoint: record.endpoint,
    pid: record.pid,
    dataDir: record.dataDir,
    token: record.token,
    async advance(account, by) {
      const move = by instanceof Date ? { account, to: by.toISOString() } : { account, seconds: by };
      const answer = await postJson(`${record.endpoint}/_crucible/advance`, record.token, move);
      const { fired, now } = answer as { fired: number; now: string };
      return { fired, now: new Date(now) };
    },
    async fire(schedule) {
      await postJson(`${record.endpoint}/_crucible/fire`, record.token, schedule);
    },
    stop,
  };
}

/** Ends a cloud process that is not a child. */
async function terminate(record: CloudRecord): Promise<void> {
  await ended(record, () => process.kill(record.pid, "SIGTERM"));
}

/**
 * Resolves when a cloud's process is gone, whatever started it: an open request to it ends when it does.
 *
 * @param watching called once its end cannot be missed any more
 */
export function ended(record: CloudRecord, watching: () => void = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "x-crucible-token": record.token };
    const lifeline = get(`${record.computeUrl}/lifeline`, { headers, agent: false }, (response) => {
      response.on("close", resolve).on("error", () => resolve());
      response.resume();
      try {
        watching();
      } catch (error) {
        reject(error);
      }
    });
    lifeline.on("error", () => resolve());
  });
}

/** This process's environment without what would steer AWS clients: in the cloud they all have their configuration given. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const quiet = { AWS_EC2_METADATA_DISABLED: "true", AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  return { ...Object.fromEntries(kept), ...quiet };
}

function tail(path: string): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  } catch {
    return "";
  }
}
