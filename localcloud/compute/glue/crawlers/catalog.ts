// The crawler's calls to the Data Catalog, made as its role.
import { createHash } from "node:crypto";
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchUpdatePartitionCommand,
  CreateTableCommand,
  DeleteTableCommand,
  type GlueClient,
  type Partition,
  type PartitionInput,
  paginateGetPartitions,
  paginateGetTables,
  type Table,
  type TableInput,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import type { PartitionChanges } from "./changes.js";

/** Most partitions of one batch call. */
const BATCH = 100;

const inBatches = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

/** One database of the catalog. Rejects with Glue's errors, AccessDeniedException among them. */
export class CatalogDatabase {
  constructor(
    private readonly client: GlueClient,
    private readonly name: string,
  ) {}

  async tables(): Promise<Table[]> {
    const found: Table[] = [];
    for await (const { TableList = [] } of paginateGetTables({ client: this.client }, { DatabaseName: this.name }))
      found.push(...TableList);
    return found;
  }

  async partitions(table: string): Promise<Partition[]> {
    const found: Partition[] = [];
    const request = { DatabaseName: this.name, TableName: table };
    for await (const { Partitions = [] } of paginateGetPartitions({ client: this.client }, request))
      found.push(...Partitions);
    return found;
  }

  async createTable(TableInput: TableInput): Promise<void> {
    await this.client.send(new CreateTableCommand({ DatabaseName: this.name, TableInput }));
  }

  /** @param SkipArchive whether the table keeps its version */
  async updateTable(TableInput: TableInput, SkipArchive: boolean): Promise<void> {
    await this.client.send(new UpdateTableCommand({ DatabaseName: this.name, TableInput, SkipArchive }));
  }

  async deleteTable(Name: string): Promise<void> {
    await this.client.send(new DeleteTableCommand({ DatabaseName: this.name, Name }));
  }

  async changePartitions(TableName: string, changes: PartitionChanges): Promise<void> {
    const of = { DatabaseName: this.name, TableName };
    for (const PartitionInputList of inBatches(changes.create))
      refused(await this.client.send(new BatchCreatePartitionCommand({ ...of, PartitionInputList })));
    for (const some of inBatches(changes.update)) {
      const Entries = some.map((input: PartitionInput) => ({
        PartitionValueList: input.Values,
        PartitionInput: input,
      }));
      refused(await this.client.send(new BatchUpdatePartitionCommand({ ...of, Entries })));
    }
    for (const some of inBatches(changes.remove)) {
      const PartitionsToDelete = some.map((Values) => ({ Values }));
      refused(await this.client.send(new BatchDeletePartitionCommand({ ...of, PartitionsToDelete })));
    }
  }
}

function refused({
  Errors = [],
}: {
  Errors?: { ErrorDetail?: { ErrorCode?: string; ErrorMessage?: string } }[];
}): void {
  const [first] = Errors;
  if (first) throw new Error(`${first.ErrorDetail?.ErrorCode}: ${first.ErrorDetail?.ErrorMessage}`);
}

/**
 * The name of a table found: its own with the prefix; where another place has that already, with a digest of the place.
 *
 * @param tables of the database
 */
export function nameOf(found: { name: string; location: string }, prefix: string, tables: readonly Table[]): string {
  const plain = `${prefix}${found.name}`.toLowerCase();
  const marked = `${plain}_${createHash("md5").update(found.location).digest("hex")}`;
  const isAt = (table: Table | undefined) => trimmed(table?.StorageDescriptor?.Location) === trimmed(found.location);
  const same = tables.find(({ Name }) => Name === plain);
  return same === undefined || isAt(same) ? plain : marked;
}

const trimmed = (location = ""): string => location.replace(/\/+$/, "");
