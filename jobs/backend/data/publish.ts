// The artefact copy in S3: the tables that other accounts may read. People, identities and visits stay on the file system.
import { join } from "node:path";
import { mapConcurrent } from "../../lib/concurrency.js";
import type { ObjectStore } from "../../lib/objects.js";
import { MANIFEST, type Manifest } from "./manifest.js";
import { HOUSEHOLDS, PROMOTIONS, RESPONSES, TITLES } from "./schema.js";

/** Folder of the copy in the bucket. */
export const ARTEFACT_PREFIX = "coop/";
const PUBLISHED = [HOUSEHOLDS, TITLES, PROMOTIONS, RESPONSES];
const UPLOADS_AT_ONCE = 8;

/**
 * Makes the copy like the data in `folder`; objects of earlier data that are no more are removed, the manifest is written last.
 * @returns URLs of the objects
 */
export async function publish(folder: string, manifest: Manifest, bucket: ObjectStore): Promise<string[]> {
  const tables = Object.fromEntries(PUBLISHED.map(({ name }) => [name, manifest.tables[name]]));
  const paths = Object.values(tables).flatMap((table) => table?.files.map((file) => file.path) ?? []);
  const keys = new Set(paths.map((path) => ARTEFACT_PREFIX + path));
  const manifestKey = ARTEFACT_PREFIX + MANIFEST;
  const stale = (await bucket.list(ARTEFACT_PREFIX)).filter((key) => !keys.has(key) && key !== manifestKey);
  if (stale.length > 0) await bucket.remove(stale);
  await mapConcurrent(paths, UPLOADS_AT_ONCE, (path) =>
    bucket.upload(ARTEFACT_PREFIX + path, join(folder, path), "application/vnd.apache.parquet"),
  );
  await bucket.upload(manifestKey, join(folder, MANIFEST), "application/json");
  return [...keys, manifestKey].map((key) => `${bucket.url}/${key}`);
}
