// Where an input may be: in a bucket, behind https, or on this machine. Whatever it is, a job gets a file.
import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StorageError, storageError, UsageError } from "./errors.js";
import type { OpenBucket } from "./objects.js";

/** A location, parsed. */
export type Source =
  | { kind: "s3"; bucket: string; key: string; name: string }
  | { kind: "https"; url: string; name: string }
  | { kind: "path"; path: string; name: string };

/** Parses `s3://bucket/key`, `https://…` or a path; `name` is the file's name. Throws a UsageError for anything else. */
export function parseSource(location: string): Source {
  const s3 = /^s3:\/\/([^/]+)\/(.+)$/.exec(location);
  if (s3) {
    const [, bucket, key] = s3 as unknown as [string, string, string];
    if (key.endsWith("/")) throw new UsageError(`'${location}' names a folder; a file is needed`);
    return { kind: "s3", bucket, key, name: basename(key) };
  }
  if (/^https?:\/\//.test(location)) {
    if (!URL.canParse(location)) throw new UsageError(`'${location}' is not a URL`);
    const name = decodeURIComponent(basename(new URL(location).pathname));
    if (!name) throw new UsageError(`'${location}' names no file`);
    return { kind: "https", url: location, name };
  }
  if (/^[a-z0-9]+:\/\//i.test(location))
    throw new UsageError(`'${location}' is not s3://bucket/key, https://… or a path`);
  return { kind: "path", path: resolve(location), name: basename(location) };
}

/**
 * Makes a source a file on this machine: streamed into `folder`, or, for a path, the file itself, which must not be changed.
 * @returns the file's path and size in bytes
 */
export async function fetchSource(
  source: Source,
  folder: string,
  openBucket: OpenBucket,
  signal?: AbortSignal,
): Promise<{ path: string; bytes: number }> {
  const path = source.kind === "path" ? source.path : join(folder, `input-${source.name}`);
  if (source.kind === "s3") await openBucket(source.bucket).download(source.key, path);
  if (source.kind === "https") await fetchUrl(source.url, path, signal);
  try {
    return { path, bytes: (await stat(path)).size };
  } catch (cause) {
    throw storageError(`Reading ${path}`, cause);
  }
}

async function fetchUrl(url: string, path: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    const answer = await fetch(url, { signal });
    if (!answer.ok || !answer.body)
      throw new StorageError(
        `Reading ${url} failed: HTTP ${answer.status} ${answer.statusText}`,
        `HTTP ${answer.status}`,
      );
    const body = Readable.fromWeb(answer.body as import("node:stream/web").ReadableStream);
    await pipeline(body, createWriteStream(path));
    // A body that ends early is an error of the connection only where the length was told and nothing was encoded.
    const announced = answer.headers.get("content-encoding") ? null : answer.headers.get("content-length");
    const { size } = await stat(path);
    if (announced !== null && size !== Number(announced))
      throw new StorageError(`Reading ${url} ended after ${size} of ${announced} bytes`, "IncompleteBody");
  } catch (cause) {
    await rm(path, { force: true });
    // fetch says only `fetch failed`; the reason is its cause.
    throw storageError(`Reading ${url}`, cause instanceof TypeError && cause.cause ? cause.cause : cause);
  }
}
