// The driver as its users run it: `bin/crucible.mjs`, with a `.crucible` folder of the test's own.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { stopBackgroundCloud } from "../../localcloud/server/background.js";
import { projectPython, projectRoot } from "../../localcloud/server/paths.js";

/** How a command ended, and what it wrote. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Driver {
  /** The `.crucible` folder. */
  readonly home: string;
  /** What commands run with; `crucible` and the project's Python environment are on its PATH. */
  readonly variables: NodeJS.ProcessEnv;
  /** Runs `crucible …` to its end. @throws with all that it wrote when its exit code is not 0 */
  crucible(...args: string[]): Promise<string>;
  /** Starts `crucible …` as the leader of a process group. */
  start(...args: string[]): ChildProcess;
  /** Ends the background cloud, and deletes the folder. */
  close(): Promise<void>;
}

export const CRUCIBLE = join(projectRoot, "bin", "crucible.mjs");

export function openDriver(): Driver {
  const folder = mkdtempSync(join(tmpdir(), "crucible-acceptance-"));
  const home = join(folder, "home");
  const commands = join(folder, "bin");
  mkdirSync(commands);
  chmodSync(folder, 0o700);
  symlinkSync(CRUCIBLE, join(commands, "crucible"));
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|PULUMI|CRUCIBLE)_/.test(name));
  const variables: NodeJS.ProcessEnv = {
    ...Object.fromEntries(own),
    CRUCIBLE_HOME: home,
    PATH: [commands, dirname(projectPython()), process.env.PATH ?? ""].join(delimiter),
    // The day of a line's `date` is the day of the jobs.
    TZ: "UTC",
  };
  const start = (...args: string[]) =>
    spawn(process.execPath, [CRUCIBLE, ...args], {
      env: variables,
      // The plain Pulumi CLI works on the project that it stands in.
      cwd: projectRoot,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    home,
    variables,
    start,
    async crucible(...args) {
      const { code, stdout, stderr } = await outcomeOf(start(...args));
      assert.equal(code, 0, `crucible ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
      return stdout;
    },
    async close() {
      await stopBackgroundCloud({ force: true, home });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Longer than this no command of these tests takes; one that does is ended, so that what it wrote is seen. */
const LONGEST_SECONDS = 150;

/** Waits for the end of a process, which leads its group, and of what it writes. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const written = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.on("data", (chunk: Buffer) => written[name].push(chunk));
  const late = setTimeout(() => {
    written.stderr.push(Buffer.from(`\nended by the test after ${LONGEST_SECONDS} s\n`));
    process.kill(-(child.pid as number), "SIGKILL");
  }, LONGEST_SECONDS * 1000);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", (value) => resolve(value)),
  ).finally(() => clearTimeout(late));
  return { code, stdout: Buffer.concat(written.stdout).toString(), stderr: Buffer.concat(written.stderr).toString() };
}
