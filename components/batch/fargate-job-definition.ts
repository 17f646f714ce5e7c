// FargateJobDefinition: how one kind of job runs on Fargate.
import { JobDefinition, type JobDefinitionArgs } from "@pulumi/aws/batch/jobDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { sorted } from "./container.js";
import { checkFargateSize, type FargateSize } from "./fargate-size.js";
import { HOST_FAILURES } from "./retry.js";

export interface FargateJobDefinitionArgs {
  /** Name of the job definition; every change makes a new revision of it. */
  name: string;
  /** `<repository>:<tag>`. */
  image: pulumi.Input<string>;
  /** A pair that Fargate has, e.g. `{ vcpus: 2, memoryMiB: 8192 }`. */
  size: FargateSize;
  /** What the container runs unless a submission says otherwise. */
  command: string[];
  /** Environment of the container. */
  environment: Record<string, pulumi.Input<string>>;
  /** Environment variable → ARN of a secret (Secrets Manager) or parameter, read by the execution role. @default {} */
  secrets?: Record<string, pulumi.Input<string>>;
  /** The role that the job itself acts with. */
  jobRoleArn: pulumi.Input<string>;
  /** The role that pulls the image, reads the secrets and writes the log. */
  executionRoleArn: pulumi.Input<string>;
  /** How long one attempt may take, seconds; at least 60. */
  timeoutSeconds: number;
  /** How often a job is tried when the host, not the job, failed; 1 to 10. @default 3 */
  attempts?: number;
  transform?: { jobDefinition?: Transform<JobDefinitionArgs> };
}

export class FargateJobDefinition extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  /** With the revision: what a state machine or a schedule submits, so that it never runs another revision than it was tested with. */
  readonly arn: pulumi.Output<string>;
  /** Without the revision. */
  readonly arnPrefix: pulumi.Output<string>;
  readonly nodes: { jobDefinition: JobDefinition };

  /** @throws when Fargate has no such size. */
  constructor(name: string, args: FargateJobDefinitionArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:batch:FargateJobDefinition", name, {}, options);
    checkFargateSize(args.name, args.size);
    const jobDefinition = new JobDefinition(
      ...transformed<JobDefinitionArgs>(
        args.transform?.jobDefinition,
        name,
        {
          name: args.name,
          type: "container",
          platformCapabilities: ["FARGATE"],
          propagateTags: true,
          containerProperties: pulumi.jsonStringify(containerProperties(args)),
          timeout: { attemptDurationSeconds: args.timeoutSeconds },
          retryStrategy: {
            attempts: args.attempts ?? 3,
            evaluateOnExits: [...HOST_FAILURES],
          },
        },
        { parent: this },
      ),
    );
    this.nodes = { jobDefinition };
    this.name = jobDefinition.name;
    this.arn = jobDefinition.arn;
    this.arnPrefix = jobDefinition.arnPrefix;
    this.registerOutputs({ name: this.name, arn: this.arn, arnPrefix: this.arnPrefix });
  }
}

/** The container as Batch reads it (`ContainerProperties`, AWS Batch API Reference), in a fixed order. */
function containerProperties(args: FargateJobDefinitionArgs) {
  return {
    image: args.image,
    command: args.command,
    jobRoleArn: args.jobRoleArn,
    executionRoleArn: args.executionRoleArn,
    resourceRequirements: [
      { type: "VCPU", value: String(args.size.vcpus) },
      { type: "MEMORY", value: String(args.size.memoryMiB) },
    ],
    environment: sorted(args.environment).map(([name, value]) => ({ name, value })),
    secrets: sorted(args.secrets ?? {}).map(([name, valueFrom]) => ({ name, valueFrom })),
    networkConfiguration: { assignPublicIp: "DISABLED" },
    fargatePlatformConfiguration: { platformVersion: "LATEST" },
  };
}
