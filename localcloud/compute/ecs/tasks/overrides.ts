// The overrides of RunTask laid over a task definition (TaskOverride, Amazon ECS API Reference).
import type { ContainerOverride, KeyValuePair, TaskOverride } from "@aws-sdk/client-ecs";
import { checkFargateSize, cpuUnits, memoryMiB } from "../definitions/size.js";
import { clientException, invalidParameter } from "../errors.js";
import type { ContainerSpecification, DefinitionContent } from "../model.js";

/** What a task really runs. */
export interface Overridden {
  readonly containers: ContainerSpecification[];
  readonly cpu?: string;
  readonly memory?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
}

/**
 * @throws InvalidParameterException for a container that the definition does not have, ClientException for a size that Fargate
 *   does not offer or a container's memory beyond the task's
 */
export function override(content: DefinitionContent, overrides: TaskOverride): Overridden {
  const byName = new Map<string, ContainerOverride>();
  for (const each of overrides.containerOverrides ?? []) {
    if (!each.name) throw invalidParameter("Container override name must be specified.");
    if (!content.containerDefinitions.some(({ name }) => name === each.name))
      throw invalidParameter(`Override for container named ${each.name} is not a container in the TaskDefinition.`);
    byName.set(each.name, each);
  }
  const cpu = overrides.cpu === undefined ? content.cpu : String(cpuUnits(overrides.cpu));
  const memory = overrides.memory === undefined ? content.memory : String(memoryMiB(overrides.memory));
  if ((overrides.cpu ?? overrides.memory) !== undefined) checkFargateSize(Number(cpu), Number(memory));
  const containers = content.containerDefinitions.map((definition) =>
    laidOver(definition, byName.get(definition.name)),
  );
  for (const { name, memory: own = 0 } of containers)
    if (memory !== undefined && own > Number(memory))
      throw clientException(
        `Invalid setting for container '${name}'. The memory of a container must not be greater than the memory of the task.`,
      );
  return {
    containers,
    cpu,
    memory,
    taskRoleArn: overrides.taskRoleArn ?? content.taskRoleArn,
    executionRoleArn: overrides.executionRoleArn ?? content.executionRoleArn,
  };
}

function laidOver(definition: ContainerSpecification, overrides: ContainerOverride = {}): ContainerSpecification {
  const { command, environment, environmentFiles, cpu, memory, memoryReservation } = overrides;
  return {
    ...definition,
    command: command ?? definition.command,
    environment: merged(definition.environment, environment),
    environmentFiles: [...(definition.environmentFiles ?? []), ...(environmentFiles ?? [])],
    cpu: cpu ?? definition.cpu,
    memory: memory ?? definition.memory,
    memoryReservation: memoryReservation ?? definition.memoryReservation,
  };
}

function merged(base: readonly KeyValuePair[] = [], more: readonly KeyValuePair[] = []): KeyValuePair[] {
  return [...base.filter(({ name }) => !more.some((each) => each.name === name)), ...more];
}
