// Step Functions as a service of the compute plane: the service with the rest of the cloud around it.
import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "../clock.js";
import { cloudWatchLogs } from "../logs/cloudwatch.js";
import { LogWriter } from "../logs/writer.js";
import type { ComputeContext } from "../service.js";
import type { TaskRunner } from "./integrations/integration.js";
import { statusEvents } from "./rim/events.js";
import { sessionFiles } from "./rim/files.js";
import { historyLogs } from "./rim/logs.js";
import { stateMetrics } from "./rim/metrics.js";
import { sessionPermissions } from "./rim/permissions.js";
import { roleSessions } from "./rim/sessions.js";
import { startAsTarget } from "./rim/targets.js";
import { executionGauges, machineGauges, mapRunGauges, usageGauges } from "./service/gauges.js";
import { executionMetrics, type Metric, taskMetrics } from "./service/metrics.js";
import { createStepFunctions, type StepFunctions } from "./service/service.js";
import type { Region } from "./service/store.js";
import type { Observer } from "./service/world.js";

export interface StepFunctionsOptions {
  /** What carries out the tasks of executions. */
  tasks: TaskRunner;
  /** @default the context's time and real timers */
  clock?: Clock;
  /** Shared with whatever else writes logs. @default one of its own */
  logs?: LogWriter;
}

/**
 * AWS Step Functions for all accounts and regions.
 *
 * @param context the rest of the cloud
 */
export function createStepFunctionsService(context: ComputeContext, options: StepFunctionsOptions): StepFunctions {
  const clock = options.clock ?? systemClock(() => context.now());
  const logs = options.logs ?? new LogWriter({ api: cloudWatchLogs(context), log: (line) => context.log(line) });
  return createStepFunctions({
    clock,
    chance: { random: Math.random, uuid: randomUUID },
    tasks: options.tasks,
    files: ({ account, region }, credentials) => sessionFiles(context, account, region, credentials),
    permissions: ({ account, region }, credentials) => sessionPermissions(context, account, region, credentials),
    sessions: roleSessions(context, clock),
    startAsTarget: (invocation) => startAsTarget(context, invocation),
    observer: cloudObserver(context, logs),
    log: (message) => context.log(message),
  });
}

/** Tells EventBridge, CloudWatch and CloudWatch Logs. */
function cloudObserver(context: ComputeContext, writer: LogWriter): Observer {
  const events = statusEvents(context);
  const metrics = stateMetrics(context);
  const logs = historyLogs(writer);
  /** Standard executions under way. */
  const open = new WeakMap<Region, number>();
  const tell = ({ account, region }: Region, figures: Metric[]) => metrics.put(account, region, figures);
  return {
    executionChanged(execution, place) {
      // A Distributed Map's children, up to ten thousand at once, are seen through their Map Run.
      if (execution.mapRunArn !== undefined) return;
      events.publish(place.account, place.region, execution);
      tell(place, executionMetrics(execution));
      if (execution.machine.type === "EXPRESS") return;
      const count = (open.get(place) ?? 0) + (execution.status === "RUNNING" ? 1 : -1);
      open.set(place, count);
      tell(place, executionGauges(count));
    },
    mapRunsChanged: (place) => tell(place, mapRunGauges(place)),
    machineChanged: (machine, place) => tell(place, machineGauges(machine)),
    resourcesChanged: (place) => tell(place, usageGauges(place)),
    recorded(execution, { account, region }, from) {
      logs.write(execution, from);
      metrics.put(account, region, taskMetrics(execution, from));
    },
    async drained() {
      await Promise.all([events.drained(), metrics.drained(), logs.drained()]);
    },
  };
}
