// Compute environments: CreateComputeEnvironment, Describe…, Update…, Delete… of the AWS Batch API Reference.
import { randomUUID } from "node:crypto";
import type { ComputeResource } from "@aws-sdk/client-batch";
import { z } from "zod";
import { batchArn, toArn } from "../arn.js";
import { serviceLinkedRole } from "../environmentCheck.js";
import { given, isFargate, updateRefusal } from "../environmentUpdate.js";
import { clientException, invalidRequest, notSupported } from "../errors.js";
import type { ComputeEnvironment } from "../model.js";
import { paginate } from "../paging.js";
import { createComputeEnvironment, paging, parseRequest, updateComputeEnvironment } from "../requests.js";
import type { BatchRegion } from "../store.js";
import { type Call, type Operation, type OperationWorld, soon } from "./operation.js";

const HEALTHY = "ComputeEnvironment Healthy";
/** Members of ComputeResource that Fargate does not know. */
const NOT_FOR_FARGATE = [
  "minvCpus",
  "desiredvCpus",
  "instanceTypes",
  "instanceRole",
  "imageId",
  "ec2KeyPair",
  "placementGroup",
  "bidPercentage",
  "spotIamFleetRole",
  "launchTemplate",
  "ec2Configuration",
  "allocationStrategy",
  "tags",
] as const;

export const create: Operation = ({ region, body, world }) => {
  const request = parseRequest(createComputeEnvironment, body);
  if (request.eksConfiguration) throw notSupported("eksConfiguration", "use EC2 or Fargate compute resources");
  const arn = batchArn(region, "compute-environment", request.computeEnvironmentName);
  if (region.computeEnvironments.has(arn)) throw clientException("Object already exists");
  if (request.type === "UNMANAGED" && !request.serviceRole) throw invalidRequest("ServiceRole is required.");
  const uuid = randomUUID();
  const environment: ComputeEnvironment = {
    account: region.account,
    region: region.region,
    name: request.computeEnvironmentName,
    arn,
    uuid,
    type: request.type,
    state: request.state ?? "ENABLED",
    status: "CREATING",
    statusReason: "",
    serviceRole: roleArn(region, request.serviceRole),
    unmanagedvCpus: request.unmanagedvCpus,
    computeResources:
      request.type === "MANAGED"
        ? managedResources(request.computeResources as ComputeResource | undefined)
        : undefined,
    context: request.context,
    ecsSettings: request.ecsSettings,
    ecsClusterArn: `arn:aws:ecs:${region.region}:${region.account}:cluster/AWSBatch-${request.computeEnvironmentName}-${uuid}`,
    tags: { ...request.tags },
  };
  region.computeEnvironments.set(arn, environment);
  settle(environment, world);
  return { computeEnvironmentName: environment.name, computeEnvironmentArn: arn };
};

const describeRequest = z.looseObject({ computeEnvironments: z.array(z.string()).optional(), ...paging });

export const describe: Operation = ({ region, body }) => {
  const request = parseRequest(describeRequest, body);
  const wanted = request.computeEnvironments?.map((each) => toArn(region, "compute-environment", each));
  const all = [...region.computeEnvironments.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = wanted?.length ? all.filter(({ arn }) => wanted.includes(arn)) : all;
  const { items, nextToken } = paginate(found, ({ name }) => name, request, 100);
  return { computeEnvironments: items.map(detail), nextToken };
};

export const update: Operation = ({ region, body, world }) => {
  const request = parseRequest(updateComputeEnvironment, body);
  const environment = computeEnvironment(region, request.computeEnvironment);
  if (isBeingModified(environment)) throw clientException("Cannot update, resource is being modified");
  if (request.computeResources && environment.type === "UNMANAGED")
    throw invalidRequest("computeResources is not applicable for an UNMANAGED compute environment.");
  const serviceRole = request.serviceRole ? roleArn(region, request.serviceRole) : environment.serviceRole;
  const resources = request.computeResources
    ? managedResources({
        ...environment.computeResources,
        ...given(environment.computeResources, request.computeResources as Partial<ComputeResource>),
      } as ComputeResource)
    : environment.computeResources;
  const refusal = updateRefusal(environment, { serviceRole, resources });
  if (refusal) throw clientException(refusal);
  environment.computeResources = resources;
  environment.serviceRole = serviceRole;
  environment.state = request.state ?? environment.state;
  environment.unmanagedvCpus = request.unmanagedvCpus ?? environment.unmanagedvCpus;
  environment.updatePolicy = (request.updatePolicy as ComputeEnvironment["updatePolicy"]) ?? environment.updatePolicy;
  environment.context = request.context ?? environment.context;
  environment.ecsSettings = request.ecsSettings ?? environment.ecsSettings;
  environment.status = "UPDATING";
  settle(environment, world);
  return { computeEnvironmentName: environment.name, computeEnvironmentArn: environment.arn };
};

const deleteRequest = z.looseObject({ computeEnvironment: z.string().min(1) });

/** A compute environment must be DISABLED and without queues; it is gone when the last task on it is. */
export const remove: Operation = ({ region, body, world }: Call) => {
  const environment = computeEnvironment(region, parseRequest(deleteRequest, body).computeEnvironment);
  if (isBeingModified(environment)) throw clientException("Cannot delete, resource is being modified");
  const isUsed = [...region.jobQueues.values()].some((queue) =>
    queue.computeEnvironmentOrder.some(({ computeEnvironment: arn }) => arn === environment.arn),
  );
  if (isUsed) throw clientException("Cannot delete, found existing JobQueue relationship");
  if (environment.state !== "DISABLED") throw clientException("Cannot delete, compute environment must be disabled");
  environment.status = "DELETING";
  const runsHere = world.engine.whenNone(region, (job) => job.computeEnvironment === environment.arn);
  void runsHere.then(() => soon(() => region.computeEnvironments.delete(environment.arn)));
  return {};
};

/** @throws ClientException when there is none of that name or ARN */
export function computeEnvironment(region: BatchRegion, nameOrArn: string): ComputeEnvironment {
  const arn = toArn(region, "compute-environment", nameOrArn);
  const found = region.computeEnvironments.get(arn);
  if (!found) throw clientException(`${arn} does not exist`);
  return found;
}

const isBeingModified = ({ status }: ComputeEnvironment): boolean =>
  status === "CREATING" || status === "UPDATING" || status === "DELETING";

/** Looks at role and network as they are now, and lets jobs start when all is well. */
function settle(environment: ComputeEnvironment, world: OperationWorld): void {
  const checked = world.checkEnvironment(environment).catch((error: Error) => `INTERNAL_ERROR - ${error.message}`);
  void checked.then((problem) =>
    soon(() => {
      if (environment.status === "DELETING") return;
      environment.status = problem === undefined ? "VALID" : "INVALID";
      environment.statusReason = problem ?? HEALTHY;
      world.engine.schedule();
    }),
  );
}

function roleArn(region: BatchRegion, role: string | undefined): string {
  if (!role) return serviceLinkedRole(region.account);
  return role.startsWith("arn:") ? role : `arn:aws:iam::${region.account}:role/${role}`;
}

/** @throws ClientException for what a managed environment lacks, or what its kind does not know */
function managedResources(resources: ComputeResource | undefined): ComputeResource {
  if (!resources) throw invalidRequest("computeResources must be provided for a MANAGED compute environment.");
  if (resources.type === "ECS_MANAGED_INSTANCES")
    throw notSupported("ECS_MANAGED_INSTANCES", "use EC2, SPOT, FARGATE or FARGATE_SPOT");
  if (resources.maxvCpus === undefined) throw invalidRequest("Resource maxvCpus is required.");
  if (!resources.subnets?.length) throw invalidRequest("Subnets are required.");
  if (isFargate(resources)) {
    const stray = NOT_FOR_FARGATE.find((member) => resources[member] !== undefined);
    if (stray) throw invalidRequest(`${stray} is not applicable for Fargate.`);
    if (!resources.securityGroupIds?.length) throw invalidRequest("Security groups are required for Fargate.");
    return resources;
  }
  if (!resources.instanceRole) throw invalidRequest("Instance role is required.");
  const minvCpus = resources.minvCpus ?? 0;
  if (minvCpus > resources.maxvCpus) throw invalidRequest("minvCpus must not be greater than maxvCpus.");
  return {
    ...resources,
    minvCpus,
    desiredvCpus: resources.desiredvCpus ?? minvCpus,
    instanceTypes: resources.instanceTypes ?? ["optimal"],
    allocationStrategy: resources.allocationStrategy ?? "BEST_FIT",
  };
}

function detail(environment: ComputeEnvironment): Record<string, unknown> {
  const { name, arn, account: _account, region: _region, ...rest } = environment;
  return {
    computeEnvironmentName: name,
    computeEnvironmentArn: arn,
    containerOrchestrationType: "ECS",
    ...rest,
  };
}
