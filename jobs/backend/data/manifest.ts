// The manifest of the co-operative's data: what it was made of, and what is there.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { digestOfAll } from "./digests.js";
import { TABLES } from "./schema.js";
import { SOURCE_PACKAGE, type SourceFile } from "./source.js";
import type { WrittenFile } from "./writer.js";

export const MANIFEST = "manifest.json";

/** Raise it when `prepare` makes something else of the same source: data of another version is made anew. */
const VERSION = 1;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

export const manifestSchema = z.object({
  version: z.number(),
  /** Package that the source's files are of. */
  source: z.string(),
  /** Digests of the source's files, by name. */
  sourceFiles: z.record(z.string(), digest),
  /** Copies of every household. */
  scale: z.number(),
  /** Digest of all files below. */
  digest,
  tables: z.record(
    z.string(),
    z.object({
      rows: z.number(),
      bytes: z.number(),
      /** Digest of the table's files. */
      digest,
      files: z.array(z.object({ path: z.string(), rows: z.number(), bytes: z.number(), digest })),
    }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** What decides the data: two manifests that agree in it are of the same data. */
export type Recipe = Pick<Manifest, "version" | "source" | "sourceFiles" | "scale">;

export function recipeOf(sources: readonly SourceFile[], scale: number): Recipe {
  const sorted = [...sources].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    version: VERSION,
    source: SOURCE_PACKAGE,
    sourceFiles: Object.fromEntries(sorted.map(({ name, digest: value }) => [`${name}.parquet`, value])),
    scale,
  };
}

/** Puts a manifest together; nothing in it depends on time or place. */
export function manifestOf(recipe: Recipe, files: readonly WrittenFile[]): Manifest {
  const tables = TABLES.map(({ name }) => {
    const own = files.filter((file) => file.table === name).sort((a, b) => (a.path < b.path ? -1 : 1));
    const sum = (key: "rows" | "bytes") => own.reduce((total, file) => total + file[key], 0);
    const entries = own.map(({ table: _, ...file }) => file);
    return [name, { rows: sum("rows"), bytes: sum("bytes"), digest: digestOfAll(own), files: entries }] as const;
  });
  return { ...recipe, digest: digestOfAll(files), tables: Object.fromEntries(tables) };
}

/** The manifest in a folder; undefined when there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  } catch {
    return undefined;
  }
}
