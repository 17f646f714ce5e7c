// The pipeline's names: in dev those that its users' command lines have, elsewhere with the environment behind them.
import type { Environment, StackConfig } from "../config.js";

export interface PreprocessingNames {
  bucket: string;
  repository: string;
  cluster: string;
  /** Of task definition and container. */
  task: string;
  stateMachine: string;
  network: string;
  /** Roles, functions: `test-preprocessing-<what>`. */
  of(what: string): string;
  logGroup: string;
}

/** The bucket's word for an environment: it is `test-container-development` that scripts name. */
const STAGE: Record<Environment, string> = { dev: "development", test: "testing", prod: "production" };

/** All names of an environment; a throwaway's end in its suffix where they are global on AWS, or everywhere with `suffixAll`. */
export function preprocessingNames({
  environment,
  suffix,
  suffixAll = false,
}: Pick<StackConfig, "environment"> & Partial<Pick<StackConfig, "suffix" | "suffixAll">>): PreprocessingNames {
  const ending = [...(environment === "dev" ? [] : [environment]), ...(suffix && suffixAll ? [suffix] : [])];
  const named = (name: string) => [name, ...ending].join("-");
  const base = "test-preprocessing";
  return {
    bucket: ["test-container", STAGE[environment], ...(suffix ? [suffix] : [])].join("-"),
    repository: named(base),
    cluster: named(base),
    task: named(base),
    stateMachine: named("TestPreprocessingStateMachine"),
    network: named(`${base}-vpc`),
    of: (what) => named(`${base}-${what}`),
    logGroup: `/aws/ecs/${named(base)}`,
  };
}
