// aws:ecs/service:Service
import {
  type CapacityProviderStrategyItem,
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  type LaunchType,
  type PropagateTags,
  type Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { type Context, resource } from "../../descriptor.js";
import { hasCode, orAbsent } from "../../errors.js";
import { flag, type Inputs, map, number, object, output, set, tagged, text } from "../../properties.js";
import { tagState } from "../../tags.js";
import { ecsTags, updateTags } from "./tags.js";

/** Roles and clusters that were made a moment ago are not known everywhere yet. */
const PASSING = /verify that the ECS service role being passed|Cluster not found|unable to assume the role/i;
const STEADY_SECONDS = 1200;
const DRAIN_SECONDS = 1200;

const lastPart = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);

/** An ARN, `family:revision` or a family, which is whatever revision is latest. */
function isSameDefinition(left: string, right: string): boolean {
  const [one, other] = [lastPart(left), lastPart(right)];
  return one === other || [one, other].some((each) => !each.includes(":") && sameFamily(one, other));
}

const sameFamily = (one: string, other: string): boolean => one.split(":")[0] === other.split(":")[0];

const properties = {
  name: text({ computed: true, replace: true, min: 1, max: 255, autoName: { max: 255 } }),
  cluster: text({
    computed: true,
    replace: true,
    equals: (left, right) => lastPart(left) === lastPart(right),
  }),
  taskDefinition: text({ equals: isSameDefinition }),
  desiredCount: number({ computed: true, min: 0 }),
  launchType: text({ computed: true, replace: true, values: ["EC2", "FARGATE", "EXTERNAL"] }),
  capacityProviderStrategies: set(
    object({
      base: number({ default: 0, min: 0, max: 100_000 }),
      capacityProvider: text({ required: true }),
      weight: number({ default: 0, min: 0, max: 1000 }),
    }),
  ),
  platformVersion: text({ computed: true }),
  networkConfiguration: object({
    assignPublicIp: flag({ default: false }),
    securityGroups: set(text()),
    subnets: set(text(), { required: true }),
  }),
  deploymentCircuitBreaker: object({ enable: flag({ required: true }), rollback: flag({ required: true }) }),
  deploymentController: object(
    { type: text({ default: "ECS", values: ["ECS", "CODE_DEPLOY", "EXTERNAL"] }) },
    { replace: true },
  ),
  deploymentMaximumPercent: number({ default: 200 }),
  deploymentMinimumHealthyPercent: number({ default: 100 }),
  availabilityZoneRebalancing: text({ computed: true, values: ["ENABLED", "DISABLED"] }),
  schedulingStrategy: text({ default: "REPLICA", replace: true, values: ["REPLICA", "DAEMON"] }),
  iamRole: text({ computed: true, replace: true }),
  enableEcsManagedTags: flag({ default: false }),
  enableExecuteCommand: flag({ default: false }),
  healthCheckGracePeriodSeconds: number({ computed: true, min: 0 }),
  propagateTags: text({ values: ["SERVICE", "TASK_DEFINITION", "NONE"] }),
  triggers: map(text(), { unread: true }),
  forceDelete: flag({ unread: true }),
  forceNewDeployment: flag({ unread: true }),
  waitForSteadyState: flag({ default: false, unread: true }),
  ...tagged,
  arn: output(text()),
};

type Given = Inputs<typeof properties>;

export const service = resource({
  type: "aws:ecs/service:Service",
  properties,

  async create(inputs, context) {
    const request = new CreateServiceCommand({
      ...common(inputs),
      serviceName: inputs.name,
      cluster: inputs.cluster,
      launchType: inputs.launchType as LaunchType | undefined,
      deploymentController: inputs.deploymentController && { type: inputs.deploymentController.type as "ECS" },
      schedulingStrategy: inputs.schedulingStrategy as "REPLICA",
      desiredCount: inputs.desiredCount ?? 0,
      role: inputs.iamRole,
      tags: inputs.tags && ecsTags(inputs.tags),
    });
    const made = await context.retry(
      () => context.client(ECSClient).send(request),
      (error) => hasCode(error, ["InvalidParameterException", "ClusterNotFoundException"], PASSING),
    );
    const arn = made.service?.serviceArn as string;
    context.created(arn);
    if (inputs.waitForSteadyState) await untilSteady(arn, context);
    return arn;
  },

  async read(id, context, known) {
    const found = await describe(id, context);
    if (!found || found.status === "INACTIVE" || found.status === "DRAINING") return undefined;
    const network = found.networkConfiguration?.awsvpcConfiguration;
    const { deploymentConfiguration: deployment, taskDefinition = "" } = found;
    return {
      id: found.serviceArn,
      name: found.serviceName,
      cluster: found.clusterArn,
      // As the program spells it, where that is what runs.
      taskDefinition:
        known.taskDefinition && isSameDefinition(known.taskDefinition, taskDefinition)
          ? known.taskDefinition
          : taskDefinition,
      desiredCount: found.desiredCount,
      launchType: found.launchType,
      capacityProviderStrategies: found.capacityProviderStrategy?.map(
        ({ capacityProvider = "", base = 0, weight = 0 }) => ({
          capacityProvider,
          base,
          weight,
        }),
      ),
      platformVersion: found.platformVersion,
      networkConfiguration: network && {
        assignPublicIp: network.assignPublicIp === "ENABLED",
        securityGroups: network.securityGroups,
        subnets: network.subnets ?? [],
      },
      deploymentCircuitBreaker: breakerState(found, known.deploymentCircuitBreaker !== undefined),
      deploymentController: known.deploymentController && {
        type: found.deploymentController?.type ?? "ECS",
      },
      deploymentMaximumPercent: deployment?.maximumPercent,
      deploymentMinimumHealthyPercent: deployment?.minimumHealthyPercent,
      availabilityZoneRebalancing: found.availabilityZoneRebalancing,
      schedulingStrategy: found.schedulingStrategy,
      iamRole: found.roleArn,
      enableEcsManagedTags: found.enableECSManagedTags ?? false,
      enableExecuteCommand: found.enableExecuteCommand ?? false,
      healthCheckGracePeriodSeconds: found.healthCheckGracePeriodSeconds,
      propagateTags: found.propagateTags === "NONE" && known.propagateTags !== "NONE" ? undefined : found.propagateTags,
      ...tagState(found.tags),
      arn: found.serviceArn,
    };
  },

  async update({ id, old, inputs, changes }, context) {
    const { tags: _tags, tagsAll: _tagsAll, forceDelete: _force, ...rest } = properties;
    if (changes(...(Object.keys(rest) as (keyof typeof rest)[]))) {
      await context.client(ECSClient).send(
        new UpdateServiceCommand({
          ...common(inputs),
          service: id,
          cluster: old.cluster,
          desiredCount: inputs.desiredCount,
          forceNewDeployment: inputs.forceNewDeployment || changes("triggers", "capacityProviderStrategies"),
        }),
      );
      if (inputs.waitForSteadyState) await untilSteady(id, context);
    }
    if (changes("tags")) await updateTags(id, old.tags, inputs.tags, context);
  },

  async delete(id, state, context) {
    const ecs = context.client(ECSClient);
    const cluster = clusterOf(id);
    const found = await describe(id, context);
    if (!found || found.status === "INACTIVE") return;
    if (found.status === "ACTIVE") {
      if (!state.forceDelete && found.desiredCount)
        await ecs.send(new UpdateServiceCommand({ cluster, service: id, desiredCount: 0 }));
      await ecs.send(new DeleteServiceCommand({ cluster, service: id, force: state.forceDelete }));
    }
    await context.waitFor(
      `service ${id} to be deleted`,
      async () => {
        const status = (await describe(id, context))?.status ?? "INACTIVE";
        return status === "INACTIVE" ? true : undefined;
      },
      DRAIN_SECONDS,
    );
  },

  isGone: (error) => hasCode(error, ["ServiceNotActiveException"]),
});

/** What CreateService and UpdateService share. */
function common(inputs: Given) {
  const network = inputs.networkConfiguration;
  return {
    taskDefinition: inputs.taskDefinition,
    capacityProviderStrategy: inputs.capacityProviderStrategies as CapacityProviderStrategyItem[] | undefined,
    platformVersion: inputs.platformVersion,
    networkConfiguration: network && {
      awsvpcConfiguration: {
        subnets: network.subnets,
        securityGroups: network.securityGroups,
        assignPublicIp: network.assignPublicIp ? ("ENABLED" as const) : ("DISABLED" as const),
      },
    },
    deploymentConfiguration: {
      maximumPercent: inputs.deploymentMaximumPercent,
      minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
      deploymentCircuitBreaker: inputs.deploymentCircuitBreaker ?? { enable: false, rollback: false },
    },
    availabilityZoneRebalancing: inputs.availabilityZoneRebalancing as "DISABLED" | undefined,
    enableECSManagedTags: inputs.enableEcsManagedTags,
    enableExecuteCommand: inputs.enableExecuteCommand,
    healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds,
    propagateTags: inputs.propagateTags as PropagateTags | undefined,
  };
}

/** AWS shows a breaker that is off where the program never spoke of one. */
function breakerState({ deploymentConfiguration }: Service, isKnown: boolean) {
  const { enable = false, rollback = false } = deploymentConfiguration?.deploymentCircuitBreaker ?? {};
  return enable || rollback || isKnown ? { enable, rollback } : undefined;
}

/** `arn:…:service/<cluster>/<service>`, or an import's `<cluster>/<service>`. */
function clusterOf(id: string): string | undefined {
  const parts = id.replace(/^arn:.*:service\//, "").split("/");
  return parts.length > 1 ? parts[0] : undefined;
}

export async function describe(id: string, context: Context, cluster = clusterOf(id)): Promise<Service | undefined> {
  const request = new DescribeServicesCommand({ cluster, services: [lastPart(id)], include: ["TAGS"] });
  const found = await orAbsent(context.client(ECSClient).send(request));
  return found?.services?.[0];
}

/** One deployment is left, and all of its tasks run. */
async function untilSteady(id: string, context: Context): Promise<void> {
  await context.waitFor(
    `service ${id} to be steady`,
    async () => {
      const found = await describe(id, context);
      const [primary, ...others] = found?.deployments ?? [];
      if (primary?.rolloutState === "FAILED") throw new Error(primary.rolloutStateReason);
      return others.length === 0 && found?.runningCount === found?.desiredCount ? true : undefined;
    },
    STEADY_SECONDS,
  );
}
