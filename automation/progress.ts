// What the driver tells while it works: one stream of small facts, shown by the command line and kept by reports.
import type { StateProgress } from "./executions/timeline.js";
import type { EngineProgress } from "./worker/protocol.js";

export type Progress =
  /** A step of the driver itself began, e.g. `starting the local cloud`. */
  { kind: "step"; message: string } | { kind: "state"; workflow: string; state: StateProgress } | EngineProgress;

export type OnProgress = (progress: Progress) => void;
