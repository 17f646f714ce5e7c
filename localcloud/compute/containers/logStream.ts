// The log stream of a container as a condition of its start.
import type { LogStream } from "../logs/writer.js";

/** @throws in Fargate's words when the stream cannot be created, which keeps the task from starting */
export async function requireLogStream(stream: LogStream): Promise<void> {
  try {
    await stream.ready;
  } catch (error) {
    const { name, message } = error as Error;
    throw new Error(
      "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: " +
        `failed to create Cloudwatch log stream: ${name}: ${message} : exit status 1`,
      { cause: error },
    );
  }
}
