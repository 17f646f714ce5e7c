// The services that the compute plane owns, built from their parts.
import type { ProcessRegistry } from "../server/registry.js";
import type { PlaneContents } from "./plane.js";
import type { ComputeContext } from "./service.js";

export interface ServiceOptions {
  executor: "process" | "container";
  /** What the executors start is named here, so that it dies with the cloud. */
  registry: ProcessRegistry;
}

/** Builds every service of the plane. */
export async function createServices(
  _context: ComputeContext,
  _options: ServiceOptions,
): Promise<Pick<PlaneContents, "services" | "batchSubmitJob">> {
  return { services: [] };
}
