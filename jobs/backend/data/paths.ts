// Where the co-operative's data lies below the data root, and how readers name the files they want.
import { join } from "node:path";
import { UsageError } from "../../lib/errors.js";
import type { Table } from "./schema.js";
import { STATES } from "./states.js";

/** Where the shared file system is mounted in a job. */
export const DEFAULT_DATA_ROOT = "/mnt/data";

/** Folder of the co-operative's data. @param dataRoot the mounted file system, `/mnt/data` in a job */
export function coopFolder(dataRoot: string): string {
  return join(dataRoot, "prod", "coop");
}

/** The data's manifest: see `manifest.ts`. */
export function manifestPath(dataRoot: string): string {
  return join(coopFolder(dataRoot), "manifest.json");
}

/**
 * Name of a title's folder below `<data root>/prod`: its lower case letters and digits, a single `-` for anything between them
 * (`GROCERY` → `grocery`, `DRUG GM` → `drug-gm`, `TRAVEL & LEISURE` → `travel-leisure`).
 */
export function titleFolder(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

/** Path of a table, from the co-operative's folder, with `/` between: a folder when it is partitioned by state, else a file. */
export function tablePath(table: Table): string {
  return table.byState ? table.name : `${table.name}.parquet`;
}

/**
 * What to hand to DuckDB's `read_parquet` for a table: one pattern per state, or the file. Every state has a file, so no pattern is
 * ever without a match; a partitioned table read so has a further column `state`.
 * @param states two-letter codes in lower case; @default every state, by one pattern
 * @throws UsageError naming a code that is no state's
 */
export function tableFiles(dataRoot: string, table: Table, states?: readonly string[]): string[] {
  const path = join(coopFolder(dataRoot), tablePath(table));
  if (!table.byState) return [path];
  if (!states) return [join(path, "state=*", "*.parquet")];
  return checkStates(states).map((state) => join(path, `state=${state}`, "*.parquet"));
}

/**
 * Codes of states as they are used in paths: lower case, sorted, each once.
 * @throws UsageError naming those that are no state's
 */
export function checkStates(states: readonly string[]): string[] {
  const codes = [...new Set(states.map((state) => state.trim().toLowerCase()))].sort();
  const unknown = codes.filter((code) => !STATES.some((state) => state.code === code));
  if (unknown.length > 0)
    throw new UsageError(
      `No state has the code ${unknown.map((code) => `'${code}'`).join(", ")}; states are written as ca, tx, ny, …`,
    );
  return codes;
}
