// AWS Batch of the local cloud, put together: store, scheduler, tasks, API, targets.
import { availableParallelism, totalmem } from "node:os";
import { type Clock, systemClock } from "../clock.js";
import { accessPointReader } from "../containers/accessPoints.js";
import { secretReader } from "../containers/secrets.js";
import type { Executor } from "../executors/executor.js";
import { cloudWatchLogs } from "../logs/cloudwatch.js";
import { LogWriter } from "../logs/writer.js";
import type { ComputeContext, ComputeService } from "../service.js";
import { BatchEngine } from "./engine.js";
import { type EnvironmentCheck, environmentCheck } from "./environmentCheck.js";
import { eventPublisher } from "./events.js";
import { BatchRouter } from "./router.js";
import type { Machine } from "./scheduler/placement.js";
import { BatchStore } from "./store.js";
import { invokeBatchTarget } from "./targets.js";

export interface BatchOptions {
  /** What may run at once. @default this machine: its cores and its memory, or what a control group leaves of it */
  machine?: Machine;
  /** @default the context's time and real timers */
  clock?: Clock;
  /** Decides whether a compute environment is VALID. @default asks IAM and EC2 of the local cloud */
  checkEnvironment?: EnvironmentCheck;
  /** Shared with whatever else writes container logs. @default one of its own */
  logs?: LogWriter;
}

export type BatchService = ComputeService & { readonly name: "batch" };

/**
 * AWS Batch for all accounts and regions.
 *
 * @param context the rest of the cloud
 * @param executor where the containers run; it stays the caller's to close
 */
export function createBatchService(
  context: ComputeContext,
  executor: Executor,
  options: BatchOptions = {},
): BatchService {
  const store = new BatchStore();
  const logs = options.logs ?? new LogWriter({ api: cloudWatchLogs(context), log: (line) => context.log(line) });
  const engine = new BatchEngine(store, {
    context,
    executor,
    logs,
    secrets: secretReader(context),
    accessPoints: accessPointReader(context),
    clock: options.clock ?? systemClock(() => context.now()),
    events: eventPublisher(context),
    machine: options.machine ?? thisMachine(),
  });
  const world = { engine, checkEnvironment: options.checkEnvironment ?? environmentCheck(context) };
  const router = new BatchRouter(store, world);
  return {
    name: "batch",
    handle: (request) => router.handle(request),
    invokeTarget: (invocation) => invokeBatchTarget(context, invocation),
    close: () => engine.close(),
  };
}

function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { cores: availableParallelism(), memoryMiB: Math.floor(bytes / 2 ** 20) };
}
