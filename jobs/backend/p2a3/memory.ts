// How much memory scoring may take, however many households there are.
import type { Tools } from "./tools.js";

/** DuckDB gets the share of this that a container of this size would give it (jobs/lib/duckdb.ts); what does not fit is spilled to disk. */
const MEMORY_MIB = 1536;

/** Tools whose database takes no more on a large machine than it needs. */
export function bounded<T extends Tools>(tools: T): T {
  return { ...tools, limits: { ...tools.limits, memoryMiB: Math.min(tools.limits.memoryMiB, MEMORY_MIB) } };
}
