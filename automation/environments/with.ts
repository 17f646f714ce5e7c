// The way to use an environment in a script: it is up inside the function, and gone after it.
import { InterruptedError, throwIfInterrupted } from "../errors.js";
import type { Environment } from "./environment.js";
import type { EnvironmentOptions } from "./options.js";
import { LeakError } from "./teardown.js";
import { upEnvironment } from "./up.js";

/**
 * Brings an environment up, calls `use`, and tears it down again, however `use` ends.
 *
 * @param units units to deploy, with what they depend on
 * @returns what `use` returned
 * @throws what `use` threw; LeakError when something is left in the cloud; InterruptedError after the signal
 *
 * @example
 * await withEnvironment(["sanders"], { environment: "dev" }, async (env) => {
 *   const execution = await env.run("orchestrator", { environment: { FEATURE_DATE: "2024-01-15" } });
 *   assert.equal(execution.status, "SUCCEEDED");
 * });
 */
export async function withEnvironment<T>(
  units: readonly string[],
  options: EnvironmentOptions,
  use: (environment: Environment) => Promise<T>,
): Promise<T> {
  const { environment } = await upEnvironment(units, options);
  const { signal } = options;
  let result: T;
  try {
    result = await orAborted(use(environment), signal);
  } catch (error) {
    // The first failure is the one to tell; what the teardown found comes with it.
    const ended = await environment.down().catch((second: unknown) => second as Error);
    if (ended instanceof Error)
      throw new AggregateError([error, ended], `${(error as Error).message}; ${ended.message}`);
    throw error;
  }
  const teardown = await environment.down();
  if (teardown.leaks.length > 0) throw new LeakError(environment.name, teardown);
  return result;
}

/** Rejects as soon as the signal says so: the environment goes then, whatever still uses it. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  work.catch(() => {});
  throwIfInterrupted(signal);
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new InterruptedError("Interrupted."));
    signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
