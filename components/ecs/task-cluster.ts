// TaskCluster: an ECS cluster for tasks on Fargate.
import { Cluster, type ClusterArgs } from "@pulumi/aws/ecs/cluster.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface TaskClusterArgs {
  /** Name of the cluster, up to 255 characters. */
  name: string;
  /** Metrics of each task and container, which are paid for (Container Insights). @default false */
  containerInsights?: boolean;
  transform?: { cluster?: Transform<ClusterArgs> };
}

export class TaskCluster extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly nodes: { cluster: Cluster };

  constructor(name: string, args: TaskClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:ecs:TaskCluster", name, {}, options);
    const cluster = new Cluster(
      ...transformed<ClusterArgs>(
        args.transform?.cluster,
        name,
        {
          name: args.name,
          settings: [{ name: "containerInsights", value: args.containerInsights ? "enabled" : "disabled" }],
        },
        { parent: this },
      ),
    );
    this.nodes = { cluster };
    this.name = cluster.name;
    this.arn = cluster.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
