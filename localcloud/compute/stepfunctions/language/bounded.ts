// Synchronous work with an end: what a pattern or a deep search can make endless must not hold up the rest of the cloud.
import { createContext, Script } from "node:vm";

const context = createContext({ work: undefined as (() => void) | undefined });
const script = new Script("work()");

/** The work took longer than it may. */
export class TookTooLong extends Error {}

/**
 * Does something, and gives it up when it takes too long, also inside a regular expression.
 *
 * @param milliseconds how long the work may hold up everything else
 * @throws TookTooLong, and whatever the work throws
 */
export function within<T>(milliseconds: number, work: () => T): T {
  let result: T | undefined;
  const outer = context.work;
  context.work = () => {
    result = work();
  };
  try {
    script.runInContext(context, { timeout: milliseconds });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") throw new TookTooLong();
    throw error;
  } finally {
    context.work = outer;
  }
  return result as T;
}
