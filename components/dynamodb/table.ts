// OnDemandTable: a DynamoDB table that is paid by the request, with text keys.
import { Table, type TableArgs } from "@pulumi/aws/dynamodb/table.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, removalOptions, type Transform, transformed } from "../component.js";

export interface OnDemandTableArgs {
  /** Name of the table, 3 to 255 characters of `a-zA-Z0-9_.-`. */
  name: string;
  /** Name of the partition key, of type String. */
  partitionKey: string;
  /** Name of the sort key, of type String. @default none */
  sortKey?: string;
  /** Whether the table can be restored to any second of the last 35 days. @default false */
  pointInTimeRecovery?: boolean;
  /** What becomes of table and items when the stack goes; `retain` also turns DynamoDB's deletion protection on. */
  removal: Removal;
  transform?: { table?: Transform<TableArgs> };
}

export class OnDemandTable extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { table: Table };

  constructor(name: string, args: OnDemandTableArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:dynamodb:OnDemandTable", name, {}, options);
    const keys = [args.partitionKey, ...(args.sortKey === undefined ? [] : [args.sortKey])];
    const table = new Table(
      ...transformed<TableArgs>(
        args.transform?.table,
        name,
        {
          name: args.name,
          billingMode: "PAY_PER_REQUEST",
          hashKey: args.partitionKey,
          ...(args.sortKey !== undefined && { rangeKey: args.sortKey }),
          attributes: keys.map((key) => ({ name: key, type: "S" })),
          pointInTimeRecovery: { enabled: args.pointInTimeRecovery ?? false },
          deletionProtectionEnabled: args.removal === "retain",
        },
        { parent: this, ...removalOptions(args.removal) },
      ),
    );
    this.nodes = { table };
    this.name = table.name;
    this.arn = table.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
