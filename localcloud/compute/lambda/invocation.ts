// One invocation as the bridge hands it over, and its outcome: what ministack's Lambda, which keeps functions, versions, layers
// and concurrency, leaves to this plane is to run them.
import { z } from "zod";

/** A version of a function with all that its execution environments are made of. */
export const FunctionVersion = z.object({
  account: z.string(),
  region: z.string(),
  name: z.string(),
  /** `$LATEST` or a number. */
  version: z.string(),
  /** Changes with anything that a running environment cannot take over: code, layers, configuration. */
  revision: z.string(),
  roleArn: z.string(),
  runtime: z.string(),
  handler: z.string(),
  memoryMiB: z.number(),
  timeoutSeconds: z.number(),
  environment: z.record(z.string(), z.string()),
  logGroup: z.string(),
  /** `Zip`: folder with the function's code at `var/task` and its layers at `opt`. */
  root: z.string().nullish(),
  /** `Image`: where the image is, and what replaces its command. */
  imageUri: z.string().nullish(),
  command: z.array(z.string()).nullish(),
});
export type FunctionVersion = z.infer<typeof FunctionVersion>;

export const Invocation = z.object({
  function: FunctionVersion,
  requestId: z.string(),
  /** ARN as it was invoked, with its qualifier. */
  invokedArn: z.string(),
  /** JSON text. */
  event: z.string(),
  /** JSON text of the client context, from mobile SDKs. */
  clientContext: z.string().nullish(),
  traceId: z.string().nullish(),
});
export type Invocation = z.infer<typeof Invocation>;

/** What a function's runtime tells of an error. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  [member: string]: unknown;
}

/** How an invocation ended. */
export interface Outcome {
  /** JSON text: what the handler returned, or the description of its error. */
  payload: string;
  /** Present when the function failed. */
  functionError?: "Unhandled";
  /** Last lines of the invocation's log, at most 4 KB. */
  log: string;
  durationMillis: number;
  maxMemoryUsedMiB: number;
}

/** Runtimes that this plane brings itself, by the program that runs them. */
export function languageOf(runtime: string): "node" | "python" | "provided" | undefined {
  if (runtime.startsWith("nodejs")) return "node";
  if (runtime.startsWith("python")) return "python";
  if (runtime.startsWith("provided")) return "provided";
  return undefined;
}
