// Running any command in an environment, the plain Pulumi CLI among them: the AWS variables, the engine and its language host
// on PATH, the provider served for as long as the command runs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { constants } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { attachedProviders } from "../../localcloud/provider/attached.js";
import { serveProviders } from "../../localcloud/provider/server.js";
import { projectPython } from "../../localcloud/server/paths.js";
import { findEngine } from "../engine/engine.js";
import { UsageError } from "../errors.js";
import { writeAtomically } from "../files.js";
import { environmentFolder, pulumiHome } from "../home.js";
import { removeStaleLocks } from "../worker/locks.js";
import { checkpointPath } from "../worker/project.js";
import { prepareFolders } from "./engine-host.js";
import { type Journal, requireJournal } from "./journal.js";
import { acquireLease } from "./lease.js";
import { findPlace } from "./place.js";
import { processEnvironment, providerSettings } from "./settings.js";

/** Exit code of a command that could not be found, as shells have it. */
const NOT_FOUND = 127;
/** Shells add the number of the signal that ended a command. */
const SIGNALLED = 128;
const FILE_MODE = 0o644;

/**
 * Runs a command in the environment, with this process's terminal, and returns its exit code. The Pulumi CLI works on the
 * environment's own backend and holds its lease; a stack that its `--stack` names is made when it is not there.
 *
 * @throws UsageError when there is no such environment
 */
export async function execInEnvironment(name: string, command: readonly string[]): Promise<number> {
  const [program, ...given] = command;
  if (program === undefined)
    throw new UsageError(`Give a command after two dashes: crucible exec ${name} -- aws s3 ls`);
  const journal = await requireJournal(name);
  const args =
    basename(program) === "pulumi" && journal.units.length > 0
      ? onOwnStack(given, name, environmentFolder(name).project)
      : given;
  const { endpoint } = findPlace(journal);
  const provider = providerSettings(journal, endpoint);
  const [engine, providers] = await Promise.all([findEngine(), provider ? serveProviders(provider) : undefined]);
  const folder = environmentFolder(name);
  const variables: NodeJS.ProcessEnv = {
    ...processEnvironment(journal, endpoint, process.env),
    PATH: [...engine.pathEntries, dirname(projectPython()), process.env.PATH ?? ""].join(delimiter),
    PULUMI_BACKEND_URL: `file://${folder.state}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: folder.passphrase,
    PULUMI_HOME: pulumiHome(),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DIY_BACKEND_NO_LEGACY_WARNING: "true",
    ...(providers && attachedProviders(providers.debugProviders)),
  };
  try {
    if (basename(program) !== "pulumi") return await runCommand(program, args, variables);
    const lease = await acquireLease(folder.lease, `Environment ${name}`, "pulumi");
    try {
      await prepareFolders(name);
      await removeStaleLocks(folder.state);
      const stack = stackOf(args);
      const settings = stack === undefined ? undefined : join(process.cwd(), `Pulumi.${stack}.yaml`);
      if (stack !== undefined && settings !== undefined) await refuseTwins(journal, stack, settings, args);
      const saltless = settings === undefined ? undefined : await withoutSalt(settings);
      try {
        if (stack !== undefined && args[0] !== "stack" && !existsSync(checkpointPath(folder.state, stack)))
          await runCommand(engine.path, ["stack", "init", "--non-interactive", stack], variables, "ignore");
        return await runCommand(program, args, variables);
      } finally {
        if (settings !== undefined && saltless) await removeSalt(settings);
      }
    } finally {
      await lease.release();
    }
  } finally {
    await providers?.close();
  }
}

const Settings = z.object({ config: z.record(z.string(), z.unknown()).optional() });

/** Two stacks of one environment's settings have the same names: the second would fail half way, in an account that has the first. */
async function refuseTwins(journal: Journal, stack: string, settings: string, args: readonly string[]): Promise<void> {
  if (!/^(up|update)$/.test(args[0] ?? "") || stack === journal.name || journal.units.length === 0) return;
  const content = await readFile(settings, "utf8").catch(() => "");
  const { config = {} } = Settings.parse(parse(content) ?? {});
  if ((config["crucible:environment"] ?? "dev") !== journal.environment) return;
  throw new UsageError(
    `Environment ${journal.name} has ${journal.units.join(", ")} with the names of ${journal.environment} already, and the stack ${stack} would have the same. Use an empty environment: crucible up --name plain && crucible exec plain -- pulumi up -s ${stack}`,
  );
}

/** Commands of the Pulumi CLI that work with a stack's settings. */
const READS_SETTINGS = /^(up|update|preview|pre|refresh|destroy|config|import|watch)$/;

/**
 * A Pulumi command line that names the environment's own stack, or none, with that stack's settings: the driver wrote them into
 * the environment's folder. With those of the project's folder, or none, an `up` would make another environment of it.
 */
export function onOwnStack(args: readonly string[], name: string, projectFolder: string): readonly string[] {
  const [command = "", ...rest] = args;
  const stack = stackOf(args);
  const hasFile = args.some((argument) => /^--config-file(=|$)/.test(argument));
  if (!READS_SETTINGS.test(command) || hasFile || (stack !== undefined && stack !== name)) return args;
  const own = stack === undefined ? ["--stack", name] : [];
  return [command, ...own, "--config-file", join(projectFolder, `Pulumi.${name}.yaml`), ...rest];
}

/** The stack that a Pulumi command line names. */
export function stackOf(args: readonly string[]): string | undefined {
  for (const [index, argument] of args.entries()) {
    if (argument === "-s" || argument === "--stack") return args[index + 1];
    const [, name] = /^(?:--stack=|-s=?)(.+)$/.exec(argument) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}

const SALT = /^encryptionsalt:.*\n?/m;

/** Whether a stack's settings exist and have no salt of their own. */
async function withoutSalt(path: string): Promise<boolean> {
  return existsSync(path) && !SALT.test(await readFile(path, "utf8"));
}

/** The salt belongs to the environment's passphrase: it must not stay in settings that all environments share. */
async function removeSalt(path: string): Promise<void> {
  const content = await readFile(path, "utf8");
  if (SALT.test(content)) await writeAtomically(path, content.replace(SALT, ""), FILE_MODE);
}

/** Runs a command to its end. The terminal's signals reach it directly; this process waits for what it makes of them. */
function runCommand(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio: "inherit" | "ignore" = "inherit",
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio });
    const ignore = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", ignore);
    process.on("SIGTERM", pass);
    const done = () => {
      process.off("SIGINT", ignore);
      process.off("SIGTERM", pass);
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      done();
      if (error.code !== "ENOENT") return reject(error);
      process.stderr.write(`crucible: ${program}: command not found\n`);
      resolve(NOT_FOUND);
    });
    child.once("exit", (code, signal) => {
      done();
      resolve(code ?? SIGNALLED + (signal ? constants.signals[signal] : 0));
    });
  });
}
