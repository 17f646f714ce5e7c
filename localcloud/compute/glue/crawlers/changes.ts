// What a crawl changes in the catalog, by the crawler's policies. Pure.
import type { PartitionInput, Table, TableInput } from "@aws-sdk/client-glue";
import type { StoredCrawler } from "../model.js";
import { describePartition, describeTable, STATISTICS } from "./describe.js";
import type { TableFound } from "./grouping.js";
import type { Column } from "./schema.js";

export interface Policies {
  update: "UPDATE_IN_DATABASE" | "LOG";
  remove: "DELETE_FROM_DATABASE" | "DEPRECATE_IN_DATABASE" | "LOG";
  /** Columns that are no longer found stay. */
  mergeNewColumns: boolean;
  /** Partitions take over the table's columns. */
  inheritFromTable: boolean;
}

interface Configuration {
  CrawlerOutput?: {
    Tables?: { AddOrUpdateBehavior?: string };
    Partitions?: { AddOrUpdateBehavior?: string };
  };
}

/** The crawler's policies: "Setting crawler configuration options". */
export function policiesOf(crawler: Pick<StoredCrawler, "SchemaChangePolicy" | "Configuration">): Policies {
  const configuration = JSON.parse(crawler.Configuration || "{}") as Configuration;
  const output = configuration.CrawlerOutput;
  return {
    update: crawler.SchemaChangePolicy?.UpdateBehavior ?? "UPDATE_IN_DATABASE",
    remove: crawler.SchemaChangePolicy?.DeleteBehavior ?? "DEPRECATE_IN_DATABASE",
    mergeNewColumns: output?.Tables?.AddOrUpdateBehavior === "MergeNewColumns",
    inheritFromTable: output?.Partitions?.AddOrUpdateBehavior === "InheritFromTable",
  };
}

const columnsOf = (table: Pick<TableInput, "StorageDescriptor">): Column[] =>
  (table.StorageDescriptor?.Columns ?? []).map(({ Name = "", Type = "string" }) => ({ name: Name, type: Type }));

/** What makes a table another one: everything but how much is in it. */
function identity({ StorageDescriptor, PartitionKeys, Parameters }: Partial<TableInput>): string {
  const plain = (parameters: Record<string, string> = {}) =>
    Object.entries(parameters)
      .filter(([name]) => !STATISTICS.includes(name) && name !== "DEPRECATED_BY_CRAWLER")
      .sort();
  return JSON.stringify([
    (StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => [Name, Type]),
    StorageDescriptor?.Location,
    StorageDescriptor?.InputFormat,
    StorageDescriptor?.SerdeInfo?.SerializationLibrary,
    plain(StorageDescriptor?.SerdeInfo?.Parameters),
    (PartitionKeys ?? []).map(({ Name, Type }) => [Name, Type]),
    plain(Parameters),
  ]);
}

/** What happens to one table. `none` goes with a reason when the policy kept it as it is. */
export type TableChange =
  | { kind: "create"; input: TableInput }
  | { kind: "update"; input: TableInput; onlyStatistics: boolean }
  | { kind: "none"; reason?: string };

/**
 * @param name the table's, prefix included
 * @param before the table as the catalog has it
 */
export function tableChange(
  crawler: string,
  name: string,
  found: TableFound,
  before: Table | undefined,
  policies: Policies,
): TableChange {
  const input = describeTable(crawler, name, found);
  if (!before) return { kind: "create", input };
  if (policies.mergeNewColumns) {
    const known = columnsOf(before);
    const added = found.columns.filter((column) => !known.some(({ name: each }) => each === column.name));
    const Columns = [...known, ...added].map((column) => ({ Name: column.name, Type: column.type }));
    input.StorageDescriptor = { ...input.StorageDescriptor, Columns };
  }
  // What others have set on the table stays.
  input.Parameters = { ...before.Parameters, ...input.Parameters };
  delete input.Parameters.DEPRECATED_BY_CRAWLER;
  if (before.Description) input.Description = before.Description;
  const isSame = identity(before as Partial<TableInput>) === identity(input);
  if (isSame && JSON.stringify(sorted(before.Parameters)) === JSON.stringify(sorted(input.Parameters)))
    return { kind: "none" };
  if (!isSame && policies.update === "LOG")
    return {
      kind: "none",
      reason: `The schema of table ${name} has changed; by the SchemaChangePolicy it is left as it is.`,
    };
  return { kind: "update", input, onlyStatistics: isSame };
}

const sorted = (parameters: Record<string, string> = {}) => Object.entries(parameters).sort();

export interface PartitionChanges {
  create: PartitionInput[];
  update: PartitionInput[];
  /** Values of those that are gone. */
  remove: string[][];
}

/**
 * @param columns the table's columns, as they are after its own change
 * @param before partitions as the catalog has them
 * @param isPartial whether only a part of the table was looked at, so that nothing is known to be gone
 */
export function partitionChanges(
  crawler: string,
  found: TableFound,
  columns: readonly Column[],
  before: readonly PartitionInput[],
  policies: Policies,
  isPartial: boolean,
): PartitionChanges {
  const known = new Map(before.map((partition) => [JSON.stringify(partition.Values), partition]));
  const changes: PartitionChanges = { create: [], update: [], remove: [] };
  for (const partition of found.partitions) {
    const key = JSON.stringify(partition.values);
    const input = describePartition(crawler, partition, policies.inheritFromTable ? columns : undefined);
    const had = known.get(key);
    known.delete(key);
    if (!had) changes.create.push(input);
    else if (policies.update !== "LOG" && identity(had) !== identity(input)) changes.update.push(input);
  }
  if (!isPartial && policies.remove === "DELETE_FROM_DATABASE")
    changes.remove = [...known.values()].map(({ Values = [] }) => Values);
  return changes;
}
