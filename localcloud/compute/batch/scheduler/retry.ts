// What becomes of a job whose attempt failed: AWS Batch User Guide, "Automated job retries".
import type { EvaluateOnExit } from "@aws-sdk/client-batch";
import type { Attempt, RetryStrategy } from "../model.js";

/** AWS's glob: the whole text, or its start when the pattern ends with an asterisk. */
export function matchesGlob(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** Whether all conditions that the entry states are met by the attempt. */
function meets(entry: EvaluateOnExit, attempt: Attempt): boolean {
  const conditions: [string | undefined, string | undefined][] = [
    [entry.onExitCode, attempt.exitCode?.toString()],
    [entry.onReason, attempt.reason],
    [entry.onStatusReason, attempt.statusReason],
  ];
  return conditions.every(([pattern, text]) => pattern === undefined || matchesGlob(pattern, text ?? ""));
}

/**
 * Whether a failed attempt is followed by another one. The first entry of `evaluateOnExit` that the attempt meets decides;
 * an attempt that meets none is retried. Never more attempts than the strategy allows.
 *
 * @param made attempts made so far, the failed one included
 */
export function shouldRetry(strategy: RetryStrategy, attempt: Attempt, made: number): boolean {
  if (made >= strategy.attempts) return false;
  const decisive = strategy.evaluateOnExit.find((entry) => meets(entry, attempt));
  return decisive === undefined || decisive.action?.toUpperCase() === "RETRY";
}
