// What a test of a suite is: the units it needs, and what it does with the environment in which they are up.
import type { Environment } from "../environments/environment.js";
import type { EnvironmentStage } from "../environments/journal.js";
import type { ComparedTable } from "../evidence/baseline.js";
import type { Checks } from "../evidence/checks.js";
import type { EvidenceFolder } from "../evidence/folder.js";
import type { ExecutionResult, RunOptions } from "../executions/execution.js";

/** What a test works with. */
export interface TestContext {
  env: Environment;
  /** Where to leave what the run produced. */
  evidence: EvidenceFolder;
  check: Checks;
  /** Aborted when the run is interrupted. */
  signal: AbortSignal;
  /** Runs a workflow; its execution goes into the evidence and the report. */
  run(workflow: string, input?: unknown, options?: RunOptions): Promise<ExecutionResult>;
  /** Says what the test is doing. */
  note(message: string): void;
}

/** Something that a run has left and that belongs in the evidence. */
export interface Capture {
  /** By which `verify` asks for it; unique in a test. */
  name: string;
  /** Copies it into the evidence. @returns local path by path in it */
  fetch(context: TestContext): Promise<Map<string, string>>;
}

/** What was captured, by name. @throws when the test captures nothing of that name */
export type CapturedFiles = (name: string) => Map<string, string>;

export interface SuiteTest {
  /** Unique, e.g. `sanders-daily`. */
  name: string;
  /** Suites that it belongs to. */
  suites: string[];
  /** One sentence: what is shown when it passes. */
  description: string;
  /** Units that have to be up. */
  units: string[];
  /** URL of a module that exports `program()`, for a test that brings its own. @default the project's program */
  program?: string;
  /** @default "dev" */
  environment?: EnvironmentStage;
  /** Settings of the stack by key, e.g. `{ sanders: { … } }`. */
  settings?: Record<string, unknown>;
  /** Tests that have to pass before, in the same environment: they are run too, and what they left is there. */
  dependsOn?: string[];
  /** Tests that it builds upon like that where they are run as well, and can do without. */
  follows?: string[];
  /**
   * Tests of a run with the same word here take turns in one environment, whose stack is updated where their settings differ. None waits for
   * another's success: each seeds all that it needs. @default an environment of its own
   */
  takesTurns?: string;
  /** Memory that its jobs need at once, MiB: how many tests run side by side depends on it. @default 2048 */
  memoryMiB?: number;
  /** Uploads the input. */
  seed?(context: TestContext): Promise<void>;
  /** Runs the workflow or jobs. */
  run(context: TestContext): Promise<void>;
  /** Copies into the evidence what the run has left; called before `verify`. */
  capture?(context: TestContext): Promise<void>;
  /** Checks what was written, and names the tables that are compared with the baseline. */
  verify(context: TestContext): Promise<ComparedTable[]>;
  /** Takes back what it changed of an environment in which others come after it; called however the test went. */
  restore?(context: TestContext): Promise<void>;
}

/**
 * Describes a test whose `capture` and `verify` get what its `run` returned, and `verify` what was captured.
 *
 * @example
 * export const daily = defineTest({
 *   name: "daily", suites: ["smoke"], description: "…", units: ["sanders"],
 *   run: async ({ run }) => run("orchestrator"),
 *   verify: async ({ check }, execution) => { check.equal("status", execution.status, "SUCCEEDED"); return []; },
 * });
 */
export function defineTest<R>(
  description: Omit<SuiteTest, "run" | "capture" | "verify"> & {
    run(context: TestContext): Promise<R>;
    /** What of it to copy into the evidence: outputs, objects below a prefix, folders of a file system. @default nothing */
    capture?(result: R): readonly Capture[];
    verify(context: TestContext, result: R, captured: CapturedFiles): Promise<ComparedTable[]>;
  },
): SuiteTest {
  // One environment runs a test once, so its context tells a run from any other.
  const results = new WeakMap<TestContext, R>();
  const captures = new WeakMap<TestContext, Map<string, Map<string, string>>>();
  return {
    ...description,
    async run(context) {
      results.set(context, await description.run(context));
    },
    async capture(context) {
      const wanted = description.capture?.(results.get(context) as R) ?? [];
      const found = await Promise.all(wanted.map(async ({ name, fetch }) => [name, await fetch(context)] as const));
      captures.set(context, new Map(found));
    },
    async verify(context) {
      const captured: CapturedFiles = (name) => {
        const files = captures.get(context)?.get(name);
        if (!files) throw new Error(`The test ${description.name} captures nothing of the name ${name}`);
        return files;
      };
      return await description.verify(context, results.get(context) as R, captured);
    },
  };
}
