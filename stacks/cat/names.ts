// What CAT's resources are called: `cat-<environment>-<what>`, as its users' command lines have it.
import type { StackConfig } from "../config.js";
import type { CatSettings } from "./settings.js";

/** Limits of the services' names, characters. */
const LONGEST = { bucket: 63, name: 64 } as const;

export interface CatNames {
  /** `cat-<environment>-<what>`. @throws when it is longer than 64 characters */
  of(what: string): string;
  bucket: string;
  table: string;
  /** The function of cat-normalize. */
  normalize: string;
  /** The Glue job. */
  job: string;
  crawler: string;
  workGroup: string;
  database: string;
}

/**
 * All names of an environment. A throwaway's end in its suffix where they are global on AWS, or everywhere with `suffixAll`; a name
 * that the settings give is taken as it is, but for the throwaway's suffix, so that the same settings can be deployed twice.
 */
export function catNames(
  { environment, suffix, suffixAll = false }: Pick<StackConfig, "environment"> & Partial<StackConfig>,
  { normalize, etl }: Pick<CatSettings, "normalize" | "etl">,
): CatNames {
  const ended = (name: string, separator: "-" | "_", isGlobal: boolean, longest: number): string => {
    const full = suffix && (isGlobal || suffixAll) ? `${name}${separator}${suffix}` : name;
    if (full.length > longest)
      throw new Error(`The name '${full}' has ${full.length} characters, ${longest} are allowed`);
    return full;
  };
  const named = (name: string) => ended(name, "-", false, LONGEST.name);
  const of = (what: string) => named(`cat-${environment}-${what}`);
  return {
    of,
    bucket: ended(normalize.s3BucketName ?? `cat-${environment}-normalize-reports`, "-", true, LONGEST.bucket),
    // Only a table of the stack's own is a throwaway's.
    table: normalize.createTable ? ended(normalize.dynamoTableName, "-", false, 255) : normalize.dynamoTableName,
    normalize: normalize.lambda.name === undefined ? of("lambda-normalize") : named(normalize.lambda.name),
    job: of("etl2-parquet"),
    crawler: of("curated-crawler"),
    workGroup: ended(etl.athena.workGroupName ?? `wg-cat-${environment}-analytics`, "-", false, 128),
    database: ended(etl.catalog.databaseName ?? `cat_${environment}_analytics_db`, "_", false, 255),
  };
}
