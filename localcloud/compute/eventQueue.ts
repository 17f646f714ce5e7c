// Events of a service on their way to the default bus: those of one thing in the order in which they happened, few at a time.
import type { Scope } from "./scope.js";
import type { ComputeContext, ServiceEvent } from "./service.js";

/** Events under way at once; thousands of jobs must not open thousands of connections. */
const CONCURRENCY = 8;

export interface EventQueue {
  /**
   * Sends an event after those that were put before it under the same key; one that cannot be delivered is logged.
   *
   * @param what for the log, e.g. `batch: the RUNNING event of job 1`
   */
  put(scope: Scope, key: string, event: ServiceEvent, what: string): void;
  /** Resolves when all events so far were handed over. */
  drained(): Promise<void>;
}

export function eventQueue(context: Pick<ComputeContext, "putEvent" | "log">): EventQueue {
  const lastOf = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let underWay = 0;

  const send = async ({ account, region }: Scope, event: ServiceEvent, what: string): Promise<void> => {
    if (underWay >= CONCURRENCY) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay += 1;
    try {
      await context.putEvent(account, region, event);
    } catch (error) {
      context.log(`${what} was not delivered: ${(error as Error).message}`);
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  };

  return {
    put(scope, key, event, what) {
      const sent = (lastOf.get(key) ?? Promise.resolve()).then(() => send(scope, event, what));
      lastOf.set(key, sent);
      void sent.then(() => {
        if (lastOf.get(key) === sent) lastOf.delete(key);
      });
    },
    async drained() {
      await Promise.all(lastOf.values());
    },
  };
}
