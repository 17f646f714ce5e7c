// The project and the stack on disk: what the engine reads before any program runs. Made without the SDK, so that the engine's
// own first command runs while the SDK is still being loaded.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { EngineFailure } from "./engine-errors.js";
import { removeStaleLocks } from "./locks.js";
import { checkpointPath, PROJECT } from "./project.js";
import type { WorkerSpec } from "./protocol.js";

const Settings = z.record(z.string(), z.unknown());

/** What every command of the engine on this stack has in its environment. */
export async function engineVariables(spec: WorkerSpec): Promise<Record<string, string>> {
  return {
    PULUMI_HOME: spec.pulumiHome,
    PULUMI_BACKEND_URL: `file://${spec.stateFolder}`,
    PULUMI_CONFIG_PASSPHRASE: await readFile(spec.passphraseFile, "utf8"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_CI_DETECTION: "true",
    PULUMI_DIY_BACKEND_NO_LEGACY_WARNING: "true",
    ...(spec.savesOnce && { PULUMI_SKIP_CHECKPOINTS: "true" }),
    // The engine lives for seconds: collecting its garbage costs an `up` a tenth of its time. The limit is for large states.
    GOGC: process.env.GOGC ?? "off",
    GOMEMLIMIT: process.env.GOMEMLIMIT ?? "1GiB",
  };
}

/** Runs a command of the engine in the project. @throws EngineFailure with what it complained about */
export async function runEngine(spec: WorkerSpec, path: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, ...(await engineVariables(spec)) };
  await promisify(execFile)(path, [...args, "--non-interactive"], { cwd: spec.projectFolder, env }).catch(
    (error: unknown) => {
      throw new EngineFailure(error);
    },
  );
}

/** Writes the project and the stack's settings, and creates the stack when it is not there. @param path of the CLI */
export async function prepareStack(spec: WorkerSpec, path: string): Promise<void> {
  await mkdir(spec.pulumiHome, { recursive: true, mode: 0o700 });
  await removeStaleLocks(spec.stateFolder);
  await writeFile(join(spec.projectFolder, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
  await writeStackSettings(spec);
  if (existsSync(checkpointPath(spec.stateFolder, spec.stack))) return;
  await runEngine(spec, path, ["stack", "init", spec.stack]);
}

/** Writes the stack's settings, which the engine reads at the beginning of every operation. */
export async function writeStackSettings(spec: Pick<WorkerSpec, "config" | "projectFolder" | "stack">): Promise<void> {
  const path = join(spec.projectFolder, `Pulumi.${spec.stack}.yaml`);
  // The salt that the engine added to the settings has to stay.
  const present = Settings.parse(parse(await readFile(path, "utf8").catch(() => "{}")) ?? {});
  await writeFile(path, stringify({ ...present, config: spec.config }), { mode: 0o600 });
}
