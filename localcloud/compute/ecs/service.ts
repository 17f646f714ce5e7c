// Amazon ECS of the local cloud, put together: store, tasks, services, API, metadata, targets.
import { type Clock, systemClock } from "../clock.js";
import { accessPointReader } from "../containers/accessPoints.js";
import { environmentFileReader } from "../containers/environmentFiles.js";
import { secretReader } from "../containers/secrets.js";
import { eventQueue } from "../eventQueue.js";
import type { Executor } from "../executors/executor.js";
import { cloudWatchLogs } from "../logs/cloudwatch.js";
import { LogWriter } from "../logs/writer.js";
import type { ComputeContext, ComputeService } from "../service.js";
import { type MetadataAnswer, MetadataEndpoint } from "./metadata/endpoint.js";
import { EcsRouter } from "./router.js";
import { ServiceEvents } from "./services/events.js";
import { ServiceScheduler } from "./services/scheduler.js";
import { EcsStore } from "./store.js";
import { invokeEcsTarget } from "./targets.js";
import { TaskEngine } from "./tasks/engine.js";
import { TaskLauncher } from "./tasks/launch.js";
import { type NetworkReader, networkReader } from "./tasks/network.js";

export interface EcsOptions {
  /** @default the context's time and real timers */
  clock?: Clock;
  /** Looks subnets and security groups up. @default asks EC2 of the local cloud */
  networks?: NetworkReader;
  /** Shared with whatever else writes container logs. @default one of its own */
  logs?: LogWriter;
}

export type EcsService = ComputeService & {
  readonly name: "ecs";
  /** What a container that asks for `/v4/…` is answered. */
  metadata(path: string): MetadataAnswer;
};

/**
 * Amazon ECS for all accounts and regions.
 *
 * @param context the rest of the cloud
 * @param executor where the containers run; it stays the caller's to close
 */
export function createEcsService(context: ComputeContext, executor: Executor, options: EcsOptions = {}): EcsService {
  const clock = options.clock ?? systemClock(() => context.now());
  const now = () => new Date(clock.now());
  const metadata = new MetadataEndpoint(() => context.computeUrl, now);
  const queue = eventQueue(context);
  const engine = new TaskEngine(
    {
      context,
      executor,
      clock,
      metadata,
      logs: options.logs ?? new LogWriter({ api: cloudWatchLogs(context), log: (line) => context.log(line) }),
      secrets: secretReader(context),
      environmentFiles: environmentFileReader(context),
      accessPoints: accessPointReader(context),
    },
    queue,
  );
  const launcher = new TaskLauncher({ context, engine, now, networks: options.networks ?? networkReader(context) });
  const scheduler = new ServiceScheduler({ clock, engine, launcher, events: new ServiceEvents(queue, now) });
  const router = new EcsRouter(new EcsStore(), { engine, launcher, scheduler, now });
  return {
    name: "ecs",
    handle: (request) => router.handle(request),
    invokeTarget: (invocation) => invokeEcsTarget(context, invocation),
    metadata: (path) => metadata.answer(path),
    async close() {
      scheduler.close();
      await engine.close();
    },
  };
}
