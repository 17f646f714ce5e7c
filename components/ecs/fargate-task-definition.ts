// FargateTaskDefinition: how one kind of task, of one container, runs on Fargate.
import { TaskDefinition, type TaskDefinitionArgs } from "@pulumi/aws/ecs/taskDefinition.js";
import * as pulumi from "@pulumi/pulumi";
import { sorted } from "../batch/container.js";
import { checkFargateSize, type FargateSize } from "../batch/fargate-size.js";
import { type Transform, transformed } from "../component.js";

export interface FargateTaskDefinitionArgs {
  /** Family of the task definition; every change makes a new revision of it. */
  family: string;
  /** Name of the container. */
  containerName: string;
  /** `<repository>:<tag>`. */
  image: pulumi.Input<string>;
  /** Of the whole task: a pair that Fargate has, e.g. `{ vcpus: 0.25, memoryMiB: 512 }`. */
  size: FargateSize;
  /**
   * Memory of the container, MiB, beyond which it is killed; at least 6, at most the task's ("Task definition parameters", Amazon ECS
   * Developer Guide).
   *
   * @default all of the task's
   */
  memoryLimitMiB?: number;
  /** What the container runs. @default what its image says */
  command?: string[];
  /** Environment of the container. */
  environment: Record<string, pulumi.Input<string>>;
  /** Environment variable → ARN of a secret (Secrets Manager) or parameter, read by the execution role. @default {} */
  secrets?: Record<string, pulumi.Input<string>>;
  /** Where the container's lines go, as `<streamPrefix>/<container>/<task id>`. */
  log: { group: pulumi.Input<string>; region: string; streamPrefix: string };
  /** The role that the container itself acts with. */
  taskRoleArn: pulumi.Input<string>;
  /** The role that pulls the image, reads the secrets and writes the log. */
  executionRoleArn: pulumi.Input<string>;
  transform?: { taskDefinition?: Transform<TaskDefinitionArgs> };
}

const LEAST_MEMORY_MIB = 6;

export class FargateTaskDefinition extends pulumi.ComponentResource {
  /** With the revision. */
  readonly arn: pulumi.Output<string>;
  /** Without the revision. */
  readonly arnPrefix: pulumi.Output<string>;
  readonly nodes: { taskDefinition: TaskDefinition };

  /** @throws when Fargate has no such size, or the container is given more memory than the task. */
  constructor(name: string, args: FargateTaskDefinitionArgs, options?: pulumi.ComponentResourceOptions) {
    super("crucible:ecs:FargateTaskDefinition", name, {}, options);
    checkFargateSize(args.family, args.size);
    checkMemoryLimit(args);
    const taskDefinition = new TaskDefinition(
      ...transformed<TaskDefinitionArgs>(
        args.transform?.taskDefinition,
        name,
        {
          family: args.family,
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: String(args.size.vcpus * 1024),
          memory: String(args.size.memoryMiB),
          runtimePlatform: { operatingSystemFamily: "LINUX", cpuArchitecture: "X86_64" },
          taskRoleArn: args.taskRoleArn,
          executionRoleArn: args.executionRoleArn,
          containerDefinitions: pulumi.jsonStringify([containerDefinition(args)]),
        },
        { parent: this },
      ),
    );
    this.nodes = { taskDefinition };
    this.arn = taskDefinition.arn;
    this.arnPrefix = taskDefinition.arnWithoutRevision;
    this.registerOutputs({ arn: this.arn, arnPrefix: this.arnPrefix });
  }
}

function checkMemoryLimit({ family, memoryLimitMiB, size }: FargateTaskDefinitionArgs): void {
  if (memoryLimitMiB === undefined) return;
  if (memoryLimitMiB < LEAST_MEMORY_MIB || memoryLimitMiB > size.memoryMiB)
    throw new Error(
      `${family}: the container cannot have ${memoryLimitMiB} MiB; it takes ${LEAST_MEMORY_MIB} to ${size.memoryMiB}, the task's memory`,
    );
}

/** The container as ECS reads it (`ContainerDefinition`, Amazon ECS API Reference), in a fixed order. */
function containerDefinition(args: FargateTaskDefinitionArgs) {
  const { log, secrets = {} } = args;
  return {
    name: args.containerName,
    image: args.image,
    essential: true,
    ...(args.command && { command: args.command }),
    ...(args.memoryLimitMiB !== undefined && { memory: args.memoryLimitMiB }),
    environment: sorted(args.environment).map(([name, value]) => ({ name, value })),
    ...(Object.keys(secrets).length > 0 && {
      secrets: sorted(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
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
