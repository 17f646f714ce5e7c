// The command `export`: files of the shared file system, copied to the bucket for whoever cannot mount it.
import { lstat, readdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { mapConcurrent } from "../../lib/concurrency.js";
import { InputError } from "../../lib/errors.js";
import type { Logger } from "../../lib/log.js";
import type { ObjectStore } from "../../lib/objects.js";
import type { JobResult } from "../../lib/runner.js";
import { transfer, type Variables, within } from "./transfer.js";

/** Folder of exports in the bucket. */
export const EXPORT_PREFIX = "exports/";
const UPLOADS_AT_ONCE = 8;

/** @param argv what follows `export`: `<path below the data root> <name>` @returns the exit code of the process (see `runToExit`) */
export function exportCommand(argv: readonly string[], env: Variables, log?: Logger): Promise<number> {
  return transfer("export", argv, env, log, ([path, name], dataRoot, bucket) =>
    exportFiles(dataRoot, path, name, bucket),
  );
}

/**
 * Copies a file, or a folder with all in it, to `exports/<name>/`; objects of an earlier export of the name that are no more are removed.
 *
 * @param path relative to `dataRoot`
 * @throws UsageError for a path outside the data root, InputError when nothing is there
 */
export async function exportFiles(
  dataRoot: string,
  path: string,
  name: string,
  bucket: ObjectStore,
): Promise<JobResult> {
  const root = within(dataRoot, path);
  const found = await lstat(root).catch(() => undefined);
  if (!found) throw new InputError(`There is nothing at ${path} below the data root`);
  const files = found.isDirectory() ? await filesBelow(root) : [root];
  const base = found.isDirectory() ? root : resolve(root, "..");
  const keyOf = (file: string) => `${EXPORT_PREFIX}${name}/${relative(base, file).split(sep).join("/")}`;
  const keys = new Set(files.map(keyOf));
  const stale = (await bucket.list(`${EXPORT_PREFIX}${name}/`)).filter((key) => !keys.has(key));
  if (stale.length > 0) await bucket.remove(stale);
  await mapConcurrent(files, UPLOADS_AT_ONCE, (file) => bucket.upload(keyOf(file), file));
  return { rowsIn: files.length, rowsOut: files.length, written: [...keys].map((key) => `${bucket.url}/${key}`) };
}

/** Regular files only: a link could lead anywhere. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
