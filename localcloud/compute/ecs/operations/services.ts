// Services: created, updated, described, listed, deleted. Their tasks are the scheduler's.
import type { NetworkConfiguration } from "@aws-sdk/client-ecs";
import { z } from "zod";
import { ecsArn, NAME, parseEcsArn, shortName } from "../arn.js";
import { EcsError, invalidParameter, notSupported, serviceNotFound } from "../errors.js";
import type { Cluster, Deployment, Service, TaskDefinition } from "../model.js";
import { paginate } from "../paging.js";
import {
  type CreateService,
  cluster,
  createService,
  paging,
  parseRequest,
  type UpdateService,
  updateService,
} from "../requests.js";
import { newDeployment } from "../services/deployment.js";
import { tasksOf } from "../services/scheduler.js";
import { serviceView } from "../services/view.js";
import type { EcsRegion } from "../store.js";
import { toTags } from "../tags.js";
import { activeCluster } from "./clusters.js";
import type { Operations, OperationWorld } from "./operation.js";
import { runnable } from "./runTask.js";

/** Services that DescribeServices takes at once. */
const MOST_DESCRIBED = 10;
/** Services on a page of ListServices. */
const PAGE = 100;

export const operations: Operations = {
  CreateService({ region, principalArn, body, world }) {
    const request = parseRequest(createService, body);
    const within = activeCluster(region, request.cluster);
    const { serviceName: name } = request;
    if (!NAME.test(name)) throw invalidParameter("Service name contains invalid characters.");
    refuseUnsupported(request);
    const arn = serviceArn(region, within, name);
    const known = region.services.get(arn);
    if (known && known.status !== "INACTIVE") {
      if (known.status === "DRAINING") throw invalidParameter("Unable to Start a service that is still Draining.");
      throw invalidParameter("Creation of service was not idempotent.");
    }
    if (!request.taskDefinition) throw invalidParameter("TaskDefinition can not be blank.");
    if (request.desiredCount === undefined) throw invalidParameter("The desired count should not be null.");
    const deployment = deploymentOf(
      world,
      within,
      request,
      runnable(region, request.taskDefinition),
      request.desiredCount,
    );
    const service: Service = {
      account: region.account,
      region: region.region,
      name,
      arn,
      clusterArn: within.arn,
      status: "ACTIVE",
      desiredCount: request.desiredCount,
      deployments: [deployment],
      deploymentConfiguration: deploymentConfiguration(request.deploymentConfiguration),
      schedulingStrategy: "REPLICA",
      createdAt: world.now(),
      createdBy: principalArn,
      roleArn: `arn:aws:iam::${region.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
      propagateTags: request.propagateTags ?? "NONE",
      enableECSManagedTags: request.enableECSManagedTags ?? false,
      enableExecuteCommand: request.enableExecuteCommand ?? false,
      healthCheckGracePeriodSeconds: request.healthCheckGracePeriodSeconds,
      events: [],
      tags: toTags(request.tags),
    };
    region.services.set(arn, service);
    world.scheduler.begun(service, deployment);
    world.scheduler.changed(region, service);
    return { service: serviceView(service, tasksOf(region, service), ["TAGS"]) };
  },

  UpdateService({ region, body, world }) {
    const request = parseRequest(updateService, body);
    const within = activeCluster(region, request.cluster);
    const service = found(region, within, request.service);
    if (service.status !== "ACTIVE") throw new EcsError("ServiceNotActiveException", "Service was not ACTIVE.");
    refuseUnsupported(request);
    service.desiredCount = request.desiredCount ?? service.desiredCount;
    if (request.deploymentConfiguration)
      service.deploymentConfiguration = {
        ...service.deploymentConfiguration,
        ...deploymentConfiguration({ ...service.deploymentConfiguration, ...request.deploymentConfiguration }),
      };
    service.propagateTags = request.propagateTags ?? service.propagateTags;
    service.enableECSManagedTags = request.enableECSManagedTags ?? service.enableECSManagedTags;
    service.enableExecuteCommand = request.enableExecuteCommand ?? service.enableExecuteCommand;
    service.healthCheckGracePeriodSeconds =
      request.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds;
    redeploy(region, world, within, service, request);
    for (const deployment of service.deployments)
      if (deployment.status === "PRIMARY") deployment.desiredCount = service.desiredCount;
    world.scheduler.changed(region, service);
    return { service: serviceView(service, tasksOf(region, service), ["TAGS"]) };
  },

  DeleteService({ region, body, world }) {
    const request = parseRequest(z.looseObject({ cluster, service: z.string(), force: z.boolean().optional() }), body);
    const service = found(region, activeCluster(region, request.cluster), request.service);
    if (service.status === "INACTIVE") throw new EcsError("ServiceNotActiveException", "Service was not ACTIVE.");
    if (service.desiredCount > 0 && !request.force)
      throw invalidParameter("The service cannot be stopped while it is scaled above 0.");
    service.status = "DRAINING";
    service.desiredCount = 0;
    world.scheduler.changed(region, service);
    return { service: serviceView(service, tasksOf(region, service), []) };
  },

  DescribeServices({ region, body }) {
    const request = parseRequest(
      z.looseObject({ cluster, services: z.array(z.string()), include: z.array(z.string()).optional() }),
      body,
    );
    const within = activeCluster(region, request.cluster);
    if (request.services.length === 0) throw invalidParameter("Services cannot be empty.");
    if (request.services.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} services can be described at once.`);
    const asked = request.services.map((named) => serviceArn(region, within, named));
    return {
      services: asked.flatMap((arn) => {
        const service = region.services.get(arn);
        return service ? [serviceView(service, tasksOf(region, service), request.include)] : [];
      }),
      failures: asked.filter((arn) => !region.services.has(arn)).map((arn) => ({ arn, reason: "MISSING" })),
    };
  },

  ListServices({ region, body }) {
    const request = parseRequest(
      z.looseObject({
        cluster,
        launchType: z.string().optional(),
        schedulingStrategy: z.string().optional(),
        ...paging,
      }),
      body,
    );
    const within = activeCluster(region, request.cluster);
    const { launchType, schedulingStrategy = "REPLICA" } = request;
    const listed = [...region.services.values()].filter(
      (service) =>
        service.clusterArn === within.arn &&
        service.status !== "INACTIVE" &&
        service.schedulingStrategy === schedulingStrategy &&
        (launchType === undefined || service.deployments.some((each) => each.launchType === launchType)),
    );
    const { items, nextToken } = paginate(listed, ({ arn }) => arn, { maxResults: 10, ...request }, { limit: PAGE });
    return { serviceArns: items.map(({ arn }) => arn), nextToken };
  },
};

function serviceArn(region: EcsRegion, { name }: Cluster, named: string): string {
  if (!named.startsWith("arn:")) return ecsArn(region, `service/${name}/${named}`);
  if (parseEcsArn(named)?.type !== "service")
    throw invalidParameter("Invalid identifier: Identifier is for a service.");
  return named;
}

function found(region: EcsRegion, within: Cluster, named: string): Service {
  const service = region.services.get(serviceArn(region, within, shortName(named)));
  if (!service) throw serviceNotFound();
  return service;
}

function refuseUnsupported(request: Partial<CreateService>): void {
  if (request.schedulingStrategy === "DAEMON")
    throw invalidParameter("The daemon scheduling strategy is not supported by AWS Fargate.");
  if (request.loadBalancers?.length) throw notSupported("A service behind a load balancer", "leave loadBalancers out");
  if (request.serviceRegistries?.length) throw notSupported("Service discovery", "leave serviceRegistries out");
  if (request.serviceConnectConfiguration?.enabled) throw notSupported("Service Connect", "leave it out");
  const controller = request.deploymentController?.type ?? "ECS";
  if (controller !== "ECS") throw notSupported(`The deployment controller ${controller}`, "use ECS");
}

const deploymentConfiguration = (
  given: Service["deploymentConfiguration"] | undefined,
): Service["deploymentConfiguration"] => ({
  deploymentCircuitBreaker: given?.deploymentCircuitBreaker ?? { enable: false, rollback: false },
  maximumPercent: given?.maximumPercent ?? 200,
  minimumHealthyPercent: given?.minimumHealthyPercent ?? 100,
});

function deploymentOf(
  world: OperationWorld,
  within: Cluster,
  request: Partial<CreateService>,
  definition: TaskDefinition,
  desiredCount: number,
): Deployment {
  const where = {
    launchType: request.launchType as Deployment["launchType"],
    capacityProviderStrategy: request.capacityProviderStrategy,
    platformVersion: request.platformVersion,
    networkConfiguration: request.networkConfiguration as NetworkConfiguration | undefined,
  };
  world.launcher.checkPlacement({ ...where, cluster: within, definition, count: 1, tags: new Map() }, 1);
  return newDeployment(definition, where, desiredCount, world.now());
}

/** A change of what runs, or where, is a new deployment; the old one's tasks go as the new one's come. */
function redeploy(
  region: EcsRegion,
  world: OperationWorld,
  within: Cluster,
  service: Service,
  request: UpdateService,
): void {
  const primary = service.deployments.find(({ status }) => status === "PRIMARY");
  if (!primary) return;
  const definition = request.taskDefinition ? runnable(region, request.taskDefinition) : primary.definition;
  const { capacityProviderStrategy, platformVersion, networkConfiguration } = request;
  const isNew =
    request.forceNewDeployment ||
    definition !== primary.definition ||
    capacityProviderStrategy !== undefined ||
    (platformVersion ?? primary.platformVersion) !== primary.platformVersion ||
    (networkConfiguration !== undefined &&
      JSON.stringify(networkConfiguration) !== JSON.stringify(primary.networkConfiguration));
  if (!isNew) return;
  const where = {
    launchType: capacityProviderStrategy ? undefined : primary.launchType,
    capacityProviderStrategy: capacityProviderStrategy ?? primary.capacityProviderStrategy,
    platformVersion: platformVersion ?? primary.platformVersion,
    networkConfiguration: networkConfiguration ?? primary.networkConfiguration,
  };
  const deployment = deploymentOf(world, within, where as Partial<CreateService>, definition, service.desiredCount);
  primary.status = "ACTIVE";
  service.deployments = [deployment, ...service.deployments];
  world.scheduler.begun(service, deployment);
}
