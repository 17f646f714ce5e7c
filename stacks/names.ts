// How a system's resources are named: `<system>-<what>-<environment>`, in this one place.
import type { Environment } from "./config.js";

export interface Naming {
  /** First part of every name, e.g. `sanders`. */
  system: string;
  environment: Environment;
  /** What a throwaway's names end in: those that are global on AWS, or all of them with `suffixAll`. */
  suffix?: string;
  suffixAll?: boolean;
}

/** Longest suffix that fits behind the longest names. */
export const LONGEST_SUFFIX = 12;

/** Bucket names: 3 to 63 characters ("Bucket naming rules", Amazon S3 User Guide). */
const LONGEST_BUCKET = 63;
/** The shortest limit among the services that share the pattern: IAM roles, EventBridge rules and schedules. */
const LONGEST_NAME = 64;

export interface Names {
  /** `sanders-<what>-<environment>`. @throws when it is longer than 64 characters. */
  of(what: string): string;
  /** The same for a bucket, whose name is global on AWS. @throws when it is longer than 63 characters. */
  bucket(what: string): string;
  /** `sanders_<what>_<environment>`, with underscores throughout, for tables. */
  table(what: string): string;
}

export function createNames({ system, environment, suffix, suffixAll = false }: Naming): Names {
  const join = (what: string, isGlobal: boolean, longest: number): string => {
    const name = [system, what, environment, ...(suffix && (isGlobal || suffixAll) ? [suffix] : [])].join("-");
    if (name.length > longest)
      throw new Error(`The name '${name}' has ${name.length} characters, ${longest} are allowed`);
    return name;
  };
  return {
    of: (what) => join(what, false, LONGEST_NAME),
    bucket: (what) => join(what, true, LONGEST_BUCKET),
    table: (what) => join(what, false, LONGEST_NAME).replaceAll("-", "_"),
  };
}
