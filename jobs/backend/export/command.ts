// The command `export`: files of the shared file system, copied to the bucket for whoever cannot mount it.
import { lstat, readdir } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { mapConcurrent } from "../../lib/concurrency.js";
import { parseEnvironment } from "../../lib/environment.js";
import { InputError, UsageError } from "../../lib/errors.js";
import { createLogger, type Logger } from "../../lib/log.js";
import type { ObjectStore } from "../../lib/objects.js";
import { type JobResult, runToExit } from "../../lib/runner.js";
import { S3Store } from "../../lib/s3.js";
import { DEFAULT_DATA_ROOT } from "../data/paths.js";

/** Folder of exports in the bucket. */
export const EXPORT_PREFIX = "exports/";
const UPLOADS_AT_ONCE = 8;
const NAME = /^[\w-]{1,128}$/;

const variables = z.object({
  DATA_ROOT: z.string().startsWith("/", "is not an absolute path").default(DEFAULT_DATA_ROOT),
  SOURCE_BUCKET: z.string().min(3, "is not a bucket's name"),
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ENDPOINT_URL_S3: z.url().optional(),
});

/** @param argv what follows `export`: `<path below the data root> <name>` @returns the exit code of the process (see `runToExit`) */
export function exportCommand(
  argv: readonly string[],
  env: Record<string, string | undefined>,
  log: Logger = createLogger({ job: "export" }),
): Promise<number> {
  return runToExit({
    log,
    async work(signal) {
      const [path, name, ...rest] = argv;
      if (path === undefined || name === undefined || rest.length > 0 || !NAME.test(name))
        throw new UsageError(
          "export takes a path below the data root, and a name of letters, digits, _ and - for the copy",
        );
      const given = parseEnvironment(variables, env);
      const pathStyle = (given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL) !== undefined;
      const client = new S3Client({ forcePathStyle: pathStyle, maxAttempts: 6 });
      try {
        return await exportFiles(given.DATA_ROOT, path, name, new S3Store(client, given.SOURCE_BUCKET, signal));
      } finally {
        client.destroy();
      }
    },
  });
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
  const root = resolve(dataRoot, path);
  if (!root.startsWith(resolve(dataRoot) + sep)) throw new UsageError(`${path} is not below the data root`);
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
