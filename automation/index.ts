// The driver as a library: environments that are made, used and torn down from TypeScript.
export { ENGINE_VERSION, type Engine, findEngine } from "./engine/engine.js";
export type { Stretch } from "./environments/advance.js";
export type { Environment } from "./environments/environment.js";
export { type EnvironmentStage, listJournals } from "./environments/journal.js";
export { LeaseHeldError } from "./environments/lease.js";
export { downEnvironment, openEnvironment } from "./environments/open.js";
export type { EnvironmentOptions } from "./environments/options.js";
export { CloudGoneError } from "./environments/place.js";
export { type Sweep, sweep } from "./environments/sweep.js";
export { LeakError, type Teardown } from "./environments/teardown.js";
export { type Held, updateEnvironment, upEnvironment } from "./environments/up.js";
export { withEnvironment } from "./environments/with.js";
export { CrucibleError, InterruptedError, UsageError } from "./errors.js";
export type { ExecutionResult, ExecutionStatus, RunOptions } from "./executions/execution.js";
export type { LogLine, LogOptions } from "./executions/logs.js";
export type { StateProgress, StateRun } from "./executions/timeline.js";
export type { InventoryEntry, InventoryItem } from "./inventory/item.js";
export type { OnProgress, Progress } from "./progress.js";
