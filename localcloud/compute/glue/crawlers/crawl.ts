// One crawl: what is there, what it is, what of it the catalog lacks.
import type { GlueClient } from "@aws-sdk/client-glue";
import { type CsvClassifier, GetClassifierCommand } from "@aws-sdk/client-glue";
import type { S3Client } from "@aws-sdk/client-s3";
import type { CrawlOutcome, StoredCrawler } from "../model.js";
import { CatalogDatabase, nameOf } from "./catalog.js";
import { type Policies, partitionChanges, policiesOf, tableChange } from "./changes.js";
import type { CsvRules } from "./csv.js";
import { type CrawledObject, includePath, listObjects, SchemaReader } from "./files.js";
import { type CrawledFile, type TableFound, tablesOf } from "./grouping.js";

export interface CrawlWorld {
  /** As the crawler's role. */
  readonly s3: S3Client;
  readonly glue: GlueClient;
  now(): Date;
  /** Writes a line of the crawl's log. */
  log(level: "BENCHMARK" | "INFO" | "WARN" | "ERROR", message: string): void;
  /** Throws when the crawl is to end. */
  check(): void;
  /** Folders that were crawled before, for crawlers of new folders only; those found are added. */
  readonly known: Set<string>;
}

/** Objects read at once. */
const READERS = 8;

/** One place to crawl: an include path, or the place of a table that the catalog knows. */
interface Place {
  path: string;
  database: string;
  exclusions: readonly string[];
  sampleSize?: number;
  table?: string;
}

/** Carries out a crawl. Rejects with what S3 or the catalog refuses. */
export async function crawl(crawler: StoredCrawler, world: CrawlWorld): Promise<CrawlOutcome> {
  const outcome: CrawlOutcome = {
    tablesCreated: [],
    tablesUpdated: [],
    tablesDeleted: [],
    partitionsCreated: 0,
    partitionsUpdated: 0,
    partitionsDeleted: 0,
  };
  const policies = policiesOf(crawler);
  const reader = new SchemaReader(world.s3, await csvRules(crawler, world.glue));
  try {
    for (const place of await placesOf(crawler, world.glue)) {
      world.check();
      const objects = await newObjects(crawler, place, world);
      const files = await readAll(reader, sampled(objects, place.sampleSize), world);
      const { bucket, prefix } = includePath(place.path);
      const found = tablesOf(bucket, prefix, files, place.table !== undefined);
      world.log("BENCHMARK", `Classification complete, writing results to database ${place.database}`);
      world.check();
      const database = new CatalogDatabase(world.glue, place.database);
      await write(crawler, place, found, database, policies, world, outcome);
    }
  } finally {
    await reader.close();
  }
  world.log("BENCHMARK", "Finished writing to Catalog");
  return outcome;
}

async function placesOf(crawler: StoredCrawler, glue: GlueClient): Promise<Place[]> {
  const paths = (crawler.Targets.S3Targets ?? []).map(({ Path = "", Exclusions = [], SampleSize }) => ({
    path: Path,
    database: crawler.DatabaseName ?? "",
    exclusions: Exclusions,
    sampleSize: SampleSize,
  }));
  const tables: Place[] = [];
  for (const { DatabaseName = "", Tables = [] } of crawler.Targets.CatalogTargets ?? [])
    for (const table of await new CatalogDatabase(glue, DatabaseName).tables())
      if (Tables.includes(table.Name ?? ""))
        tables.push({
          path: table.StorageDescriptor?.Location ?? "",
          database: DatabaseName,
          exclusions: [],
          table: table.Name,
        });
  return [...paths, ...tables];
}

const folderOf = ({ bucket, key }: CrawledObject): string => `${bucket}/${key.slice(0, key.lastIndexOf("/") + 1)}`;

const crawlsNewFoldersOnly = (crawler: StoredCrawler): boolean =>
  crawler.RecrawlPolicy?.RecrawlBehavior === "CRAWL_NEW_FOLDERS_ONLY";

async function newObjects(crawler: StoredCrawler, place: Place, world: CrawlWorld): Promise<CrawledObject[]> {
  const objects = await listObjects(world.s3, place.path, place.exclusions);
  if (!crawlsNewFoldersOnly(crawler)) return objects;
  const fresh = objects.filter((object) => !world.known.has(folderOf(object)));
  for (const object of fresh) world.known.add(folderOf(object));
  return fresh;
}

/** So many files of each folder at most. */
function sampled(objects: readonly CrawledObject[], size: number | undefined): CrawledObject[] {
  const taken = new Map<string, number>();
  return objects.filter((object) => {
    const count = (taken.get(folderOf(object)) ?? 0) + 1;
    taken.set(folderOf(object), count);
    return size === undefined || count <= size;
  });
}

async function readAll(
  reader: SchemaReader,
  objects: readonly CrawledObject[],
  world: CrawlWorld,
): Promise<CrawledFile[]> {
  const files: CrawledFile[] = new Array(objects.length);
  let next = 0;
  const read = async (): Promise<void> => {
    for (let index = next++; index < objects.length; index = next++) {
      world.check();
      const object = objects[index] as CrawledObject;
      files[index] = { object, schema: await reader.read(object) };
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return files;
}

async function write(
  crawler: StoredCrawler,
  place: Place,
  found: readonly TableFound[],
  database: CatalogDatabase,
  policies: Policies,
  world: CrawlWorld,
  outcome: CrawlOutcome,
): Promise<void> {
  const tables = await database.tables();
  const names = new Set<string>();
  for (const table of found) {
    const name = place.table ?? nameOf(table, crawler.TablePrefix ?? "", tables);
    names.add(name);
    const before = tables.find(({ Name }) => Name === name);
    const isPartial = crawlsNewFoldersOnly(crawler);
    // Of a table that is looked at in part, the whole is not known.
    const change =
      isPartial && before ? { kind: "none" as const } : tableChange(crawler.Name, name, table, before, policies);
    if (change.kind === "none" && change.reason) world.log("INFO", change.reason);
    if (change.kind === "create") {
      await database.createTable(change.input);
      outcome.tablesCreated.push(name);
      world.log("INFO", `Created table ${name} in database ${place.database}`);
    }
    if (change.kind === "update") {
      await database.updateTable(change.input, change.onlyStatistics);
      if (!change.onlyStatistics) outcome.tablesUpdated.push(name);
      world.log("INFO", `Updated table ${name} in database ${place.database}`);
    }
    if (table.keys.length === 0) continue;
    const columns =
      change.kind === "none" ? before?.StorageDescriptor?.Columns : change.input.StorageDescriptor?.Columns;
    const inherited = (columns ?? []).map(({ Name = "", Type = "string" }) => ({ name: Name, type: Type }));
    const known = before ? await database.partitions(name) : [];
    const partitions = partitionChanges(crawler.Name, table, inherited, known, policies, isPartial);
    await database.changePartitions(name, partitions);
    outcome.partitionsCreated += partitions.create.length;
    outcome.partitionsUpdated += partitions.update.length;
    outcome.partitionsDeleted += partitions.remove.length;
    if (partitions.create.length > 0)
      world.log("INFO", `Created ${partitions.create.length} partitions of table ${name}`);
  }
  if (crawlsNewFoldersOnly(crawler) || place.table) return;
  const root = place.path.replace(/\/*$/, "/");
  for (const table of tables) {
    const location = `${table.StorageDescriptor?.Location ?? ""}`.replace(/\/*$/, "/");
    const isOwn = table.Parameters?.UPDATED_BY_CRAWLER === crawler.Name && location.startsWith(root);
    if (!isOwn || names.has(table.Name ?? "")) continue;
    await gone(table, database, policies, world, outcome);
  }
}

type KnownTable = Awaited<ReturnType<CatalogDatabase["tables"]>>[number];

async function gone(
  table: KnownTable,
  database: CatalogDatabase,
  policies: Policies,
  world: CrawlWorld,
  outcome: CrawlOutcome,
) {
  const { Name = "", Description, Owner, Retention, StorageDescriptor, PartitionKeys, TableType, Parameters } = table;
  if (policies.remove === "DELETE_FROM_DATABASE") {
    await database.deleteTable(Name);
    outcome.tablesDeleted.push(Name);
    world.log("INFO", `Deleted table ${Name}: its objects are gone`);
  } else if (policies.remove === "DEPRECATE_IN_DATABASE" && !Parameters?.DEPRECATED_BY_CRAWLER) {
    const marked = { ...Parameters, DEPRECATED_BY_CRAWLER: String(world.now().getTime()) };
    const kept = { Name, Description, Owner, Retention, StorageDescriptor, PartitionKeys, TableType };
    await database.updateTable({ ...kept, Parameters: marked }, false);
    outcome.tablesUpdated.push(Name);
    world.log("INFO", `Deprecated table ${Name}: its objects are gone`);
  } else world.log("INFO", `The objects of table ${Name} are gone; by the SchemaChangePolicy it is left as it is.`);
}

/** The rules of the crawler's custom classifiers, in their order. */
async function csvRules(crawler: StoredCrawler, glue: GlueClient): Promise<CsvRules[]> {
  const found = await Promise.all(
    (crawler.Classifiers ?? []).map(
      async (Name) => (await glue.send(new GetClassifierCommand({ Name }))).Classifier?.CsvClassifier,
    ),
  );
  return found.filter((classifier) => classifier !== undefined).map(rulesOf);
}

const rulesOf = (classifier: CsvClassifier): CsvRules => ({
  delimiter: classifier.Delimiter,
  quote: classifier.QuoteSymbol,
  header: classifier.ContainsHeader,
  names: classifier.Header,
  allowSingleColumn: classifier.AllowSingleColumn,
  serde: classifier.Serde === "OpenCSVSerDe" || classifier.Serde === "LazySimpleSerDe" ? classifier.Serde : undefined,
});
