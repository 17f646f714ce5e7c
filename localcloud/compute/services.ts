// The services that the compute plane owns, built from their parts.
import type { ProcessRegistry } from "../server/registry.js";
import { createBatchService } from "./batch/service.js";
import { createExecutor } from "./executors/create.js";
import type { PlaneContents } from "./plane.js";
import type { ComputeContext } from "./service.js";

export interface ServiceOptions {
  /** What runs containers. */
  executor: "process" | "container";
  /** What the executor starts is named here, so that it dies with the cloud. */
  registry: ProcessRegistry;
}

export interface Services extends Pick<PlaneContents, "services" | "batchSubmitJob"> {
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
  const batch = createBatchService(context, executor);
  const services = [batch];
  return {
    services,
    batchSubmitJob: (task) => batch.submitTask(task),
    async close() {
      await Promise.allSettled(services.map((service) => service.close()));
      await executor.close();
    },
  };
}
