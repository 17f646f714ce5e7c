// QueryWorkgroup: an Athena workgroup that says itself where results go and how much a query may read, with saved queries.
import { NamedQuery } from "@pulumi/aws/athena/namedQuery.js";
import { Workgroup, type WorkgroupArgs } from "@pulumi/aws/athena/workgroup.js";
import * as pulumi from "@pulumi/pulumi";
import { type Removal, type Transform, transformed } from "../component.js";

/** A question that is asked often. */
export interface SavedQuery {
  /** What it is found by. */
  name: string;
  /** What it answers. */
  description: string;
  sql: string;
}

export interface QueryWorkgroupArgs {
  /** Name of the workgroup, up to 128 characters. */
  name: string;
  /** For whoever finds it in the account. */
  description: string;
  /** Where results go, whatever a client says. The prefix ends in a slash. */
  results: { bucket: pulumi.Input<string>; prefix: string };
  /** Bytes that a query may read before it is cancelled, at least 10 MB. @default no limit */
  bytesScannedCutoff?: number;
  /** Database of the saved queries. */
  database: pulumi.Input<string>;
  /** @default [] */
  queries?: readonly SavedQuery[];
  /** With `destroy` the workgroup goes with its history and whatever queries others have saved in it. */
  removal: Removal;
  transform?: { workgroup?: Transform<WorkgroupArgs> };
}

export class QueryWorkgroup extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { workgroup: Workgroup; queries: NamedQuery[] };

  constructor(name: string, args: QueryWorkgroupArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:athena:QueryWorkgroup", name, {}, options);
    const { bucket, prefix } = args.results;
    const workgroup = new Workgroup(
      ...transformed<WorkgroupArgs>(
        args.transform?.workgroup,
        name,
        {
          name: args.name,
          description: args.description,
          forceDestroy: args.removal === "destroy",
          configuration: {
            enforceWorkgroupConfiguration: true,
            publishCloudwatchMetricsEnabled: true,
            engineVersion: { selectedEngineVersion: "Athena engine version 3" },
            ...(args.bytesScannedCutoff !== undefined && { bytesScannedCutoffPerQuery: args.bytesScannedCutoff }),
            resultConfiguration: {
              outputLocation: pulumi.interpolate`s3://${bucket}/${prefix}`,
              encryptionConfiguration: { encryptionOption: "SSE_S3" },
            },
          },
        },
        { parent: this },
      ),
    );
    const queries = (args.queries ?? []).map(
      (query) =>
        new NamedQuery(
          `${name}-${query.name}`,
          {
            name: query.name,
            description: query.description,
            database: args.database,
            query: query.sql,
            workgroup: workgroup.name,
          },
          { parent: this },
        ),
    );
    this.nodes = { workgroup, queries };
    this.name = workgroup.name;
    this.arn = workgroup.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
