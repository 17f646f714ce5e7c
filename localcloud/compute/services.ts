// The services that the compute plane owns, built from their parts.
import { projectPython } from "../server/paths.js";
import type { ProcessRegistry } from "../server/registry.js";
import { AccountClocks } from "./accountClocks.js";
import { createBatchService } from "./batch/service.js";
import { systemClock } from "./clock.js";
import { createEcsService } from "./ecs/service.js";
import { EventTap } from "./eventTap.js";
import { createExecutor } from "./executors/create.js";
import { ProcessExecutor } from "./executors/process.js";
import { createGlueService } from "./glue/service.js";
import { FunctionHost } from "./lambda/host.js";
import type { PlaneContents } from "./plane.js";
import { invokeScheduledTarget } from "./scheduledTargets.js";
import type { ComputeContext } from "./service.js";
import { createStepFunctionsService } from "./stepfunctions/create.js";
import { createTaskRunner } from "./stepfunctions/integrations/runner.js";

export interface ServiceOptions {
  /** What runs containers. */
  executor: "process" | "container";
  /** What the executor starts is named here, so that it dies with the cloud. */
  registry: ProcessRegistry;
}

export interface Services
  extends Pick<PlaneContents, "services" | "functions" | "metadata" | "invokeTarget" | "putEvent" | "clocks"> {
  /** Ends what the services run; resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * Builds every service of the plane.
 *
 * @throws when containers are asked for and there is no container engine, with the reason
 */
export async function createServices(context: ComputeContext, options: ServiceOptions): Promise<Services> {
  const executor = await createExecutor(context, { kind: options.executor, registry: options.registry });
  const events = new EventTap();
  const tapped = events.tapped(context);
  const tasks = createTaskRunner({ endpoint: context.endpoint, events, log: (line) => context.log(line) });
  const clocks = new AccountClocks(systemClock(() => context.now()));
  const batch = createBatchService(tapped, executor);
  const states = createStepFunctionsService(tapped, { tasks });
  const ecs = createEcsService(tapped, executor);
  const glue = createGlueService(tapped, { registry: options.registry, clocks });
  const services = [batch, states, ecs, glue];
  const python = projectPython();
  const log = (line: string) => context.log(line);
  const functions = new FunctionHost(tapped, {
    executor,
    python,
    processes: (images, workFolder) =>
      new ProcessExecutor({ images, workFolder, processes: options.registry, runtime: { python }, log }),
  });
  return {
    services,
    clocks,
    metadata: (path) => ecs.metadata(path),
    functions,
    putEvent: tapped.putEvent,
    invokeTarget: (invocation) => invokeScheduledTarget(tapped, invocation),
    async close() {
      await Promise.allSettled([...services.map((service) => service.close()), functions.close()]);
      tasks.close();
      await executor.close();
    },
  };
}
