// The command `import`: files from the bucket, copied to the shared file system for those who cannot mount it.
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mapConcurrent } from "../../lib/concurrency.js";
import { InputError } from "../../lib/errors.js";
import type { Logger } from "../../lib/log.js";
import type { ObjectStore } from "../../lib/objects.js";
import type { JobResult } from "../../lib/runner.js";
import { transfer, type Variables, within } from "./transfer.js";

/** Folder of what is to be imported, in the bucket. */
export const IMPORT_PREFIX = "imports/";
const DOWNLOADS_AT_ONCE = 8;

/** @param argv what follows `import`: `<path below the data root> <name>` @returns the exit code of the process (see `runToExit`) */
export function importCommand(argv: readonly string[], env: Variables, log?: Logger): Promise<number> {
  return transfer("import", argv, env, log, ([path, name], dataRoot, bucket) =>
    importFiles(dataRoot, path, name, bucket),
  );
}

/**
 * Copies all that is in `imports/<name>/` into a folder, which is made. Nothing is put into place before all of it has arrived; each
 * file then replaces the one of its name at once, those of the folder itself last, as they are what names the others.
 *
 * @throws UsageError for a path outside the data root, InputError when there is nothing to import
 */
export async function importFiles(
  dataRoot: string,
  path: string,
  name: string,
  bucket: ObjectStore,
): Promise<JobResult> {
  const folder = within(dataRoot, path);
  const prefix = `${IMPORT_PREFIX}${name}/`;
  const keys = await bucket.list(prefix);
  if (keys.length === 0) throw new InputError(`There is nothing in ${bucket.url}/${prefix}`);
  const names = keys.map((key) => key.slice(prefix.length));
  for (const file of names) within(folder, file);
  const aside = `${folder}.import-${name}`;
  await rm(aside, { recursive: true, force: true });
  try {
    await mapConcurrent(names, DOWNLOADS_AT_ONCE, async (file) => {
      await mkdir(dirname(join(aside, file)), { recursive: true });
      await bucket.download(`${prefix}${file}`, join(aside, file));
    });
    for (const file of names.sort((one, other) => depth(other) - depth(one))) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await rename(join(aside, file), join(folder, file));
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return { rowsIn: names.length, rowsOut: names.length, written: names.map((file) => join(folder, file)) };
}

const depth = (path: string): number => path.split("/").length;
