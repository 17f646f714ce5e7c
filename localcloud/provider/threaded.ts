// The provider `aws` in a thread of its own, for a process that runs the program too: both work at the same time, and the thread's
// modules are loaded while the process does something else. Components (`awsx`) stay where Pulumi's SDK is loaded already.
import { once } from "node:events";
import { SHARE_ENV, Worker } from "node:worker_threads";
import type { ProviderOptions, ProviderServer } from "./server.js";

/** Most of what a provider makes is garbage soon: with more room for it, it is collected less often. */
const YOUNG_MIB = 64;

export type ToThread = { type: "serve"; options: ProviderOptions } | { type: "close" };
export type FromThread = { debugProviders: string } | { error: string };

export interface ProviderThread {
  /** Starts listening. Call it once. @throws when loopback cannot be listened on, or the thread has ended */
  serve(options: ProviderOptions): Promise<ProviderServer>;
  /** Ends the thread at once; nothing was served yet. */
  discard(): void;
}

/** Starts the thread, which loads its modules meanwhile. It sees this process's environment as it is at each moment. */
export function startProviderThread(): ProviderThread {
  const thread = new Worker(new URL("thread.js", import.meta.url), {
    env: SHARE_ENV,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  const ended = new Promise<never>((_, reject) => {
    thread.once("error", reject);
    thread.once("exit", (code) => reject(new Error(`the provider's thread ended with ${code}`)));
  });
  ended.catch(() => {});
  const tell = (message: ToThread): void => thread.postMessage(message);
  return {
    async serve(options) {
      tell({ type: "serve", options });
      const [answer] = (await Promise.race([once(thread, "message"), ended])) as [FromThread];
      if ("error" in answer) throw new Error(answer.error);
      return {
        debugProviders: answer.debugProviders,
        async close() {
          tell({ type: "close" });
          // Also of one that has ended by itself.
          await ended.catch(() => {});
        },
      };
    },
    discard: () => void thread.terminate(),
  };
}
