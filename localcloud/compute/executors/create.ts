// Builds the executor that a cloud was asked for, from what the cloud has.
import { join } from "node:path";
import { projectPython } from "../../server/paths.js";
import type { ProcessRegistry } from "../../server/registry.js";
import { defaultLayerCache } from "../images/layer-cache.js";
import { EcrImageStore } from "../images/store.js";
import type { ComputeContext } from "../service.js";
import type { Executor } from "./executor.js";
import { ProcessExecutor } from "./process.js";

export interface ExecutorOptions {
  kind: Executor["name"];
  registry: ProcessRegistry;
}

/**
 * The executor of a cloud, with images from its accounts' ECR.
 * @throws when `container` is asked for and there is no container engine, with the reason
 */
export async function createExecutor(
  context: Pick<ComputeContext, "clientConfig" | "dataDir" | "log">,
  { kind, registry }: ExecutorOptions,
): Promise<Executor> {
  const images = new EcrImageStore({
    cacheFolder: defaultLayerCache(),
    clientConfig: (account, region) => context.clientConfig(account, region),
  });
  const workFolder = join(context.dataDir, "containers");
  const log = (message: string) => context.log(message);
  if (kind === "process")
    return new ProcessExecutor({ images, workFolder, processes: registry, runtime: { python: projectPython() }, log });
  // The container executor is seldom asked for, and loading it is on the way of every start.
  const { openContainerExecutor } = await import("./container.js");
  return openContainerExecutor({ images, workFolder, processes: registry, log });
}
