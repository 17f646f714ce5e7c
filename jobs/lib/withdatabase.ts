// A database that lives as long as a piece of work.
import { Database } from "./duckdb.js";
import type { Limits } from "./limits.js";

/** Runs `work` with a database of its own, which ends with it and whose statements a stop interrupts. */
export async function withDatabase<T>(
  context: { limits: Limits; workFolder: string; signal: AbortSignal },
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const { limits, workFolder, signal } = context;
  const db = await Database.open(limits, workFolder);
  const interrupt = () => db.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    return await work(db);
  } finally {
    signal.removeEventListener("abort", interrupt);
    db.close();
  }
}
