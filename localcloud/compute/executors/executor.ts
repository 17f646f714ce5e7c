// Where a container really runs: the interface that Batch and ECS use, with two implementations (process, container).

/** What to run: a container as AWS describes it, with nothing of the executor in it. */
export interface ContainerSpec {
  /** Unique within the cloud; also the name in process lists. */
  id: string;
  account: string;
  region: string;
  /** `<registry>/<repository>:<tag>` or `…@sha256:<digest>`. */
  image: string;
  /** Replaces the image's entry point, and drops the image's command with it. */
  entrypoint?: string[];
  /** Replaces the image's command; the image's entry point stays. */
  command?: string[];
  /** Absolute path in the container. @default the image's */
  workingDirectory?: string;
  /** The whole environment, AWS's own variables included; nothing of the host's is added but what the image's runtime needs. */
  environment: Record<string, string>;
  memoryMiB: number;
  vcpus: number;
  /** A limit that the containers of one id share, beside each one's own. */
  group?: { id: string; memoryMiB: number };
  /** Host folder → path in the container. */
  mounts?: { source: string; target: string; readOnly?: boolean }[];
  /** What of a container only an engine does; processes run without it. */
  settings?: ContainerSettings;
  /** One complete line of standard output or standard error, without its line end. */
  onLine(line: string, at: Date): void;
}

/** How a container is kept apart, and what its kernel grants it. */
export interface ContainerSettings {
  /** `user`, `uid`, `user:group` …; @default the image's */
  user?: string;
  readOnlyRoot?: boolean;
  privileged?: boolean;
  /** Runs an init process that passes signals on and reaps children. */
  init?: boolean;
  /** Of /dev/shm. */
  sharedMemoryMiB?: number;
  ulimits?: { name: string; soft: number; hard: number }[];
  tmpfs?: { path: string; sizeMiB: number; options: string[] }[];
  addCapabilities?: string[];
  dropCapabilities?: string[];
}

/** How a container ended. */
export interface ContainerExit {
  /** 137 for a kill, also by the memory limit; undefined when it never started. */
  exitCode?: number;
  /** As AWS words it: `OutOfMemoryError: Container killed due to memory usage`, `CannotPullContainerError: …`; absent for a plain exit. */
  reason?: string;
  startedAt?: Date;
  stoppedAt: Date;
  /** Highest resident memory of the whole process group seen, MiB. */
  peakMemoryMiB?: number;
}

export interface RunningContainer {
  /** Resolves with the digest of the image's manifest when the image is there; rejects as `started` does. */
  readonly pulled: Promise<{ digest: string; at: Date }>;
  /** Resolves when the container's own process runs (after the image was found); rejects with an error whose message is AWS's reason. */
  readonly started: Promise<Date>;
  /** Always resolves. */
  readonly exited: Promise<ContainerExit>;
  /** Highest resident memory seen so far, MiB; absent where only the end tells, or nothing runs yet. */
  readonly peakMemoryMiB?: number;
  /** Memory at the last look, bytes; absent where nobody looks, or nothing runs yet. */
  readonly memoryBytes?: number;
  /**
   * Runs a command in the container, with its environment and working folder, and resolves with its exit code; 137 when it
   * was killed after `timeoutSeconds`. Rejects when the container does not run.
   */
  exec(command: readonly string[], timeoutSeconds: number): Promise<number>;
  /** SIGTERM, then SIGKILL after `graceSeconds` (AWS: 30). Resolves when nothing of it is left. */
  stop(graceSeconds?: number): Promise<void>;
}

export interface Executor {
  readonly name: "process" | "container";
  run(spec: ContainerSpec): RunningContainer;
  /** Stops all; resolves when no process is left. */
  close(): Promise<void>;
}
