// What RegisterTaskDefinition asks of container definitions, and what it fills in (ContainerDefinition, Amazon ECS API Reference).
import type { ContainerDependency, HealthCheck, Volume } from "@aws-sdk/client-ecs";
import { clientException, type EcsError, notSupported } from "../errors.js";
import type { ContainerSpecification } from "../model.js";
import type { RegisterTaskDefinition } from "../requests.js";

type Requested = NonNullable<RegisterTaskDefinition["containerDefinitions"]>[number];

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
/** MiB; below it Docker starts nothing. */
const LEAST_MEMORY = 6;
/** Seconds that Fargate leaves at most between SIGTERM and SIGKILL, and for a dependency to be met. */
const LONGEST_FARGATE_TIMEOUT = 120;
const CONDITIONS = ["START", "COMPLETE", "SUCCESS", "HEALTHY"];

export interface Surroundings {
  readonly isFargate: boolean;
  readonly volumes: readonly Volume[];
  readonly executionRoleArn?: string;
  /** MiB of the task; absent where the containers have limits of their own. */
  readonly taskMemory?: number;
}

/**
 * The container definitions as they are kept.
 *
 * @throws ClientException naming the container and the setting
 */
export function containersOf(
  requested: readonly Requested[] | undefined,
  task: Surroundings,
): ContainerSpecification[] {
  if (!requested?.length) throw clientException("Container list cannot be empty.");
  const containers = requested.map(withDefaults);
  const names = new Set<string>();
  for (const container of containers) {
    if (names.has(container.name))
      throw clientException(
        `Container names must be unique within a task definition: ${container.name} is used twice.`,
      );
    names.add(container.name);
    check(container, task);
  }
  if (!containers.some(({ essential }) => essential))
    throw clientException("At least one container in the task definition must be marked as essential.");
  checkMemory(containers, task);
  checkDependencies(containers);
  return containers;
}

function withDefaults(container: Requested): ContainerSpecification {
  if (!container.name) throw clientException("Container.name should not be null or empty.");
  if (!NAME.test(container.name)) throw clientException("Container.name contains invalid characters.");
  if (!container.image) throw clientException("Container.image should not be null or empty.");
  const { healthCheck } = container;
  return {
    ...(container as Partial<ContainerSpecification>),
    name: container.name,
    image: container.image,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: (container.environment ?? []).map(({ name = "", value = "" }) => ({ name, value })),
    mountPoints: container.mountPoints ?? [],
    portMappings: (container.portMappings ?? []).map((mapping) => ({ protocol: "tcp", ...mapping })),
    volumesFrom: container.volumesFrom ?? [],
    systemControls: (container.systemControls as ContainerSpecification["systemControls"]) ?? [],
    ...(healthCheck && { healthCheck: { interval: 30, timeout: 5, retries: 3, ...healthCheck } }),
  } as ContainerSpecification;
}

function check(container: ContainerSpecification, task: Surroundings): void {
  const problem =
    invalidSecrets(container, task) ??
    invalidMounts(container, task.volumes) ??
    (container.healthCheck && invalidHealthCheck(container.name, container.healthCheck)) ??
    (task.isFargate ? invalidOnFargate(container, task) : undefined) ??
    unsupported(container);
  if (problem) throw problem;
}

function unsupported({ name, environmentFiles, logConfiguration, firelensConfiguration }: ContainerSpecification) {
  if (environmentFiles?.some(({ type }) => type !== "s3"))
    return clientException(`Container ${name}: the type of an environment file must be s3.`);
  if (firelensConfiguration) return notSupported("firelensConfiguration", "use the log driver awslogs");
  if (logConfiguration && !["awslogs", "json-file", "none"].includes(logConfiguration.logDriver ?? ""))
    return notSupported(`The log driver ${logConfiguration.logDriver}`, "use awslogs");
  return undefined;
}

function invalidSecrets({ name, secrets = [], environment = [] }: ContainerSpecification, task: Surroundings) {
  if (secrets.length === 0) return undefined;
  if (!task.executionRoleArn)
    return clientException(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  const names = [...secrets, ...environment].map((variable) => variable.name ?? "");
  const twice = names.find((each, at) => names.indexOf(each) !== at && secrets.some((secret) => secret.name === each));
  if (twice !== undefined)
    return clientException(
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${twice}'.`,
    );
  const without = secrets.find(({ valueFrom }) => !valueFrom);
  return without && clientException(`Container ${name}: the secret ${without.name} has no valueFrom.`);
}

function invalidMounts({ mountPoints = [] }: ContainerSpecification, volumes: readonly Volume[]): EcsError | undefined {
  const unknown = mountPoints.find(({ sourceVolume }) => !volumes.some(({ name }) => name === sourceVolume));
  return unknown && clientException(`Unknown volume '${unknown.sourceVolume ?? ""}'.`);
}

function invalidHealthCheck(container: string, { command = [], interval, timeout, retries, startPeriod }: HealthCheck) {
  const [kind, first] = command;
  if ((kind !== "CMD" && kind !== "CMD-SHELL") || !first)
    return clientException(
      `Invalid health check for container ${container}: the command must begin with CMD or CMD-SHELL and name what to run.`,
    );
  const bounds = [
    ["interval", interval, 5, 300],
    ["timeout", timeout, 2, 60],
    ["retries", retries, 1, 10],
    ["startPeriod", startPeriod, 0, 300],
  ] as const;
  const beyond = bounds.find(([, value, least, most]) => value !== undefined && (value < least || value > most));
  return (
    beyond &&
    clientException(
      `Invalid health check for container ${container}: ${beyond[0]} must be between ${beyond[2]} and ${beyond[3]}.`,
    )
  );
}

function invalidOnFargate(container: ContainerSpecification, task: Surroundings): EcsError | undefined {
  const { name, privileged, links, logConfiguration, image, stopTimeout = 0, startTimeout = 0 } = container;
  if (privileged)
    return clientException("Fargate requires that the 'privileged' setting be 'false' at the container level.");
  if (links?.length) return clientException("Links are not supported when networkMode=awsvpc.");
  if (container.resourceRequirements?.length)
    return clientException("Fargate compatible task definitions do not support GPU resource requirements.");
  const role = (what: string) =>
    clientException(`Fargate requires task definition to have execution role ARN to support ${what}.`);
  if (!task.executionRoleArn && /\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/.test(image)) return role("ECR images");
  if (!task.executionRoleArn && logConfiguration?.logDriver === "awslogs") return role("log driver awslogs");
  if (logConfiguration && !["awslogs", "splunk", "awsfirelens"].includes(logConfiguration.logDriver ?? ""))
    return clientException(`Log driver ${logConfiguration.logDriver} is not supported by Fargate.`);
  if (Math.max(stopTimeout, startTimeout) > LONGEST_FARGATE_TIMEOUT)
    return clientException(
      `Container ${name}: on Fargate, startTimeout and stopTimeout are ${LONGEST_FARGATE_TIMEOUT} seconds at most.`,
    );
  if (logConfiguration?.logDriver !== "awslogs") return undefined;
  const missing = ["awslogs-group", "awslogs-region", "awslogs-stream-prefix"].find(
    (option) => !logConfiguration.options?.[option],
  );
  return missing === undefined
    ? undefined
    : clientException(`Log driver awslogs requires options: awslogs-group, awslogs-region, awslogs-stream-prefix.`);
}

function checkMemory(containers: readonly ContainerSpecification[], { taskMemory }: Surroundings): void {
  for (const { name, memory, memoryReservation } of containers) {
    const setting = `Invalid setting for container '${name}'.`;
    if (memory === undefined && memoryReservation === undefined && taskMemory === undefined)
      throw clientException(`${setting} At least one of 'memory' or 'memoryReservation' must be specified.`);
    if (Math.min(memory ?? LEAST_MEMORY, memoryReservation ?? LEAST_MEMORY) < LEAST_MEMORY)
      throw clientException(`${setting} The memory of a container must be at least ${LEAST_MEMORY} MiB.`);
    if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation)
      throw clientException(`${setting} 'memory' must not be less than 'memoryReservation'.`);
    if (taskMemory !== undefined && Math.max(memory ?? 0, memoryReservation ?? 0) > taskMemory)
      throw clientException(`${setting} The memory of a container must not be greater than the memory of the task.`);
  }
  const reserved = containers.reduce(
    (sum, { memory, memoryReservation }) => sum + (memoryReservation ?? memory ?? 0),
    0,
  );
  if (taskMemory !== undefined && reserved > taskMemory)
    throw clientException("The sum of the containers' memory must not be greater than the memory of the task.");
}

function checkDependencies(containers: readonly ContainerSpecification[]): void {
  const byName = new Map(containers.map((container) => [container.name, container]));
  for (const { name, dependsOn = [] } of containers)
    for (const dependency of dependsOn) {
      const problem = invalidDependency(name, dependency, byName.get(dependency.containerName ?? ""));
      if (problem) throw problem;
    }
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name))
      throw clientException(`The dependsOn settings of the containers form a cycle: ${[...path, name].join(" → ")}.`);
    if (done.has(name)) return;
    for (const { containerName = "" } of byName.get(name)?.dependsOn ?? []) visit(containerName, [...path, name]);
    done.add(name);
  };
  for (const name of byName.keys()) visit(name, []);
}

function invalidDependency(
  name: string,
  { containerName, condition }: ContainerDependency,
  needed: ContainerSpecification | undefined,
): EcsError | undefined {
  const of = `Invalid 'dependsOn' setting for container '${name}':`;
  if (!CONDITIONS.includes(condition ?? ""))
    return clientException(`${of} the condition must be one of ${CONDITIONS.join(", ")}.`);
  if (!needed) return clientException(`${of} there is no container '${containerName}'.`);
  if (needed.essential && (condition === "COMPLETE" || condition === "SUCCESS"))
    return clientException(
      `${of} the condition ${condition} cannot be set on the essential container '${containerName}'.`,
    );
  if (condition === "HEALTHY" && !needed.healthCheck)
    return clientException(`${of} the container '${containerName}' has no health check.`);
  return undefined;
}
