// A command line of the platform's READMEs, with what its answer has to show.
import type { Platform } from "../platform.js";

export interface CommandLine {
  /** What it is for, in a test's words. */
  what: string;
  /** As the README has it; names, account and job ids are put in by {@link inPlatform}. */
  line: string;
  /** Runs it in another way than to its end, e.g. a line that follows a log. */
  run?(line: string, visit: Visit): Promise<string>;
  /** Whether it ends with another exit code than 0, as it does on AWS. */
  fails?: boolean;
  /**
   * Looks at what came of it.
   *
   * @param answer standard output; standard error of a line that fails
   */
  check(answer: string, visit: Visit): void | Promise<void>;
}

/** What the lines of one README leave for those after them. */
export interface Visit {
  platform: Platform;
  environment: "dev" | "prod";
  /** Ids of the jobs submitted so far, the last one last. */
  jobs: string[];
}

/** The account in which the READMEs were written. */
const ACCOUNT = /120569615884|YOUR-ACCOUNT-ID/g;
/** A bucket's name is taken by its first owner in all of AWS: an environment's has a suffix. */
const BUCKET = /s3:\/\/sanders-customer-platform-(?:dev|prod)/g;
/** Definitions are named without their environment in one place. */
const DEFINITION = /(sanders-job-\d+g)(?=\s|$)/g;
const JOB_ID = /<job-id>/gi;
/** A slip: features are written to `features/daily/`, as the README itself says of all jobs. */
const SLIP = /features\/daily\/daily\//g;

/** The line as it stands, names and account aside. */
export function inPlatform(line: string, { platform, environment, jobs }: Visit): string {
  return line
    .replace(ACCOUNT, platform.account)
    .replace(BUCKET, `s3://${platform.outputs.S3BucketName}`)
    .replace(DEFINITION, `$1-${environment}`)
    .replace(JOB_ID, jobs.at(-1) ?? "")
    .replace(SLIP, "features/daily/");
}
