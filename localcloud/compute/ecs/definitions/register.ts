// What RegisterTaskDefinition accepts, and the content of the revision that it makes.
import { clientException, notSupported } from "../errors.js";
import type { DefinitionContent } from "../model.js";
import type { RegisterTaskDefinition } from "../requests.js";
import { containersOf } from "./containers.js";
import { checkFargateSize, cpuUnits, memoryMiB } from "./size.js";

/** GiB of a task on Fargate beyond the 20 that it has anyway ("Fargate task ephemeral storage"). */
const EPHEMERAL_STORAGE = { least: 21, most: 200 };

/**
 * The content of a revision.
 *
 * @throws ClientException for what AWS refuses
 */
export function contentOf(request: RegisterTaskDefinition): DefinitionContent {
  const { family: _family, tags: _tags, ...rest } = request;
  refuseUnsupported(request);
  const compatibilities = request.requiresCompatibilities ?? [];
  const isFargate = compatibilities.includes("FARGATE");
  const cpu = request.cpu === undefined ? undefined : cpuUnits(request.cpu);
  const memory = request.memory === undefined ? undefined : memoryMiB(request.memory);
  if (isFargate) checkFargate(request, cpu, memory);
  const volumes = (request.volumes ?? []) as DefinitionContent["volumes"] & object;
  const containerDefinitions = containersOf(request.containerDefinitions, {
    isFargate,
    volumes,
    executionRoleArn: request.executionRoleArn,
    taskMemory: memory,
  });
  const units = containerDefinitions.reduce((sum, container) => sum + (container.cpu ?? 0), 0);
  if (cpu !== undefined && units > cpu)
    throw clientException(
      `The sum of the containers' cpu (${units}) must not be greater than the cpu of the task (${cpu}).`,
    );
  return {
    ...(rest as Partial<DefinitionContent>),
    containerDefinitions,
    volumes: volumes.map((volume) => (volume.efsVolumeConfiguration ? volume : { ...volume, host: volume.host ?? {} })),
    placementConstraints: (request.placementConstraints ?? []) as DefinitionContent["placementConstraints"],
    cpu: cpu === undefined ? undefined : String(cpu),
    memory: memory === undefined ? undefined : String(memory),
    compatibilities: compatibilitiesOf(request, isFargate),
  };
}

function refuseUnsupported(request: RegisterTaskDefinition): void {
  if (request.proxyConfiguration) throw notSupported("proxyConfiguration", "leave it out");
  if (request.inferenceAccelerators) throw notSupported("inferenceAccelerators", "leave it out");
  if (request.requiresCompatibilities?.includes("MANAGED_INSTANCES"))
    throw notSupported("The launch type MANAGED_INSTANCES", "use FARGATE");
  for (const { name, ...volume } of request.volumes ?? [])
    for (const kind of ["fsxWindowsFileServerVolumeConfiguration", "configuredAtLaunch"])
      if (volume[kind])
        throw notSupported(`The volume ${name} with ${kind}`, "use efsVolumeConfiguration or a bind mount");
  const { operatingSystemFamily = "LINUX" } = request.runtimePlatform ?? {};
  if (operatingSystemFamily !== "LINUX")
    throw notSupported(`The operating system family ${operatingSystemFamily}`, "use LINUX");
}

function checkFargate(request: RegisterTaskDefinition, cpu: number | undefined, memory: number | undefined): void {
  if (request.networkMode !== "awsvpc") throw clientException("Fargate only supports network mode ‘awsvpc’.");
  if (cpu === undefined) throw clientException("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw clientException("Fargate requires that 'memory' be defined at the task level.");
  checkFargateSize(cpu, memory);
  if (request.placementConstraints?.length) throw clientException("Fargate does not support placement constraints.");
  for (const { name, host, dockerVolumeConfiguration } of request.volumes ?? []) {
    if ((host as { sourcePath?: string } | undefined)?.sourcePath)
      throw clientException(`Volume '${name}': host.sourcePath should not be set for volumes in Fargate.`);
    if (dockerVolumeConfiguration) throw clientException("Docker volumes are not supported by Fargate.");
  }
  const size = request.ephemeralStorage?.sizeInGiB;
  if (size !== undefined && (size < EPHEMERAL_STORAGE.least || size > EPHEMERAL_STORAGE.most))
    throw clientException(
      `Ephemeral storage must be between ${EPHEMERAL_STORAGE.least} and ${EPHEMERAL_STORAGE.most} GiB.`,
    );
}

/** What the definition could run on, asked for or not. */
function compatibilitiesOf(request: RegisterTaskDefinition, isFargate: boolean): string[] {
  return isFargate ? ["EC2", "FARGATE"] : request.networkMode === "awsvpc" ? ["EC2", "FARGATE"] : ["EXTERNAL", "EC2"];
}
