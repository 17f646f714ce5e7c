// What copying from and to the bucket has in common: arguments, variables, the bucket, and the paths that are allowed.
import { resolve, sep } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { parseEnvironment } from "../../lib/environment.js";
import { UsageError } from "../../lib/errors.js";
import { createLogger, type Logger } from "../../lib/log.js";
import type { ObjectStore } from "../../lib/objects.js";
import { finalInput, type JobResult, runToExit } from "../../lib/runner.js";
import { S3Store } from "../../lib/s3.js";
import { DEFAULT_DATA_ROOT } from "../data/paths.js";

export type Variables = Record<string, string | undefined>;

const NAME = /^[\w-]{1,128}$/;

const variables = z.object({
  DATA_ROOT: z.string().startsWith("/", "is not an absolute path").default(DEFAULT_DATA_ROOT),
  SOURCE_BUCKET: z.string().min(3, "is not a bucket's name"),
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ENDPOINT_URL_S3: z.url().optional(),
});

/**
 * Runs a command whose arguments are a path below the data root and the name of a copy.
 *
 * @returns the exit code of the process (see `runToExit`)
 */
export function transfer(
  command: string,
  argv: readonly string[],
  env: Variables,
  log: Logger = createLogger({ job: command }),
  work: (args: [path: string, name: string], dataRoot: string, bucket: ObjectStore) => Promise<JobResult>,
): Promise<number> {
  return runToExit({
    log,
    exitCodeOf: finalInput,
    async work(signal) {
      const [path, name, ...rest] = argv;
      if (path === undefined || name === undefined || rest.length > 0 || !NAME.test(name))
        throw new UsageError(
          `${command} takes a path below the data root, and a name of letters, digits, _ and - for the copy`,
        );
      const given = parseEnvironment(variables, env);
      const pathStyle = (given.AWS_ENDPOINT_URL_S3 ?? given.AWS_ENDPOINT_URL) !== undefined;
      const client = new S3Client({ forcePathStyle: pathStyle, maxAttempts: 6 });
      try {
        return await work([path, name], given.DATA_ROOT, new S3Store(client, given.SOURCE_BUCKET, signal));
      } finally {
        client.destroy();
      }
    },
  });
}

/** @returns the absolute path @throws UsageError for a path that is not below the data root */
export function within(dataRoot: string, path: string): string {
  const absolute = resolve(dataRoot, path);
  if (!absolute.startsWith(resolve(dataRoot) + sep)) throw new UsageError(`${path} is not below the data root`);
  return absolute;
}
