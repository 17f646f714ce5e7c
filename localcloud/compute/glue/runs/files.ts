// A run's script and other files, fetched from S3 as the job's role.
import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** A file of a run that could not be had; the message is the run's. */
export class LaunchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(`LAUNCH ERROR | ${message}Please refer logs for details.`, options);
    this.name = "LaunchError";
  }
}

/** Bucket and key of an s3:// path. @throws LaunchError for anything else */
export function s3Place(path: string): { Bucket: string; Key: string } {
  const [, Bucket, Key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (!Bucket || !Key) throw new LaunchError(`${path} is not a path of S3.`);
  return { Bucket, Key };
}

/**
 * Fetches an object into a folder.
 *
 * @returns the file's path; its name is the object's
 * @throws LaunchError in AWS's words
 */
export async function fetchFile(client: S3Client, path: string, folder: string): Promise<string> {
  const place = s3Place(path);
  const file = join(folder, basename(place.Key));
  try {
    const { Body } = await client.send(new GetObjectCommand(place));
    await pipeline(Body as Readable, createWriteStream(file));
    return file;
  } catch (cause) {
    const { name, message, $metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } };
    const said = `${message} (Service: Amazon S3; Status Code: ${$metadata?.httpStatusCode ?? 0}; Error Code: ${name})`;
    throw new LaunchError(`Error downloading from S3 for bucket: ${place.Bucket}, key: ${place.Key}.${said}`, {
      cause,
    });
  }
}
