// Does the work in this process: in a container, where the process is there for this one step.
import { JobError } from "../../lib/errors.js";
import type { Workflow } from "../workflow.js";
import type { Executor, Outcome, StepWork, Submission } from "./executor.js";
import { perform } from "./perform.js";

/** How long a step that was asked to stop may take before it is given up. */
const GRACE_MS = 10_000;

export interface InProcessOptions {
  assets: URL;
  onLogLine?(line: string): void;
  /** @default 10 s */
  graceMs?: number;
}

/** Runs steps in this process; memory limits are those of the process itself. */
export class InProcessExecutor implements Executor {
  readonly name = "in-process";

  constructor(
    private readonly workflow: Workflow,
    private readonly options: InProcessOptions,
  ) {}

  async submit(work: StepWork): Promise<Submission> {
    const { assets, onLogLine, graceMs = GRACE_MS } = this.options;
    const stop = new AbortController();
    let giveUp: (reason: Error) => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject;
    });
    const done = perform(work, { workflow: this.workflow, assets, signal: stop.signal, onLogLine }).then(
      (result): Outcome => {
        // Work that ended in spite of being stopped is not to be trusted to be whole.
        stop.signal.throwIfAborted();
        return { result, peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
      },
      (error: unknown) => {
        stop.signal.throwIfAborted();
        throw error;
      },
    );
    const outcome = Promise.race([done, givenUp]);
    return {
      id: `pid ${process.pid}`,
      outcome,
      cancel: async (reason) => {
        stop.abort(reason);
        const timer = setTimeout(
          () => giveUp(new JobError(`${reason.message} (it did not stop when asked to)`, { cause: reason })),
          graceMs,
        );
        await outcome.catch(() => undefined).finally(() => clearTimeout(timer));
      },
    };
  }
}
