// What a deployable unit is to those who choose units: the driver, the tests, the configuration.

/** A part of a stack that is deployed, tested and torn down as a whole. */
export interface Unit {
  /** Lower case, unique, e.g. `sanders`. What `crucible:units` and the command line name. */
  readonly name: string;
  /** The system that it belongs to, e.g. `sanders`. */
  readonly system: string;
  /** One sentence. */
  readonly description: string;
  /** Names of the units whose outputs it reads: in the same stack, or in another that the configuration names. */
  readonly dependsOn: string[];
  /**
   * Dependency → setting of the system that takes its place, e.g. `etl.dataBucketName`: where it is given, the unit does not read that
   * dependency's outputs, and does not depend on it.
   */
  readonly instead?: Record<string, string>;
  /** Region where it is deployed unless its settings say otherwise. */
  readonly defaultRegion: string;
  /** Workflow → key of the stack output that holds its state machine's ARN. */
  readonly workflows: Record<string, string>;
}
