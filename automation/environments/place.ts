// The cloud in which an environment lives: started, joined or found, and let go of.
import { findBackgroundCloud, joinBackgroundCloud } from "../../localcloud/server/background.js";
import { type Cloud, startCloud } from "../../localcloud/server/cloud.js";
import { isAlive } from "../../localcloud/server/processes.js";
import { CrucibleError } from "../errors.js";
import { cloudFolder } from "../home.js";
import type { Journal } from "./journal.js";
import { parseTarget } from "./target.js";

export interface Place {
  /** Undefined for AWS itself. */
  endpoint?: string;
  /** The local cloud, when it is one of this process or the background cloud. */
  cloud?: Cloud;
  /** Ends what was started for this environment alone. */
  release(): Promise<void>;
}

/** Where a new environment is to live. */
export type CloudChoice = "background" | "private" | Cloud;

const nothing = async (): Promise<void> => {};

/** Starts or joins the cloud of a new environment, whose journal exists. */
export async function enterPlace(journal: Journal, choice: CloudChoice): Promise<Place> {
  const target = parseTarget(journal.target);
  if (target.kind === "aws") return { release: nothing };
  if (target.kind === "endpoint") return { endpoint: target.url, release: nothing };
  if (typeof choice === "object") return { endpoint: choice.endpoint, cloud: choice, release: nothing };
  if (choice === "background") {
    const cloud = await joinBackgroundCloud();
    return { endpoint: cloud.endpoint, cloud, release: nothing };
  }
  const cloud = await startCloud({ dataDir: cloudFolder(journal.name), lifetime: "parent" });
  return { endpoint: cloud.endpoint, cloud, release: () => cloud.stop() };
}

/** A local cloud ended and with it all that was in it. */
export class CloudGoneError extends CrucibleError {
  override name = "CloudGoneError";
}

/**
 * Finds the cloud of an environment that exists.
 *
 * @throws CloudGoneError when it is a local cloud that does not run any more
 */
export function findPlace(journal: Journal): Place {
  const target = parseTarget(journal.target);
  if (target.kind === "aws") return { release: nothing };
  if (target.kind === "endpoint") return { endpoint: target.url, release: nothing };
  if (journal.cloud === "private") {
    if (journal.endpoint && isAlive(journal.owner)) return { endpoint: journal.endpoint, release: nothing };
    throw new CloudGoneError(
      `The local cloud of environment ${journal.name} ended with the process that started it. Forget it with: crucible sweep`,
    );
  }
  const cloud = findBackgroundCloud();
  if (cloud) return { endpoint: cloud.endpoint, cloud, release: nothing };
  throw new CloudGoneError(
    `The background cloud has ended, and environment ${journal.name} with it. Forget it with: crucible sweep`,
  );
}

/** Whether the local cloud of an environment has ended. */
export function isCloudGone(journal: Journal): boolean {
  try {
    findPlace(journal);
    return false;
  } catch (error) {
    return error instanceof CloudGoneError;
  }
}
