// From a request for tasks to tasks that run: RunTask's, and those of services.
import { randomUUID } from "node:crypto";
import type { CapacityProviderStrategyItem, NetworkConfiguration, TaskOverride } from "@aws-sdk/client-ecs";
import { cannotAssume } from "../../containers/role.js";
import type { ComputeContext } from "../../service.js";
import { ecsArn, newTaskId } from "../arn.js";
import { clientException, invalidParameter, notSupported } from "../errors.js";
import type { Cluster, Tags, Task, TaskContainer, TaskDefinition } from "../model.js";
import type { EcsRegion } from "../store.js";
import type { TaskEngine } from "./engine.js";
import { interfaceIn, type NetworkReader, type Subnets } from "./network.js";
import { type Overridden, override } from "./overrides.js";
import { checkStrategy, distribute } from "./strategy.js";

/** The newest version of the platform that Fargate runs Linux tasks on ("Fargate platform versions"). */
const LATEST_PLATFORM = "1.4.0";
const PLATFORMS = ["LATEST", "1.4.0", "1.3.0"];

/** Where tasks run. */
export interface Placement {
  readonly launchType?: string;
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  readonly platformVersion?: string;
  readonly networkConfiguration?: NetworkConfiguration;
}

export interface Launch extends Placement {
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
  readonly count: number;
  readonly overrides?: TaskOverride;
  /** @default `family:<family>` */
  readonly group?: string;
  readonly startedBy?: string;
  readonly deploymentId?: string;
  readonly enableExecuteCommand?: boolean;
  readonly tags: Tags;
}

export interface LaunchWorld {
  readonly context: Pick<ComputeContext, "assumeRole" | "credentials">;
  readonly networks: NetworkReader;
  readonly engine: TaskEngine;
  now(): Date;
}

export class TaskLauncher {
  constructor(private readonly world: LaunchWorld) {}

  /**
   * Starts tasks; they are PROVISIONING when this resolves.
   *
   * @throws what RunTask refuses: InvalidParameterException, ClientException, PlatformUnknownException
   */
  async launch(region: EcsRegion, launch: Launch): Promise<Task[]> {
    const { definition } = launch;
    const overridden = override(definition.content, launch.overrides ?? {});
    const providers = this.checkPlacement(launch, launch.count);
    const subnets = await this.#subnets(region, launch);
    const ids = providers.map(newTaskId);
    const grants = await this.#grants(region, overridden, ids);
    return ids.map((id, at) => {
      const task = newTask(region, launch, overridden, {
        id,
        capacityProviderName: providers[at],
        subnets,
        now: this.world.now(),
      });
      this.world.engine.start(region, task, grants[at]);
      return task;
    });
  }

  /**
   * The capacity provider of each of `count` tasks; undefined where a launch type was asked for.
   *
   * @throws InvalidParameterException where tasks of the definition cannot be run in that way
   */
  checkPlacement(launch: Launch, count: number): (string | undefined)[] {
    const { launchType, capacityProviderStrategy: strategy, cluster, definition } = launch;
    if (launchType && strategy?.length)
      throw invalidParameter(
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
      );
    if (strategy?.length)
      checkStrategy(
        strategy as ((typeof strategy)[number] & { capacityProvider: string })[],
        cluster.capacityProviders,
      );
    const chosen = strategy?.length ? strategy : launchType ? [] : cluster.defaultCapacityProviderStrategy;
    const providers = chosen.length > 0 ? distribute(chosen, count) : Array.from({ length: count }, () => undefined);
    if (chosen.length === 0 && launchType !== "FARGATE")
      throw invalidParameter("No Container Instances were found in your cluster.");
    if (!definition.content.compatibilities.includes("FARGATE"))
      throw invalidParameter("Task definition does not support launch_type FARGATE.");
    if (launch.platformVersion && !PLATFORMS.includes(launch.platformVersion))
      throw notSupported(`The platform version ${launch.platformVersion}`, `use one of ${PLATFORMS.join(", ")}`);
    if (!launch.networkConfiguration?.awsvpcConfiguration)
      throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
    return providers;
  }

  #subnets(region: EcsRegion, { networkConfiguration }: Launch): Promise<Subnets> {
    return this.world.networks(region, networkConfiguration ?? {});
  }

  /** A session of the task role for each task. The execution role is asked for once, as AWS does before it starts anything. */
  async #grants(region: EcsRegion, { taskRoleArn, executionRoleArn }: Overridden, ids: readonly string[]) {
    const { context } = this.world;
    const { account, region: name } = region;
    const scope = { account, region: name };
    const service = "ecs-tasks.amazonaws.com";
    if (executionRoleArn && ids[0])
      await assumed(
        executionRoleArn,
        context.assumeRole({ ...scope, roleArn: executionRoleArn, sessionName: ids[0], service }),
      );
    if (!taskRoleArn) return [];
    return Promise.all(
      ids.map((id) =>
        assumed(taskRoleArn, context.credentials.grant({ ...scope, roleArn: taskRoleArn, sessionName: id, service })),
      ),
    );
  }
}

async function assumed<T>(roleArn: string, session: Promise<T>): Promise<T> {
  try {
    return await session;
  } catch {
    throw clientException(cannotAssume(roleArn));
  }
}

interface Individual {
  readonly id: string;
  readonly capacityProviderName?: string;
  readonly subnets: Subnets;
  readonly now: Date;
}

function newTask(region: EcsRegion, launch: Launch, overridden: Overridden, own: Individual): Task {
  const { cluster, definition, overrides = {} } = launch;
  region.started += 1;
  const { containers, ...effective } = overridden;
  return {
    account: region.account,
    region: region.region,
    id: own.id,
    arn: ecsArn(region, `task/${cluster.name}/${own.id}`),
    clusterArn: cluster.arn,
    definition,
    containers: containers.map(
      (specification): TaskContainer => ({
        arn: ecsArn(region, `container/${cluster.name}/${own.id}/${randomUUID()}`),
        definition: specification,
        lastStatus: "PENDING",
        restartCount: 0,
      }),
    ),
    overrides,
    ...effective,
    group: launch.group ?? `family:${definition.family}`,
    startedBy: launch.startedBy,
    launchType: "FARGATE",
    capacityProviderName: own.capacityProviderName,
    platformVersion:
      launch.platformVersion && launch.platformVersion !== "LATEST" ? launch.platformVersion : LATEST_PLATFORM,
    enableExecuteCommand: launch.enableExecuteCommand ?? false,
    network: interfaceIn(own.subnets, region.started),
    deploymentId: launch.deploymentId,
    lastStatus: "PROVISIONING",
    desiredStatus: "RUNNING",
    version: 1,
    createdAt: own.now,
    tags: launch.tags,
  };
}
