// The one policy by which requests are tried again: those that AWS throttles or that fail on the way, with growing pauses at random.

/** What the SDK and Node call failures that pass: throttling ("Error retries and exponential backoff", DynamoDB), servers, connections. */
const PASSING: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "SlowDown",
  "InternalServerError",
  "InternalError",
  "ServiceUnavailable",
  "ServiceException",
  "RequestTimeout",
  "RequestTimeoutException",
  "TimeoutError",
  // Two conditional writes to one object at once: S3 asks for the later one to be repeated.
  "ConditionalRequestConflict",
]);
const PASSING_CODES: ReadonlySet<string> = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "EAI_AGAIN"]);

export interface RetryPolicy {
  /** How often a request is sent at most. */
  attempts: number;
  /** Longest pause before the second attempt, milliseconds; it doubles from attempt to attempt. */
  firstPauseMs: number;
  /** Where pauses stop growing, milliseconds. */
  longestPauseMs: number;
  /** From 0 to 1. */
  random(): number;
  /** @throws when the signal aborts */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const RETRY: RetryPolicy = {
  attempts: 12,
  firstPauseMs: 50,
  longestPauseMs: 10_000,
  random: Math.random,
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};

/** Whether a request that failed with this may succeed when it is sent again. */
export function passes(error: unknown): boolean {
  const { name, code, $metadata } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return PASSING.has(name ?? "") || PASSING_CODES.has(code ?? "") || status === 429 || status >= 500;
}

/**
 * Sends a request until it succeeds.
 *
 * @param signal ends waiting; an attempt that runs has to hear of it by itself
 * @throws what the last attempt failed with, at once when that does not pass
 */
export async function retried<T>(
  send: (attempt: number) => Promise<T>,
  signal?: AbortSignal,
  policy: RetryPolicy = RETRY,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await send(attempt);
    } catch (error) {
      if (attempt >= policy.attempts || signal?.aborted || !passes(error)) throw error;
      const longest = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (attempt - 1));
      await policy.wait(policy.random() * longest, signal);
    }
}
