// The lines that Lambda itself writes to a function's log, and how it words what ended an invocation.
import type { FunctionError } from "./invocation.js";

/** Longest answer of a synchronous invocation, bytes ("Lambda quotas", AWS Lambda Developer Guide). */
export const MOST_RESPONSE_BYTES = 6_291_556;

export interface Report {
  requestId: string;
  durationMillis: number;
  /** Only of the first invocation of an environment; it is billed since August 2025. */
  initMillis?: number;
  memoryMiB: number;
  maxMemoryUsedMiB: number;
  /** What the platform saw going wrong; an error that the handler raised is none. */
  failure?: { status: "timeout" | "error"; errorType?: string };
}

export const startLine = (requestId: string, version: string): string =>
  `START RequestId: ${requestId} Version: ${version}`;

export const endLine = (requestId: string): string => `END RequestId: ${requestId}`;

export function reportLine(report: Report): string {
  const { requestId, durationMillis, initMillis, failure } = report;
  const fields = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMillis.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMillis + (initMillis ?? 0))} ms`,
    `Memory Size: ${report.memoryMiB} MB`,
    `Max Memory Used: ${report.maxMemoryUsedMiB} MB`,
    ...(initMillis === undefined ? [] : [`Init Duration: ${initMillis.toFixed(2)} ms`]),
    ...(failure ? [`Status: ${failure.status}`] : []),
    ...(failure?.errorType ? [`Error Type: ${failure.errorType}`] : []),
  ];
  return `${fields.join("\t")}\t`;
}

export const timeoutLine = (at: Date, requestId: string, seconds: number): string =>
  `${at.toISOString()} ${requestId} Task timed out after ${seconds.toFixed(2)} seconds`;

export const timedOut = (requestId: string, seconds: number): FunctionError => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
});

/** A runtime that ended in the middle of an invocation, by the exit code of its process (137: killed). */
export function exited(requestId: string, exitCode: number | undefined): FunctionError {
  const how =
    exitCode === 137
      ? "Runtime exited with error: signal: killed"
      : exitCode
        ? `Runtime exited with error: exit status ${exitCode}`
        : "Runtime exited without providing a reason";
  return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${how}` };
}

export const tooLarge = (bytes: number): FunctionError => ({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`,
});

/** A log stream of one execution environment: `2026/01/31/[$LATEST]<32 hexadecimal digits>`. */
export function logStreamName(at: Date, version: string, id: string): string {
  return `${at.toISOString().slice(0, 10).replaceAll("-", "/")}/[${version}]${id}`;
}
