// Tables and partitions in the catalog's shape, with the parameters by which Athena and jobs read them.
import type { PartitionInput, StorageDescriptor, TableInput } from "@aws-sdk/client-glue";
import type { CrawledFile, PartitionFound, TableFound } from "./grouping.js";
import type { Column, FileSchema } from "./schema.js";

const TEXT = {
  InputFormat: "org.apache.hadoop.mapred.TextInputFormat",
  OutputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
};
const PARQUET = {
  InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
  OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
};

/** Input and output classes and SerDe of what was found. */
function classesOf(schema: FileSchema): Pick<StorageDescriptor, "InputFormat" | "OutputFormat" | "SerdeInfo"> {
  if (schema.classification === "parquet")
    return {
      ...PARQUET,
      SerdeInfo: {
        SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        Parameters: { "serialization.format": "1" },
      },
    };
  if (schema.classification === "json")
    return {
      ...TEXT,
      SerdeInfo: {
        SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
        Parameters: { paths: [...(schema.paths ?? [])].sort().join(",") },
      },
    };
  const delimiter = schema.csv?.delimiter ?? ",";
  if (schema.csv?.serde === "OpenCSVSerDe")
    return {
      ...TEXT,
      SerdeInfo: {
        SerializationLibrary: "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        Parameters: { separatorChar: delimiter, quoteChar: schema.csv.quote ?? '"', escapeChar: "\\" },
      },
    };
  return {
    ...TEXT,
    SerdeInfo: {
      SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
      Parameters: schema.classification === "csv" ? { "field.delim": delimiter } : {},
    },
  };
}

/** Sizes of files, as crawlers note them. */
function statistics(files: readonly CrawledFile[]): Record<string, string> {
  const bytes = files.reduce((sum, { object }) => sum + object.bytes, 0);
  const records = files.reduce((sum, { schema }) => sum + schema.records, 0);
  return {
    sizeKey: String(bytes),
    objectCount: String(files.length),
    recordCount: String(records),
    averageRecordSize: String(records === 0 ? 0 : Math.max(1, Math.round(bytes / records))),
  };
}

/** Names of the parameters that say how much there is, not what. */
export const STATISTICS: readonly string[] = ["sizeKey", "objectCount", "recordCount", "averageRecordSize"];

function parametersOf(crawler: string, files: readonly CrawledFile[]): Record<string, string> {
  const schema = files[0]?.schema;
  const { csv } = schema ?? {};
  return {
    CrawlerSchemaDeserializerVersion: "1.0",
    CrawlerSchemaSerializerVersion: "1.0",
    UPDATED_BY_CRAWLER: crawler,
    ...statistics(files),
    classification: schema?.classification ?? "UNKNOWN",
    compressionType: schema?.compression ?? "none",
    typeOfData: "file",
    ...(csv && {
      delimiter: csv.delimiter,
      columnsOrdered: "true",
      areColumnsQuoted: String(csv.isQuoted),
      ...(csv.hasHeader && { "skip.header.line.count": "1" }),
    }),
  };
}

const columnsOf = (columns: readonly Column[]) => columns.map(({ name, type }) => ({ Name: name, Type: type }));

function storage(
  crawler: string,
  location: string,
  columns: readonly Column[],
  files: readonly CrawledFile[],
): StorageDescriptor {
  const schemas = files.map(({ schema }) => schema);
  const [first] = schemas;
  const paths = [...new Set(schemas.flatMap((schema) => schema.paths ?? []))];
  const schema: FileSchema = first
    ? { ...first, paths }
    : { classification: "UNKNOWN", columns: [], compression: "none", records: 0 };
  return {
    Columns: columnsOf(columns),
    Location: location,
    ...classesOf(schema),
    Compressed: schema.compression !== "none",
    NumberOfBuckets: -1,
    BucketColumns: [],
    SortColumns: [],
    Parameters: parametersOf(crawler, files),
    StoredAsSubDirectories: false,
  };
}

/** A table as it is created. Keys of partitions are text, as crawlers make them. */
export function describeTable(crawler: string, name: string, found: TableFound): TableInput {
  const descriptor = storage(crawler, found.location, found.columns, found.files);
  return {
    Name: name,
    Owner: "owner",
    Retention: 0,
    TableType: "EXTERNAL_TABLE",
    StorageDescriptor: descriptor,
    PartitionKeys: found.keys.map((key) => ({ Name: key, Type: "string" })),
    Parameters: { ...descriptor.Parameters, ...(found.keys.length > 0 && { "partition_filtering.enabled": "true" }) },
  };
}

/** @param inherited the table's columns, where partitions take them over instead of having their own */
export function describePartition(
  crawler: string,
  found: PartitionFound,
  inherited?: readonly Column[],
): PartitionInput {
  const descriptor = storage(crawler, found.location, inherited ?? found.columns, found.files);
  return { Values: found.values, StorageDescriptor: descriptor, Parameters: descriptor.Parameters };
}
