// Changes a bucket's setting. S3 refuses two changes of one bucket at a time, and a program's resources of a bucket are made side by
// side.
import { S3Client } from "@aws-sdk/client-s3";
import type { Context } from "../../descriptor.js";
import { hasCode } from "../../errors.js";

/** Sends a change, again while another one is under way or `transient` says that it will pass. */
export async function changeBucket(
  context: Context,
  send: (s3: S3Client) => Promise<unknown>,
  transient: (error: Error) => boolean = () => false,
): Promise<void> {
  const s3 = context.client(S3Client);
  await context.retry(
    () => send(s3),
    (error) => hasCode(error, ["OperationAborted"]) || transient(error),
    60,
  );
}
