// Which ends of a job are worth another attempt. The texts are those of "Automated job retries" (AWS Batch User Guide).

/** A rule of a retry strategy; the first that matches decides. */
export interface EndRule {
  action: "RETRY" | "EXIT";
  onExitCode?: string;
  onReason?: string;
  onStatusReason?: string;
}

// An image that is not there will not be there a minute later either.
const NO_IMAGE: EndRule = { action: "EXIT", onReason: "CannotPullContainerError*" };
const HOST_LOST: EndRule = { action: "RETRY", onStatusReason: "Host EC2*" };
const NOT_STARTED: EndRule = { action: "RETRY", onStatusReason: "Task failed to start*" };

/**
 * The ends that are the platform's doing (no network interface in time, no secret read, a host lost) are worth another attempt, the
 * job's own are not. At most five rules; without a match a job would be tried again.
 */
export const HOST_FAILURES: readonly EndRule[] = [NO_IMAGE, HOST_LOST, NOT_STARTED, { action: "EXIT", onReason: "*" }];

/**
 * A job that failed by itself is tried again as well, but for what fails again however often it is tried: a wrong request (exit
 * code 2) and one that needs more memory than it has.
 */
export const ANY_FAILURE: readonly EndRule[] = [
  NO_IMAGE,
  { action: "EXIT", onReason: "OutOfMemoryError*" },
  { action: "EXIT", onExitCode: "2" },
];
