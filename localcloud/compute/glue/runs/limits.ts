// What Glue does not take together: "Jobs API", AWS Glue Web API Reference; "AWS Glue versions" and "AWS Glue worker types", Developer Guide.
import { invalidInput } from "../errors.js";

/** Versions in the order in which they came. Glue makes jobs of the old ones still. */
const VERSIONS = ["0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1"];

/** The first version that has a type of worker, where that is not the first of all. */
const SINCE: Readonly<Record<string, string>> = {
  "G.4X": "3.0",
  "G.8X": "3.0",
  "G.12X": "4.0",
  "G.16X": "4.0",
  "R.1X": "4.0",
  "R.2X": "4.0",
  "R.4X": "4.0",
  "R.8X": "4.0",
};
/** Types of workers that jobs of `glueetl` do not have: this one is for streaming. */
const STREAMING_ONLY = ["G.025X"];
const LEAST_WORKERS = 2;
const FLEX_SINCE = "3.0";

/** What of a job, or of a run with the job's members where it has none of its own, is looked at. */
export interface Limited {
  GlueVersion: string;
  WorkerType?: string;
  NumberOfWorkers?: number;
  ExecutionClass?: string;
}

const before = (version: string, other: string): boolean => VERSIONS.indexOf(version) < VERSIONS.indexOf(other);

/**
 * Checks versions and workers.
 *
 * @param isSpark else the job is of Python alone
 * @throws InvalidInputException in AWS's words
 */
export function checkLimits(asked: Limited, isSpark: boolean): void {
  const { GlueVersion, WorkerType, NumberOfWorkers, ExecutionClass } = asked;
  if (!VERSIONS.includes(GlueVersion)) throw invalidInput(`Given GlueVersion [${GlueVersion}] is not valid`);
  if (ExecutionClass === "FLEX" && (!isSpark || before(GlueVersion, FLEX_SINCE)))
    throw invalidInput(
      `Only jobs with Glue version ${FLEX_SINCE} and above and command type glueetl will be allowed to set ExecutionClass to FLEX.`,
    );
  if (WorkerType === undefined) return;
  if (!isSpark) throw invalidInput("Worker Type is not supported for Job Command pythonshell");
  if (STREAMING_ONLY.includes(WorkerType))
    throw invalidInput(`Worker Type ${WorkerType} is not supported for Job Command glueetl`);
  if (before(GlueVersion, SINCE[WorkerType] ?? GlueVersion))
    throw invalidInput(`Worker type ${WorkerType} is not supported for Glue Version ${GlueVersion}`);
  if (NumberOfWorkers !== undefined && NumberOfWorkers < LEAST_WORKERS)
    throw invalidInput(
      `To use Worker Type ${WorkerType}, minimum allowed value of Number of Workers is ${LEAST_WORKERS}.`,
    );
}
