// The errors a job ends with: each says what was attempted, on what, what came back; the exit code says whether another try may help.

/** A job failed for a reason that it knows; its message is all that a reader of the log needs. */
export class JobError extends Error {
  override readonly name: string = "JobError";
  /** Exit code of the process: 1 for a failure, 2 for a wrong request, which fails again however often it is tried. */
  readonly exitCode: number = 1;
}

/** A wrong request: an unknown job, a wrong value of a variable or option. */
export class UsageError extends JobError {
  override readonly name = "UsageError";
  override readonly exitCode = 2;
}

/** The input cannot be used as a whole: not Parquet, a column missing, no usable row. */
export class InputError extends JobError {
  override readonly name = "InputError";
}

/** What a job made is not good enough to be published. */
export class QualityGateError extends JobError {
  override readonly name = "QualityGateError";
}

/** An object store, table or web server refused or could not be reached. */
export class StorageError extends JobError {
  override readonly name = "StorageError";
  constructor(
    message: string,
    /** AWS's error name (`AccessDenied`, `NoSuchKey`, …), Node's code, or `HTTP <status>`. */
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Wraps whatever an SDK call threw.
 * @param attempt what was attempted, on what, e.g. `Reading s3://bucket/key`
 */
export function storageError(attempt: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const { name, message, code } = cause as Error & { code?: string };
  const known = code ?? name ?? "Error";
  return new StorageError(`${attempt} failed: ${known}: ${message || "no message"}`, known, { cause });
}
