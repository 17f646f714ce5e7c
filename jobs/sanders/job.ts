// What a Sanders job is, and what it is given. A job is a module in jobs/ that exports one as `job`; its file's name is its name.
import type { Limits } from "../lib/limits.js";
import type { Logger } from "../lib/log.js";
import type { ObjectStore, OpenBucket } from "../lib/objects.js";
import type { JobResult } from "../lib/runner.js";
import type { Table } from "../lib/tables.js";
import type { Config } from "./config.js";

export { withDatabase } from "../lib/withdatabase.js";

export interface JobContext {
  config: Config;
  log: Logger;
  /** The bucket that the job writes to. */
  lake: ObjectStore;
  /** Any bucket, for an input. */
  openBucket: OpenBucket;
  /** The feature store. */
  features: Table;
  limits: Limits;
  /** An empty folder of the run's own. */
  workFolder: string;
  /** URL of the folder that has the image's other files (`python/…`), with a slash at its end. */
  assets: URL;
  now(): Date;
  /** Aborts when the job is asked to stop. */
  signal: AbortSignal;
}

export interface Job {
  /** One line for lists. */
  description: string;
  run(context: JobContext): Promise<JobResult>;
}
