// Ec2JobDefinition: how one kind of job runs on EC2 instances, with a shared file system mounted.
import { JobDefinition, type JobDefinitionArgs } from "@pulumi/aws/batch/jobDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "../component.js";
import { sorted } from "./container.js";
import { HOST_FAILURES } from "./retry.js";

export interface Ec2JobDefinitionArgs {
  /** Name of the job definition; every change makes a new revision of it. */
  name: string;
  /** `<repository>:<tag>`. */
  image: pulumi.Input<string>;
  /** Whole vCPUs, at least 1. What the container is promised; it may use more of an instance that has nothing else to do. */
  vcpus: number;
  /** Hard limit; a container that exceeds it is killed. At least 4. */
  memoryMiB: number;
  /** What the container runs unless a submission says otherwise. @default what the image says */
  command?: string[];
  /** Environment of the container. */
  environment: Record<string, pulumi.Input<string>>;
  /** Environment variable → ARN of a secret (Secrets Manager) or parameter, read by the execution role. @default {} */
  secrets?: Record<string, pulumi.Input<string>>;
  /** The role that the job itself acts with. It mounts the file system, too. */
  jobRoleArn: pulumi.Input<string>;
  /** The role that pulls the image, reads the secrets and writes the log. */
  executionRoleArn: pulumi.Input<string>;
  /** An EFS file system that the container sees. @default none */
  fileSystem?: { id: pulumi.Input<string>; accessPointId: pulumi.Input<string>; mountPath: string };
  /** Where the log goes: the group has to be there. */
  log: { group: pulumi.Input<string>; region: string; streamPrefix: string };
  /** How long one attempt may take, seconds; at least 60. */
  timeoutSeconds: number;
  /** How often a job is tried when the host, not the job, failed; 1 to 10. @default 3 */
  attempts?: number;
  /** Leave older revisions to the state machines that still name them. @default false */
  keepRevisions?: boolean;
  transform?: { jobDefinition?: Transform<JobDefinitionArgs> };
}

const VOLUME = "shared";

export class Ec2JobDefinition extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  /** With the revision: what a state machine submits, so that it never runs another revision than it was tested with. */
  readonly arn: pulumi.Output<string>;
  /** Without the revision. */
  readonly arnPrefix: pulumi.Output<string>;
  readonly nodes: { jobDefinition: JobDefinition };

  constructor(name: string, args: Ec2JobDefinitionArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:batch:Ec2JobDefinition", name, {}, options);
    const jobDefinition = new JobDefinition(
      ...transformed<JobDefinitionArgs>(
        args.transform?.jobDefinition,
        name,
        {
          name: args.name,
          type: "container",
          platformCapabilities: ["EC2"],
          propagateTags: true,
          containerProperties: pulumi.jsonStringify(containerProperties(args)),
          timeout: { attemptDurationSeconds: args.timeoutSeconds },
          retryStrategy: { attempts: args.attempts ?? 3, evaluateOnExits: [...HOST_FAILURES] },
          deregisterOnNewRevision: !args.keepRevisions,
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
function containerProperties({ fileSystem, log, ...args }: Ec2JobDefinitionArgs) {
  return {
    image: args.image,
    command: args.command ?? [],
    jobRoleArn: args.jobRoleArn,
    executionRoleArn: args.executionRoleArn,
    resourceRequirements: [
      { type: "VCPU", value: String(args.vcpus) },
      { type: "MEMORY", value: String(args.memoryMiB) },
    ],
    environment: sorted(args.environment).map(([name, value]) => ({ name, value })),
    secrets: sorted(args.secrets ?? {}).map(([name, valueFrom]) => ({ name, valueFrom })),
    ...(fileSystem && {
      volumes: [
        {
          name: VOLUME,
          efsVolumeConfiguration: {
            fileSystemId: fileSystem.id,
            // An access point and IAM both need transit encryption, and the access point's root directory in place of one's own.
            transitEncryption: "ENABLED",
            authorizationConfig: { accessPointId: fileSystem.accessPointId, iam: "ENABLED" },
          },
        },
      ],
      mountPoints: [{ sourceVolume: VOLUME, containerPath: fileSystem.mountPath, readOnly: false }],
    }),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": log.group,
        "awslogs-region": log.region,
        "awslogs-stream-prefix": log.streamPrefix,
      },
    },
  };
}
