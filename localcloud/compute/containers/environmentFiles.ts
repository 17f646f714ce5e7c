// Environment files of containers: objects in S3, read with the execution role ("Use environment files", Amazon ECS Developer Guide).

import type { Scope } from "../scope.js";
import type { ComputeContext } from "../service.js";

/** Reads files in order; a variable that several have is the last one's. Rejects with AWS's reason for a task that does not start. */
export type EnvironmentFileReader = (request: {
  readonly scope: Scope;
  readonly executionRoleArn?: string;
  /** ARNs of objects. */
  readonly files: readonly string[];
  readonly sessionName: string;
}) => Promise<Record<string, string>>;

/** Lines `NAME=value`; comments, empty lines and lines without a name are passed over, quotes and spaces are part of the value. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf("=");
    if (line.startsWith("#") || at <= 0) continue;
    variables[line.slice(0, at)] = line.slice(at + 1);
  }
  return variables;
}

export function environmentFileReader(
  context: Pick<ComputeContext, "assumeRole" | "clientConfig">,
): EnvironmentFileReader {
  return async ({ scope: { account, region }, executionRoleArn, files, sessionName }) => {
    if (files.length === 0) return {};
    const config = context.clientConfig(account, region);
    const service = "ecs-tasks.amazonaws.com";
    const credentials = executionRoleArn
      ? await context.assumeRole({ account, region, roleArn: executionRoleArn, sessionName, service })
      : config.credentials;
    // Few containers have such files; the client is not worth loading before one does.
    const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const s3 = new S3Client({ ...config, credentials, forcePathStyle: true });
    try {
      const variables: Record<string, string> = {};
      for (const file of files) {
        const [, Bucket, Key] = /^arn:aws[a-z-]*:s3:::([^/]+)\/(.+)$/.exec(file) ?? [];
        if (!Bucket || !Key) throw notRead(`invalid S3 arn ${file}`);
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key })).catch((error: Error) => {
          throw notRead(`file download command: non empty error stream: ${file}: ${error.name}: ${error.message}`);
        });
        Object.assign(variables, parseEnvironmentFile((await Body?.transformToString()) ?? ""));
      }
      return variables;
    } finally {
      s3.destroy();
    }
  };
}

const notRead = (what: string): Error =>
  new Error(`ResourceInitializationError: failed to download env files: ${what}`);
