// Arguments of a run: "AWS Glue job parameters" and "Using job parameters in AWS Glue jobs", AWS Glue Developer Guide.
import { invalidInput, notSupported } from "../errors.js";
import type { StoredJob } from "../model.js";

/**
 * The arguments of a run: the job's, then the run's, then those that cannot be overridden.
 *
 * @throws InvalidInputException when the run sets one of those
 */
export function mergedArguments(
  job: Pick<StoredJob, "DefaultArguments" | "NonOverridableArguments">,
  given: Record<string, string> = {},
): Record<string, string> {
  const fixed = job.NonOverridableArguments ?? {};
  const refused = Object.keys(given).filter((name) => name in fixed);
  if (refused.length > 0) throw invalidInput(`Non overridable arguments cannot be overridden: ${refused.join(", ")}`);
  return { ...job.DefaultArguments, ...given, ...fixed };
}

/** What a run was started for, as its script learns it. */
export interface RunIdentity {
  jobName: string;
  runId: string;
  workflow?: { name: string; runId: string };
}

/** What a script finds in sys.argv after its own name. An empty value stands for itself, as AWS passes it. */
export function scriptArguments(merged: Record<string, string>, { jobName, runId, workflow }: RunIdentity): string[] {
  const own: Record<string, string> = {
    ...(workflow && { "--WORKFLOW_NAME": workflow.name, "--WORKFLOW_RUN_ID": workflow.runId }),
    "--JOB_ID": `j_${jobName}`,
    "--JOB_RUN_ID": runId,
    "--JOB_NAME": jobName,
  };
  return Object.entries({ ...merged, ...own }).flat();
}

const list = (text: string | undefined): string[] =>
  (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Files that a run needs besides its script, as s3:// paths. */
export interface ExtraFiles {
  /** Modules and archives that go onto Python's path. */
  python: string[];
  /** Files that go into the working folder. */
  plain: string[];
  /** Archives that go onto Java's class path. */
  jars: string[];
}

export function extraFiles(merged: Record<string, string>): ExtraFiles {
  return {
    python: list(merged["--extra-py-files"]),
    plain: list(merged["--extra-files"]),
    jars: list(merged["--extra-jars"]),
  };
}

/**
 * Settings of Spark in `--conf`: `k=v`, further ones each after another `--conf` within the same value.
 *
 * @throws InvalidInputException for one that is no setting
 */
export function sparkSettings(text: string | undefined): Record<string, string> {
  const settings = (text ?? "").split(/\s*--conf\s+/).filter((part) => part.trim() !== "");
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf("=");
      if (at < 1) throw invalidInput(`--conf: "${setting}" is not of the form key=value`);
      return [setting.slice(0, at).trim(), setting.slice(at + 1).trim()];
    }),
  );
}

/** What a job may import without more: "Python libraries already provided in AWS Glue", as far as it is installed here. */
const PROVIDED = ["boto3", "botocore", "duckdb", "numpy", "pyspark", "scipy"];

/**
 * Checks what a run asks for that the local cloud may not have.
 *
 * @throws InvalidInputException that names what can be done instead
 */
export function checkParameters(merged: Record<string, string>): void {
  const modules = list(merged["--additional-python-modules"]).map((module) => module.split(/[=<>!~[ ]/)[0] ?? module);
  const missing = modules.filter((module) => !PROVIDED.includes(module.toLowerCase()));
  if (missing.length > 0)
    throw notSupported(
      `--additional-python-modules ${missing.join(",")}`,
      `it installs nothing for jobs and provides ${PROVIDED.join(", ")}; pass wheels or archives of pure Python with --extra-py-files`,
    );
  sparkSettings(merged["--conf"]);
}

/** A parameter that is switched on: `true`, or there without a value. */
export const isOn = (value: string | undefined): boolean => value !== undefined && value.toLowerCase() !== "false";
