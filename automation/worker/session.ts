// One stack and what is done with it: the Automation API behind the few operations that the driver asks for.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import type { LocalWorkspace } from "@pulumi/pulumi/automation/localWorkspace.js";
import type { Stack } from "@pulumi/pulumi/automation/stack.js";
import { attachedProviders } from "../../localcloud/provider/attached.js";
import { readDeployment } from "./deployment.js";
import { engineMessage, isSummary } from "./engine-errors.js";
import { changesOf, plain, progressOf } from "./events.js";
import { removeStaleLocks } from "./locks.js";
import { checkpointPath, PROJECT } from "./project.js";
import type { EngineProgress, Operation, ResultOf, WorkerSpec } from "./protocol.js";

/** What a session needs of the engine, passed in. */
export interface SessionEngine {
  command: PulumiCommand;
  /** Of the CLI's executable. */
  path: string;
  program: () => Promise<Record<string, unknown>>;
  /** For PULUMI_DEBUG_PROVIDERS. */
  debugProviders?: string;
  LocalWorkspace: typeof LocalWorkspace;
  Stack: typeof Stack;
}

export interface Session {
  /** @throws Error with what the engine complained about, and nothing else of its output */
  perform(
    operation: Operation,
    cancelled: AbortSignal,
    onProgress: (progress: EngineProgress) => void,
  ): Promise<ResultOf<Operation>>;
}

/** Creates the stack, or selects it when it is there already. */
export async function createSession(spec: WorkerSpec, engine: SessionEngine): Promise<Session> {
  await mkdir(spec.pulumiHome, { recursive: true, mode: 0o700 });
  await removeStaleLocks(spec.stateFolder);
  const workspace = await engine.LocalWorkspace.create({
    workDir: spec.projectFolder,
    pulumiHome: spec.pulumiHome,
    pulumiCommand: engine.command,
    program: engine.program,
    projectSettings: { name: PROJECT, runtime: "nodejs", backend: { url: `file://${spec.stateFolder}` } },
    envVars: {
      PULUMI_CONFIG_PASSPHRASE: await readFile(spec.passphraseFile, "utf8"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_CI_DETECTION: "true",
      PULUMI_DIY_BACKEND_NO_LEGACY_WARNING: "true",
      ...(engine.debugProviders && attachedProviders(engine.debugProviders)),
    },
  });
  // The encryption salt that the engine added to the stack's settings has to stay.
  const settings = await workspace.stackSettings(spec.stack).catch(() => ({}));
  await workspace.saveStackSettings(spec.stack, { ...settings, config: spec.config });
  const isThere = existsSync(checkpointPath(spec.stateFolder, spec.stack));
  const stack = await engine.Stack[isThere ? "select" : "create"](spec.stack, workspace).catch((error: unknown) => {
    throw new Error(engineMessage(error, []), { cause: error });
  });
  // At the end of `up` the SDK asks the CLI three more times for what one export tells.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;

  return {
    async perform(operation, cancelled, onProgress) {
      const diagnostics: string[] = [];
      let changes: Record<string, number> = {};
      const onEvent = (event: EngineEvent) => {
        changes = changesOf(event) ?? changes;
        const progress = progressOf(event);
        if (!progress) return;
        if (progress.kind === "diagnostic" && progress.severity === "error" && !isSummary(progress.message))
          diagnostics.push(progress.message);
        onProgress(progress);
      };
      const options = { onEvent, signal: cancelled, color: "never" as const };
      try {
        switch (operation) {
          case "up": {
            await stack.up(options);
            return { ...(await describe(stack)), changes };
          }
          case "preview": {
            const { stdout } = await stack.preview({ ...options, diff: true });
            return { changes, text: plain(stdout) };
          }
          case "refresh":
            await stack.refresh(options);
            return { changes };
          case "destroy":
            await stack.destroy(options);
            return { changes };
          case "unprotect":
            await promisify(execFile)(
              engine.path,
              ["state", "unprotect", "--all", "--yes", "--non-interactive", "--stack", spec.stack],
              { cwd: workspace.workDir, env: { ...process.env, ...workspace.envVars, PULUMI_HOME: spec.pulumiHome } },
            );
            return null;
          case "outputs":
            return await describe(stack);
        }
      } catch (error) {
        if (cancelled.aborted) throw new Error(`The engine was interrupted during ${operation}.`, { cause: error });
        throw new Error(engineMessage(error, diagnostics), { cause: error });
      }
    },
  };
}

/** Outputs and the count of resources, from one export of the stack; the CLI is asked for secrets only where there are any. */
async function describe(stack: Stack): Promise<ResultOf<"outputs">> {
  const { outputs, resources } = readDeployment((await stack.exportStack()).deployment);
  if (!Object.values(outputs).some(({ secret }) => secret)) return { outputs, resources };
  const plain = await stack.workspace.stackOutputs(stack.name);
  return {
    resources,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, { value, secret }]) => [
        name,
        { value: secret ? plain[name]?.value : value, secret },
      ]),
    ),
  };
}
