// One stack and what is done with it: the Automation API behind the few operations that the driver asks for.
import type { PulumiCommand } from "@pulumi/pulumi/automation/cmd.js";
import type { EngineEvent } from "@pulumi/pulumi/automation/events.js";
import { LocalWorkspace } from "@pulumi/pulumi/automation/localWorkspace.js";
import { Stack } from "@pulumi/pulumi/automation/stack.js";
import { attachedProviders } from "../../localcloud/provider/attached.js";
import { readCheckpoint } from "./deployment.js";
import { EngineFailure, isSummary } from "./engine-errors.js";
import { changesOf, plain, progressOf } from "./events.js";
import { checkpointPath } from "./project.js";
import type { EngineProgress, Operation, ResultOf, WorkerSpec } from "./protocol.js";
import { withSourcePositions } from "./source-positions.js";
import { engineVariables, runEngine } from "./stack-files.js";
import { dropDebugMessages } from "./unused.js";

/** What a session needs of the engine, passed in. */
export interface SessionEngine {
  command: PulumiCommand;
  /** Of the CLI's executable. */
  path: string;
  program: () => Promise<Record<string, unknown>>;
  /** For PULUMI_DEBUG_PROVIDERS. */
  debugProviders?: string;
}

export interface Session {
  /** @throws Error with what the engine complained about, and nothing else of its output */
  perform(
    operation: Operation,
    cancelled: AbortSignal,
    onProgress: (progress: EngineProgress) => void,
  ): Promise<ResultOf<Operation>>;
}

/** Opens a stack that `prepareStack` has prepared. */
export async function openSession(spec: WorkerSpec, engine: SessionEngine): Promise<Session> {
  dropDebugMessages();
  const workspace = await LocalWorkspace.create({
    workDir: spec.projectFolder,
    pulumiHome: spec.pulumiHome,
    pulumiCommand: engine.command,
    program: engine.program,
    envVars: {
      ...(await engineVariables(spec)),
      ...(engine.debugProviders && attachedProviders(engine.debugProviders)),
    },
  });
  // Every command names its stack: none has to be selected first.
  workspace.selectStack = async () => {};
  const stack = await Stack.select(spec.stack, workspace);
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
          diagnostics.push(withSourcePositions(progress.message));
        onProgress(progress);
      };
      const options = { onEvent, signal: cancelled, color: "never" as const };
      try {
        switch (operation) {
          case "up": {
            await stack.up(options);
            return { ...(await describe(spec, stack)), changes };
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
            await runEngine(spec, engine.path, ["state", "unprotect", "--all", "--yes", "--stack", spec.stack]);
            return null;
          case "outputs":
            return await describe(spec, stack);
        }
      } catch (error) {
        if (cancelled.aborted) throw new Error(`The engine was interrupted during ${operation}.`, { cause: error });
        throw error instanceof EngineFailure ? error : new EngineFailure(error, diagnostics);
      }
    },
  };
}

/** Outputs and the count of resources, from the stack's checkpoint; the CLI is asked for secrets only where there are any. */
async function describe(spec: WorkerSpec, stack: Stack): Promise<ResultOf<"outputs">> {
  const { outputs, resources } = await readCheckpoint(checkpointPath(spec.stateFolder, spec.stack));
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
