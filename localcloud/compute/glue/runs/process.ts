// The process of a run: a group of its own, whose output becomes lines and of which nothing is left when it has ended.
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { ProcessRegistry } from "../../../server/registry.js";
import { LineSplitter } from "../../executors/lines.js";

export interface RunProcessSpec {
  file: string;
  args: string[];
  folder: string;
  environment: Record<string, string>;
  onLine(stream: "output" | "error", line: string): void;
}

export interface RunProcess {
  /** Always resolves, after the last line, with the exit code; 128 and the signal's number for one that was killed. */
  readonly exited: Promise<number>;
  /** Kills the whole group. */
  kill(): void;
}

/** Starts the process; rejects when it cannot be started. */
export type StartProcess = (spec: RunProcessSpec) => Promise<RunProcess>;

/** How long output may still come from a group that has been killed. */
const DRAIN_MS = 2_000;

/** @param registry what is started is named here, so that it dies with the cloud */
export function processStarter(registry: ProcessRegistry): StartProcess {
  return async ({ file, args, folder, environment, onLine }) => {
    const child = spawn(file, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { pid } = child;
    if (pid === undefined) throw await new Promise<Error>((resolve) => child.once("error", resolve));
    registry.register(pid);
    const kill = () => {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Nothing of the group is left.
      }
    };
    const drained = Promise.all([follow(child.stdout, "output", onLine), follow(child.stderr, "error", onLine)]);
    const exited = new Promise<number>((resolve) => {
      child.once("exit", (code, signal) => {
        // A Java that Python has left behind belongs to the run and ends with it.
        kill();
        registry.unregister(pid);
        const patience = setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, DRAIN_MS);
        void drained.then(() => {
          clearTimeout(patience);
          resolve(code ?? (signal === "SIGKILL" ? 137 : 143));
        });
      });
    });
    return { exited, kill };
  };
}

function follow(stream: Readable, name: "output" | "error", onLine: RunProcessSpec["onLine"]): Promise<void> {
  return new Promise((resolve) => {
    const splitter = new LineSplitter((line) => onLine(name, line));
    stream.on("data", (chunk: Buffer) => splitter.write(chunk));
    stream.on("error", () => {});
    stream.on("close", () => {
      splitter.end();
      resolve();
    });
  });
}
