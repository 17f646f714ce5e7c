// Where the driver keeps what a run generates: the layout of `.crucible/` (CRUCIBLE_HOME moves it).
import { join } from "node:path";
import { crucibleHome } from "../localcloud/server/paths.js";

/** The files of one environment. */
export interface EnvironmentFolder {
  root: string;
  journal: string;
  lease: string;
  /** Pulumi's file backend. */
  state: string;
  /** The project that the engine works in: its Pulumi.yaml and the stack's configuration. */
  project: string;
  /** Passphrase of the stack's secrets, mode 600. */
  passphrase: string;
  /** Outputs of the last `up`, secrets withheld. */
  outputs: string;
  /** Standard output and error of the worker process. */
  log: string;
}

export const environmentsFolder = (): string => join(crucibleHome(), "environments");

/** The folder of the environment `name`, whether or not it exists. */
export function environmentFolder(name: string): EnvironmentFolder {
  const root = join(environmentsFolder(), name);
  return {
    root,
    journal: join(root, "journal.json"),
    lease: join(root, "lease.json"),
    state: join(root, "state"),
    project: join(root, "project"),
    passphrase: join(root, "passphrase"),
    outputs: join(root, "outputs.json"),
    log: join(root, "worker.log"),
  };
}

/** PULUMI_HOME of every engine that the driver starts: nothing of the user's own login or plugins is touched. */
export const pulumiHome = (): string => join(crucibleHome(), "pulumi");

/** Data of a run's private cloud. */
export const cloudFolder = (run: string): string => join(crucibleHome(), "runs", run);

export const evidenceFolder = (run: string, test: string): string => join(crucibleHome(), "evidence", run, test);

export const reportsFolder = (): string => join(crucibleHome(), "reports");

export const reportFolder = (run: string): string => join(reportsFolder(), run);
