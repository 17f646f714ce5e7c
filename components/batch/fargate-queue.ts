// FargateQueue: a Batch job queue on a Fargate compute environment of its own.
import { ComputeEnvironment, type ComputeEnvironmentArgs } from "@pulumi/aws/batch/computeEnvironment.js";
import { JobQueue, type JobQueueArgs } from "@pulumi/aws/batch/jobQueue.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import type { ServiceRole } from "../iam/role.js";

export interface FargateQueueArgs {
  /** Name of the job queue. */
  queueName: string;
  /** Name of the compute environment. */
  computeEnvironmentName: string;
  /** vCPUs that may run at once. */
  maxVcpus: number;
  /** `FARGATE_SPOT` is cheaper and may be taken back with two minutes' notice. @default "FARGATE" */
  capacity?: "FARGATE" | "FARGATE_SPOT";
  subnetIds: pulumi.Input<string[]>;
  securityGroupIds: pulumi.Input<string>[];
  /** The role that Batch acts with. It outlives the environment, which without it could not be deleted. */
  serviceRole: ServiceRole;
  transform?: { computeEnvironment?: Transform<ComputeEnvironmentArgs>; queue?: Transform<JobQueueArgs> };
}

export class FargateQueue extends pulumi.ComponentResource {
  readonly queueName: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;
  readonly nodes: { computeEnvironment: ComputeEnvironment; queue: JobQueue };

  constructor(name: string, args: FargateQueueArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:batch:FargateQueue", name, {}, options);
    const computeEnvironment = new ComputeEnvironment(
      ...transformed<ComputeEnvironmentArgs>(
        args.transform?.computeEnvironment,
        `${name}-compute`,
        {
          name: args.computeEnvironmentName,
          type: "MANAGED",
          state: "ENABLED",
          serviceRole: args.serviceRole.arn,
          computeResources: {
            type: args.capacity ?? "FARGATE",
            maxVcpus: args.maxVcpus,
            subnets: args.subnetIds,
            securityGroupIds: args.securityGroupIds,
          },
        },
        { parent: this, dependsOn: [args.serviceRole] },
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
