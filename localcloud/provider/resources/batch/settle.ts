// Batch answers at once and works on: what it works on says so, and takes no other request until it is done.
import type { Context } from "../../descriptor.js";

/** What compute environments and job queues say of themselves. */
export interface Progress {
  status?: string;
  statusReason?: string;
}

/**
 * Waits until a resource is VALID.
 *
 * @throws when it became INVALID, with AWS's reason, or is gone.
 */
export async function untilValid(
  what: string,
  describe: () => Promise<Progress | undefined>,
  context: Context,
  timeoutSeconds = 600,
): Promise<void> {
  await context.waitFor(
    `${what} to be VALID`,
    async () => {
      const found = await describe();
      if (!found || found.status === "DELETED") throw new Error(`${what} is gone`);
      if (found.status === "INVALID") throw new Error(`${what} is INVALID: ${found.statusReason ?? "no reason given"}`);
      return found.status === "VALID" ? true : undefined;
    },
    timeoutSeconds,
  );
}

/** Waits until a resource is neither being made nor changed, well or not. */
export async function untilSettled(
  what: string,
  describe: () => Promise<Progress | undefined>,
  context: Context,
): Promise<void> {
  await context.waitFor(
    `${what} to be ready for a change`,
    async () => {
      const found = await describe();
      return found && ["CREATING", "UPDATING"].includes(found.status ?? "") ? undefined : true;
    },
    600,
  );
}

/** Waits until a resource is gone. */
export async function untilGone(
  what: string,
  describe: () => Promise<Progress | undefined>,
  context: Context,
): Promise<void> {
  await context.waitFor(
    `${what} to be deleted`,
    async () => {
      const found = await describe();
      return !found || found.status === "DELETED" ? true : undefined;
    },
    1200,
  );
}
