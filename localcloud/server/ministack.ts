// ministack as a child of the cloud process: how it is started, with what environment, and how one hears that it died.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { besideServer } from "./paths.js";

/** What the bridge is told: the services it forwards, and to where. */
export interface BridgeConfiguration {
  /** ministack's names of the services that the compute plane owns. */
  services: string[];
  /** Loopback URL of the compute plane. */
  computeUrl: string;
  token: string;
}

export interface Ministack {
  readonly pid: number;
  /** Hands over the configuration; resolves with the port once requests are answered. Rejects with the launcher's reason. */
  configure(configuration: BridgeConfiguration): Promise<number>;
  /** Resolves with a description when the process ends. */
  readonly ended: Promise<string>;
  /** Kills it and all that it started; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Nothing of the user's environment steers the cloud: only what is needed to run programs is passed on. */
function environment(dataDir: string): Record<string, string> {
  // What a killed one left there is of no use to anybody.
  rmSync(join(dataDir, "tmp"), { recursive: true, force: true });
  const folder = (name: string) => {
    const path = join(dataDir, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    HOME: process.env.HOME ?? "/",
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "1",
    TMPDIR: folder("tmp"),
    STATE_DIR: folder("state"),
    S3_DATA_DIR: folder("s3"),
    AUTH: "true",
    BIND_HOST: "127.0.0.1",
    // Either would listen on a port of its own.
    IOT_MTLS_ENABLED: "0",
    SFTP_ENABLED: "0",
    CLOUDTRAIL_RECORDING: "1",
    LOG_LEVEL: "WARNING",
    // It would tidy up containers of other ministacks on the same engine; here the compute plane alone runs containers.
    DOCKER_HOST: `unix://${join(dataDir, "no-container-engine.sock")}`,
  };
}

/**
 * Starts ministack as the leader of a process group of its own. It dies with this process: its standard input is the lifeline.
 *
 * @param port of 127.0.0.1; 0 for a free one
 * @param dataDir folder for its data, temporary files and log (`ministack.log`)
 */
export function launchMinistack(python: string, port: number, dataDir: string): Ministack {
  const env = environment(dataDir);
  const log = openSync(join(dataDir, "ministack.log"), "a", 0o600);
  const child: ChildProcess = spawn(python, [besideServer("launcher.py"), String(port)], {
    detached: true,
    stdio: ["pipe", "pipe", log],
    cwd: dataDir,
    env,
  });
  const announced = new Promise<string>((resolve) => {
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${python} could not be started: ${error.message}`));
    // "close" comes after the last line of its output, "exit" may come before.
    child.once("close", (code, signal) => resolve(`ministack ended with ${signal ?? `exit code ${code}`}`));
  });
  child.stdin?.on("error", () => {});

  return {
    pid: child.pid ?? 0,
    ended,
    async configure(configuration) {
      // Loaded while ministack starts, not before: a cloud has to be ready within a second.
      const { LauncherAnnouncement } = await import("./options.js");
      child.stdin?.write(`${JSON.stringify(configuration)}\n`);
      const first = await Promise.race([announced, ended.then((how) => JSON.stringify({ error: how }))]);
      const message = LauncherAnnouncement.parse(JSON.parse(first));
      if ("error" in message) throw new Error(message.error);
      return message.port;
    },
    async stop() {
      try {
        if (child.pid) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
      await ended;
    },
  };
}
