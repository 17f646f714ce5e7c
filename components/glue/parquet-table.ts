// ParquetTable: a table of Parquet files whose columns are known, so that it is there before the first file is.
import { CatalogTable, type CatalogTableArgs } from "@pulumi/aws/glue/catalogTable.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface ParquetTableArgs {
  /** Name of the table: lower case letters, digits, underscores. */
  name: string;
  /** What its rows are. */
  description: string;
  database: pulumi.Input<string>;
  /** Where its files are, in this folder and those below. The prefix ends in a slash. */
  location: { bucket: pulumi.Input<string>; prefix: string };
  /** Column → type of Hive, e.g. `string`, in order. */
  columns: Record<string, string>;
  transform?: { table?: Transform<CatalogTableArgs> };
}

export class ParquetTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly nodes: { table: CatalogTable };

  constructor(name: string, args: ParquetTableArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:glue:ParquetTable", name, {}, options);
    const table = new CatalogTable(
      ...transformed<CatalogTableArgs>(
        args.transform?.table,
        name,
        {
          name: args.name,
          databaseName: args.database,
          description: args.description,
          tableType: "EXTERNAL_TABLE",
          parameters: { EXTERNAL: "TRUE", classification: "parquet" },
          storageDescriptor: {
            location: pulumi.interpolate`s3://${args.location.bucket}/${args.location.prefix}`,
            inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serDeInfo: {
              serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
              parameters: { "serialization.format": "1" },
            },
            columns: Object.entries(args.columns).map(([column, type]) => ({ name: column, type })),
          },
        },
        { parent: this },
      ),
    );
    this.nodes = { table };
    this.name = table.name;
    this.registerOutputs({ name: this.name });
  }
}
