// The trips that a run is about, wherever they are, opened in the job's database.
import type { Database } from "../lib/duckdb.js";
import { InputError } from "../lib/errors.js";
import { fetchSource, parseSource } from "../lib/sources.js";
import type { JobContext } from "./job.js";
import { type Field, openTrips, type Trips } from "./trips.js";

export interface TripInput extends Trips {
  /** The file on this machine. */
  path: string;
  bytes: number;
  /** Name of the file at its source, e.g. `yellow_tripdata_2024-01.parquet`. */
  name: string;
}

/** Fetches the run's input and opens it (see `openTrips`). Throws an InputError when it has no rows. */
export async function loadTrips(
  context: JobContext,
  db: Database,
  options: { required?: readonly Field[]; limit?: number } = {},
): Promise<TripInput> {
  const { config, log, workFolder, openBucket, signal } = context;
  const source = parseSource(config.dataPath);
  const { path, bytes } = await fetchSource(source, workFolder, openBucket, signal);
  try {
    const trips = await openTrips(db, path, options.required, options.limit);
    if (trips.rows === 0) throw new InputError("It has no rows");
    log.info("input", { dataPath: config.dataPath, bytes, rows: trips.rows });
    return { ...trips, path, bytes, name: source.name };
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(`${config.dataPath}: ${cause.message}`, { cause });
  }
}
