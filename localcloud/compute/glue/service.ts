// AWS Glue of the local cloud besides the Data Catalog, put together: jobs, crawlers, triggers, workflows.
import { availableParallelism, totalmem } from "node:os";
import { projectPython } from "../../server/paths.js";
import type { ProcessRegistry } from "../../server/registry.js";
import { AccountClocks } from "../accountClocks.js";
import { type Clock, systemClock } from "../clock.js";
import { cloudWatchLogs } from "../logs/cloudwatch.js";
import { LogWriter } from "../logs/writer.js";
import type { ComputeContext, ComputeService } from "../service.js";
import { CrawlerEngine } from "./crawlers/engine.js";
import { GlueRouter } from "./router.js";
import type { Machine } from "./runs/capacity.js";
import { RunEngine } from "./runs/engine.js";
import { processStarter } from "./runs/process.js";
import { sparkInstallation } from "./spark/installation.js";
import { GlueStore } from "./store.js";
import { tagWriter } from "./tags.js";
import { invokeGlueTarget } from "./targets.js";
import { TriggerEngine } from "./triggers/engine.js";
import { WorkflowEngine } from "./workflows/engine.js";

export interface GlueOptions {
  /** What runs start is named here, so that it dies with the cloud. */
  registry: ProcessRegistry;
  /** @default the context's time and real timers */
  clock?: Clock;
  /** What schedules go by. @default `clock`, which nobody moves */
  clocks?: AccountClocks;
  /** Whose cores and memory runs share. @default this machine */
  machine?: Machine;
}

/** AWS Glue's jobs, crawlers, triggers and workflows for all accounts and regions. */
export function createGlueService(context: ComputeContext, options: GlueOptions): ComputeService {
  const store = new GlueStore();
  const clock = options.clock ?? systemClock(() => context.now());
  const clocks = options.clocks ?? new AccountClocks(clock);
  const logs = new LogWriter({ api: cloudWatchLogs(context), log: (line) => context.log(line) });
  const attempts = {
    context,
    logs,
    startProcess: processStarter(options.registry),
    machine: options.machine ?? thisMachine(),
    spark: sparkInstallation,
    python: projectPython,
  };
  const runs = new RunEngine(attempts, clock);
  const crawlers = new CrawlerEngine({ context, logs, clock, clocks });
  const workflows = new WorkflowEngine({ context, runs, crawlers, triggers: () => triggers });
  const triggers: TriggerEngine = new TriggerEngine({
    runs,
    crawlers,
    clock,
    clocks,
    log: (line) => context.log(line),
    startWorkflow(region, trigger, properties) {
      const workflow = region.workflows.get(trigger.WorkflowName ?? "");
      try {
        if (workflow) workflows.start(region, workflow, properties, trigger);
      } catch (error) {
        context.log(`glue: trigger ${trigger.Name} did not start ${trigger.WorkflowName}: ${(error as Error).message}`);
      }
    },
  });
  const router = new GlueRouter(store, { context, runs, crawlers, triggers, workflows, tags: tagWriter(context) });
  return {
    name: "glue",
    handle: (request) => router.handle(request),
    invokeTarget: (invocation) => invokeGlueTarget(context, invocation),
    async close() {
      triggers.close();
      await Promise.all([runs.close(), crawlers.close()]);
    },
  };
}

function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { cores: availableParallelism(), memoryMiB: Math.floor(bytes / 2 ** 20) };
}
