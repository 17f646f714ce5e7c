// What a step of the P2A3 workflows works with: the part of Athanor's context that is no path.
import { readFile, writeFile } from "node:fs/promises";
import type { z } from "zod";
import { type Database, literal } from "../../lib/duckdb.js";
import { InputError } from "../../lib/errors.js";
import type { Limits } from "../../lib/limits.js";
import type { Logger } from "../../lib/log.js";

export interface Tools {
  limits: Limits;
  log: Logger;
  /** An empty folder on a local disk. */
  workFolder: string;
  /** URL of the folder with `python/`, with a slash at its end. */
  assets: URL;
  signal: AbortSignal;
}

/** Writes a query's rows as one Parquet file, in a total order, so that the same rows give the same bytes. @returns the rows written */
export async function writeParquet(db: Database, query: string, orderBy: string, path: string): Promise<number> {
  const { Count: rows } = await db.row<{ Count: number }>(
    `COPY (SELECT * FROM (${query}) ORDER BY ${orderBy}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  return rows;
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** @throws InputError naming the file, when it cannot be read or is not what `schema` says */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new InputError(`${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
