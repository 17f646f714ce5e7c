// Ec2Queue: a Batch job queue on EC2 instances of a compute environment of its own, which come with jobs and go with them.
import { ComputeEnvironment, type ComputeEnvironmentArgs } from "@pulumi/aws/batch/computeEnvironment.js";
import { JobQueue, type JobQueueArgs } from "@pulumi/aws/batch/jobQueue.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";

export interface Ec2QueueArgs {
  /** Name of the job queue. */
  queueName: string;
  /** Name of the compute environment. */
  computeEnvironmentName: string;
  /** Types that Batch may choose from, e.g. `["r7a.4xlarge", "r6a.4xlarge"]`; each has to hold a whole job. */
  instanceTypes: string[];
  /** vCPUs that may run at once. */
  maxVcpus: number;
  /** `SPOT` is cheaper and may be taken back with two minutes' notice. @default "EC2" */
  capacity?: "EC2" | "SPOT";
  subnetIds: pulumi.Input<string[]>;
  securityGroupIds: pulumi.Input<string>[];
  /** ARN of the instance profile that hosts act with; see `InstanceRole`. */
  instanceProfileArn: pulumi.Input<string>;
  transform?: { computeEnvironment?: Transform<ComputeEnvironmentArgs>; queue?: Transform<JobQueueArgs> };
}

/**
 * Batch acts with its service-linked role: only then, and with a strategy other than BEST_FIT, does AWS change an environment's
 * instance types or image in place ("Updating compute environments", AWS Batch User Guide).
 */
export class Ec2Queue extends pulumi.ComponentResource {
  readonly queueName: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;
  readonly nodes: { computeEnvironment: ComputeEnvironment; queue: JobQueue };

  constructor(name: string, args: Ec2QueueArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:batch:Ec2Queue", name, {}, options);
    const capacity = args.capacity ?? "EC2";
    const computeEnvironment = new ComputeEnvironment(
      ...transformed<ComputeEnvironmentArgs>(
        args.transform?.computeEnvironment,
        `${name}-compute`,
        {
          name: args.computeEnvironmentName,
          type: "MANAGED",
          state: "ENABLED",
          computeResources: {
            type: capacity,
            // Spot is worth having where it is least likely to be taken back.
            allocationStrategy: capacity === "SPOT" ? "SPOT_PRICE_CAPACITY_OPTIMIZED" : "BEST_FIT_PROGRESSIVE",
            minVcpus: 0,
            maxVcpus: args.maxVcpus,
            instanceTypes: args.instanceTypes,
            instanceRole: args.instanceProfileArn,
            subnets: args.subnetIds,
            securityGroupIds: args.securityGroupIds,
            // The image that has the EFS mount helper, without which transit encryption cannot be had.
            ec2Configurations: [{ imageType: "ECS_AL2023" }],
          },
        },
        { parent: this },
      ),
    );
    const queue = new JobQueue(
      ...transformed<JobQueueArgs>(
        args.transform?.queue,
        name,
        {
          name: args.queueName,
          state: "ENABLED",
          priority: 1,
          computeEnvironmentOrders: [{ order: 1, computeEnvironment: computeEnvironment.arn }],
        },
        { parent: this },
      ),
    );
    this.nodes = { computeEnvironment, queue };
    this.queueName = queue.name;
    this.queueArn = queue.arn;
    this.registerOutputs({ queueName: this.queueName, queueArn: this.queueArn });
  }
}
