// Ingestion: a TLC trip file from anywhere, checked, kept under raw/nyc_tlc/.
import { join } from "node:path";
import { literal } from "../lib/duckdb.js";
import { UsageError } from "../lib/errors.js";
import type { JobResult } from "../lib/runner.js";
import { parseSource } from "../lib/sources.js";
import { RAW_PREFIX } from "./config.js";
import { loadTrips } from "./inputs.js";
import { type JobContext, withDatabase } from "./job.js";

/**
 * Puts the input into the bucket: byte for byte, or its first `ROWS` rows with all their columns. Nothing is put that is no
 * TLC trip file.
 */
export async function ingest(context: JobContext): Promise<JobResult> {
  const { config, lake, workFolder } = context;
  if (!config.dataPathGiven) throw new UsageError("TLC_DATA_PATH is not set: say which file is to be ingested");
  const source = parseSource(config.dataPath);
  const fileName = config.fileName ?? (source.name.endsWith(".parquet") ? source.name : `${source.name}.parquet`);
  const key = `${RAW_PREFIX}${fileName}`;
  if (source.kind === "s3" && source.bucket === config.bucket && source.key === key)
    throw new UsageError(`TLC_DATA_PATH=${config.dataPath} is where the result would go; set TLC_FILE_NAME`);
  return withDatabase(context, async (db) => {
    const trips = await loadTrips(context, db, { limit: config.rows });
    let path = trips.path;
    if (config.rows !== undefined) {
      path = join(workFolder, "sample.parquet");
      await db.run(
        `COPY (SELECT * EXCLUDE (source_row) FROM source ORDER BY source_row) TO ${literal(path)}
         (FORMAT parquet, COMPRESSION zstd)`,
      );
    }
    await lake.upload(key, path, "application/vnd.apache.parquet");
    return { rowsIn: trips.rows, rowsOut: trips.rows, written: [`${lake.url}/${key}`] };
  });
}
