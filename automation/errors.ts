// The driver's own errors: what a person reads on one line, and whether the command line or the run was wrong.

/** Something that was asked for cannot be done, or failed; the message says what to do next. */
export class CrucibleError extends Error {
  override name = "CrucibleError";
}

/** The request itself is wrong (a name that does not exist, a value that cannot be read). Exit code 2. */
export class UsageError extends CrucibleError {
  override name = "UsageError";
}

/** The user interrupted; what had been begun was torn down. */
export class InterruptedError extends CrucibleError {
  override name = "InterruptedError";
}

/** @throws InterruptedError once the signal was aborted */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError("Interrupted.");
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The system's or AWS's code of an error, e.g. `ENOENT` or `ResourceNotFoundException`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === "string") return code;
  return typeof name === "string" ? name : undefined;
}
