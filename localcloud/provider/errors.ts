// What an error of the AWS SDK means to the provider, and how a failure is told.

/** What the SDK's errors carry besides a message. */
interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string };
  /** Some services give the code here and something generic as the name. */
  Code?: string;
}

/** Error codes that say "there is no such thing", by the AWS services' API references. */
const NOT_FOUND =
  /^(NoSuch\w+|\w*NotFound(Exception|Fault|Error)?|\w+\.NotFound|\w*DoesNotExist\w*|\w*UnknownResource\w*)$/;

/** The error's code, e.g. `ResourceNotFoundException`. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { Code: code, name } = error as ServiceError;
  return name === "Error" || name === "Unknown" || name === "UnknownError" ? (code ?? name) : name;
}

export function httpStatus(error: unknown): number | undefined {
  return error instanceof Error ? (error as ServiceError).$metadata?.httpStatusCode : undefined;
}

/** Whether the error says that the thing asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return NOT_FOUND.test(errorCode(error)) || httpStatus(error) === 404;
}

/** Whether the error has one of the codes, and, if given, a message that matches. */
export function hasCode(error: unknown, codes: readonly string[], message?: RegExp): boolean {
  return error instanceof Error && codes.includes(errorCode(error)) && (!message || message.test(error.message));
}

/** The value of `attempt`, or `undefined` when it says that the thing is not there (by its code or one of `codes`). */
export async function orAbsent<T>(attempt: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (isNotFound(error) || codes.includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** An operation on a resource that failed: what was attempted, on what, what came back. */
export class OperationError extends Error {
  constructor(operation: string, type: string, subject: string, cause: unknown) {
    super(`${operation} ${type} ${subject}: ${explain(cause)}`, { cause });
    this.name = "OperationError";
  }
}

/** An error with its code, status and request, as AWS's support would ask for them. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { $metadata: metadata } = error as ServiceError;
  const code = errorCode(error);
  const head = code !== "" && code !== "Error" && !error.message.startsWith(code) ? `${code}: ` : "";
  const details = [
    metadata?.httpStatusCode && `status ${metadata.httpStatusCode}`,
    metadata?.requestId && `request ${metadata.requestId}`,
  ].filter(Boolean);
  const inner = metadata || !(error.cause instanceof Error) ? "" : ` (${explain(error.cause)})`;
  return `${head}${error.message || "no message"}${details.length > 0 ? ` (${details.join(", ")})` : ""}${inner}`;
}
