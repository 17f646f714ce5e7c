// Finalization: the run's results in one folder with a manifest, its model made the title's latest. What is removed, its step says.
import { copyFile, cp, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { literal } from "../../lib/duckdb.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { sha256Of } from "./digest.js";
import { featureSpecSchema } from "./features.js";
import { MODEL_FILES, publishModel } from "./models.js";
import type { Order } from "./order.js";
import { readJson, type Tools, writeJson } from "./tools.js";

export interface FinalizationInputs {
  /** Merged scores. */
  scores: string;
  /** Folder of the model's files. */
  model: string;
  /** Folder of the reports. */
  reports: string;
  /** JSON files beside, by name in the results, e.g. `sampling.json`. */
  further?: Record<string, string>;
}

/** A file of the results. */
export interface ManifestFile {
  path: string;
  bytes: number;
  sha256: string;
  /** Of a Parquet file. */
  rows?: number;
}

/**
 * Stages the results.
 * @param folder becomes `scores.parquet`, `model/`, `reports/` and `manifest.json`, which names every other file with its digest and rows
 */
export async function finalize(
  tools: Tools,
  dataRoot: string,
  order: Order,
  inputs: FinalizationInputs,
  folder: string,
) {
  await mkdir(join(folder, "model"), { recursive: true });
  await copyFile(inputs.scores, join(folder, "scores.parquet"));
  for (const file of MODEL_FILES) await copyFile(join(inputs.model, file), join(folder, "model", file));
  await cp(inputs.reports, join(folder, "reports"), { recursive: true });
  for (const [name, path] of Object.entries(inputs.further ?? {})) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(path, join(folder, name));
  }
  const files = await describe(tools, folder);
  const { title, hhDate, windowDays, seed, states, households, data } = order;
  await writeJson(join(folder, "manifest.json"), { title, hhDate, windowDays, seed, states, households, data, files });
  const { version } = await readJson(join(inputs.model, "features.json"), featureSpecSchema);
  const published = await publishModel(dataRoot, inputs.model, { title, hhDate, featureVersion: version });
  if (!published.latest)
    tools.log.warn("The title has a model of a later day, which stays its latest", { title, hhDate });
  return { files, ...published };
}

async function describe(tools: Tools, folder: string): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
  return withDatabase(tools, async (db) => {
    const files: ManifestFile[] = [];
    for (const path of paths) {
      const full = join(folder, path);
      const file: ManifestFile = { path, bytes: (await stat(full)).size, sha256: await sha256Of(full) };
      if (path.endsWith(".parquet"))
        file.rows = (
          await db.row<{ rows: number }>(`SELECT num_rows AS rows FROM parquet_file_metadata(${literal(full)})`)
        ).rows;
      files.push(file);
    }
    return files;
  });
}
