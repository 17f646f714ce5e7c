// Pulumi's runtime reports a resource that could not be registered as a rejection that nobody awaits. Here each such rejection is led
// back to the call in whose runtime state it arose, which then fails with it; all others are left to the process.
import { sdk } from "./sdk.js";

/** The calls under way, by their runtime state. */
const watched = new Map<object, (reason: unknown) => void>();

function onRejection(reason: unknown): void {
  const store = sdk.getLocalStore();
  const fail = store && watched.get(store);
  if (fail) fail(reason);
  // Having a listener takes away Node's own answer to a rejection, so it is given here where no one else listens.
  else if (process.listenerCount("unhandledRejection") === 1) throw reason;
}

/**
 * Runs `work`, which must have a runtime state of its own, and fails with the first rejection that nobody handled in it.
 *
 * @throws what `work` threw, or that rejection.
 */
export async function catchingRejections<T>(work: () => Promise<T>): Promise<T> {
  const store = sdk.getLocalStore();
  if (!store) throw new Error("catchingRejections needs a runtime state of its own");
  if (watched.size === 0) process.on("unhandledRejection", onRejection);
  try {
    return await new Promise<T>((resolve, reject) => {
      watched.set(store, reject);
      work().then(resolve, reject);
    });
  } finally {
    watched.delete(store);
    if (watched.size === 0) process.off("unhandledRejection", onRejection);
  }
}
