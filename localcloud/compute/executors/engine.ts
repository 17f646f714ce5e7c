// The container engine of this machine, through its command line: podman or docker, which take the same words.
import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import type { ContainerSettings } from "./executor.js";

export interface ContainerEngine {
  name: "podman" | "docker";
  /** Command or path of the CLI. */
  command: string;
  version: string;
}

/** An engine's refusal; the message is the last thing that its CLI said. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** What a CLI printed. */
export interface EngineOutput {
  stdout: string;
  stderr: string;
}

const KNOWN = ["podman", "docker"] as const;
/** A CLI without its daemon may wait for it. */
const PROBE_MS = 10_000;

/**
 * The first engine that answers: the one that CRUCIBLE_CONTAINER_ENGINE names, or else podman, then docker.
 * @returns the engine, or the reason why there is none, naming each that was tried
 */
export async function findContainerEngine(
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ engine: ContainerEngine } | { reason: string }> {
  const asked = env.CRUCIBLE_CONTAINER_ENGINE;
  const reasons: string[] = [];
  for (const command of asked ? [asked] : KNOWN) {
    const name = /docker/.test(command) ? "docker" : "podman";
    // `docker version` succeeds only with its daemon; podman has none.
    const format = name === "docker" ? "{{.Server.Version}}" : "{{.Client.Version}}";
    try {
      const { stdout } = await promisify(execFile)(command, ["version", "--format", format], {
        timeout: PROBE_MS,
        env,
      });
      return { engine: { name, command, version: stdout.trim() } };
    } catch (error) {
      const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
      reasons.push(`${command}: ${code === "ENOENT" ? "not installed" : lastLine(stderr) || message}`);
    }
  }
  return { reason: `There is no container engine (${reasons.join("; ")})` };
}

/**
 * Runs one command of the engine's CLI to its end.
 * @throws EngineError when it fails
 */
export function runEngine(
  engine: ContainerEngine,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<EngineOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(engine.command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.env ?? process.env,
      // podman's monitor leaves a file `oom` where it was started when the kernel has killed its container.
      cwd: tmpdir(),
    });
    const output: EngineOutput = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output.stderr += text;
    });
    child.on("error", (cause) => reject(new EngineError(`${engine.command}: ${cause.message}`, { cause })));
    child.on("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new EngineError(lastLine(output.stderr) || `${engine.name} ${args[0]} ended with ${code}`));
    });
  });
}

/** A container's settings as options of `create`. */
export function settingOptions(engine: ContainerEngine, settings: ContainerSettings = {}): string[] {
  const { user, sharedMemoryMiB, tmpfs = [], addCapabilities = [], dropCapabilities = [] } = settings;
  return [
    ...ulimits(settings.ulimits),
    ...(user ? ["--user", user] : []),
    // podman keeps its usual places for temporary files writable; docker, which AWS uses, does not.
    ...(settings.readOnlyRoot ? ["--read-only", ...(engine.name === "podman" ? ["--read-only-tmpfs=false"] : [])] : []),
    ...(settings.privileged ? ["--privileged"] : []),
    ...(settings.init ? ["--init"] : []),
    ...(sharedMemoryMiB ? ["--shm-size", `${sharedMemoryMiB}m`] : []),
    ...tmpfs.flatMap(({ path, sizeMiB, options }) => ["--tmpfs", [`${path}:size=${sizeMiB}m`, ...options].join(",")]),
    ...addCapabilities.flatMap((name) => ["--cap-add", name]),
    ...dropCapabilities.flatMap((name) => ["--cap-drop", name]),
  ];
}

/**
 * Limits of open files and processes for a container, as `--ulimit` takes them: Fargate's 65,535 files, but never more than
 * this machine grants, since a runtime without the privilege to raise them refuses to start at all. A definition's own replace them.
 */
function ulimits(own: ContainerSettings["ulimits"] = []): string[] {
  const asked = own.flatMap(({ name, soft, hard }) => ["--ulimit", `${name}=${soft}:${hard}`]);
  if (process.platform !== "linux") return asked;
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = (name: string) => {
    const value = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, "m").exec(limits)?.[1];
    return value === undefined || value === "unlimited" ? Number.POSITIVE_INFINITY : Number(value);
  };
  const files = Math.min(65_535, hard("Max open files"));
  const processes = Math.min(hard("Max processes"), Number(readFileSync("/proc/sys/kernel/pid_max", "utf8")));
  const given = Object.entries({ nofile: files, nproc: processes }).filter(
    ([name]) => !own.some((each) => each.name === name),
  );
  return [...asked, ...given.flatMap(([name, value]) => ["--ulimit", `${name}=${value}:${value}`])];
}

function lastLine(text = ""): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
