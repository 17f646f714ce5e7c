// Why a container ended, in the words that AWS uses (Amazon ECS: "Stopped tasks error messages"; AWS Batch: statusReason).

/** A container that was killed because it used more memory than it was given. Its exit code is 137. */
export const OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage";

/** A container that could not be started, as a container runtime words it. */
export class StartError extends Error {
  override readonly name = "CannotStartContainerError";
  /** @param what the runtime's own words, or the part of them that tells what is wrong */
  constructor(
    what: string,
    /** 127: no such command; 126: it cannot be executed. */
    readonly exitCode: 126 | 127,
  ) {
    const wrapped = what.includes("unable to start container process")
      ? what
      : "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
        `unable to start container process: ${what}: unknown`;
    super(`CannotStartContainerError: Error response from daemon: ${wrapped}`);
  }
}

/** A container without anything to run. */
export class CreateError extends Error {
  override readonly name = "CannotCreateContainerError";
  constructor(what: string) {
    super(`CannotCreateContainerError: Error response from daemon: ${what}`);
  }
}

/** A container that somebody stopped before it ran. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
  constructor() {
    super("The container was stopped before it started");
  }
}
