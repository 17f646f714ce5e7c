// Clusters: created, described, listed, updated, deleted.
import { z } from "zod";
import { ecsArn, NAME, parseEcsArn, shortName } from "../arn.js";
import { clusterNotFound, EcsError, invalidParameter } from "../errors.js";
import type { Cluster, Service, Task } from "../model.js";
import { paginate } from "../paging.js";
import { createCluster, paging, parseRequest, updateCluster } from "../requests.js";
import type { EcsRegion } from "../store.js";
import { tagsView, toTags } from "../tags.js";
import { checkProviders, checkStrategy } from "../tasks/strategy.js";
import type { Operations } from "./operation.js";

/** Clusters that DescribeClusters takes at once. */
const MOST_DESCRIBED = 100;

export const operations: Operations = {
  CreateCluster({ region, body }) {
    const request = parseRequest(createCluster, body);
    const name = request.clusterName ?? "default";
    if (!NAME.test(name)) throw invalidParameter("Cluster name contains invalid characters.");
    const arn = ecsArn(region, `cluster/${name}`);
    const known = region.clusters.get(arn);
    // The same name again is the same cluster, whatever else the request says.
    if (known?.status === "ACTIVE") return { cluster: clusterView(region, known, ["TAGS", "SETTINGS"]) };
    const capacityProviders = checkProviders(request.capacityProviders ?? []);
    const cluster: Cluster = {
      account: region.account,
      region: region.region,
      name,
      arn,
      status: "ACTIVE",
      settings: settingsOf(request.settings),
      configuration: request.configuration,
      serviceConnectDefaults: request.serviceConnectDefaults,
      capacityProviders,
      defaultCapacityProviderStrategy: checkStrategy(request.defaultCapacityProviderStrategy ?? [], capacityProviders),
      tags: toTags(request.tags),
    };
    region.clusters.set(arn, cluster);
    return { cluster: clusterView(region, cluster, ["TAGS", "SETTINGS"]) };
  },

  DescribeClusters({ region, body }) {
    const schema = z.looseObject({ clusters: z.array(z.string()).optional(), include: z.array(z.string()).optional() });
    const { clusters: named = [], include = [] } = parseRequest(schema, body);
    const asked = named.length > 0 ? named : ["default"];
    if (asked.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} clusters can be described at once.`);
    const found = asked.map((name) => [name, region.clusters.get(clusterArn(region, name))] as const);
    return {
      clusters: found.flatMap(([, cluster]) => (cluster ? [clusterView(region, cluster, include)] : [])),
      failures: found.flatMap(([name, cluster]) =>
        cluster ? [] : [{ arn: clusterArn(region, name), reason: "MISSING" }],
      ),
    };
  },

  ListClusters({ region, body }) {
    const request = parseRequest(z.looseObject(paging), body);
    const active = [...region.clusters.values()].filter(({ status }) => status === "ACTIVE");
    const { items, nextToken } = paginate(active, ({ arn }) => arn, request);
    return { clusterArns: items.map(({ arn }) => arn), nextToken };
  },

  UpdateCluster({ region, body }) {
    const request = parseRequest(updateCluster, body);
    const cluster = activeCluster(region, request.cluster);
    if (request.settings) cluster.settings = mergeSettings(cluster.settings, settingsOf(request.settings));
    if (request.configuration) cluster.configuration = request.configuration;
    if (request.serviceConnectDefaults) cluster.serviceConnectDefaults = request.serviceConnectDefaults;
    return { cluster: clusterView(region, cluster, ["TAGS", "SETTINGS", "CONFIGURATIONS"]) };
  },

  UpdateClusterSettings({ region, body }) {
    const request = parseRequest(updateCluster.pick({ cluster: true, settings: true }), body);
    const cluster = activeCluster(region, request.cluster);
    cluster.settings = mergeSettings(cluster.settings, settingsOf(request.settings));
    return { cluster: clusterView(region, cluster, ["TAGS", "SETTINGS"]) };
  },

  DeleteCluster({ region, body }) {
    const { cluster: named } = parseRequest(z.looseObject({ cluster: z.string() }), body);
    const cluster = region.clusters.get(clusterArn(region, named));
    if (!cluster) throw clusterNotFound();
    if (servicesOf(region, cluster).some(({ status }) => status === "ACTIVE"))
      throw new EcsError(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
      );
    if (tasksOf(region, cluster).some(({ lastStatus }) => lastStatus !== "STOPPED"))
      throw new EcsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.");
    cluster.status = "INACTIVE";
    return { cluster: clusterView(region, cluster, []) };
  },
};

/** The ARN of a cluster that a request names by ARN, by name or, as `default`, not at all. */
export function clusterArn(region: EcsRegion, named = "default"): string {
  if (named.startsWith("arn:")) {
    if (parseEcsArn(named)?.type !== "cluster")
      throw invalidParameter("Invalid identifier: Identifier is for a cluster.");
    return named;
  }
  return ecsArn(region, `cluster/${named}`);
}

/** @throws ClusterNotFoundException */
export function activeCluster(region: EcsRegion, named?: string): Cluster {
  const cluster = region.clusters.get(clusterArn(region, named));
  if (cluster?.status !== "ACTIVE") throw clusterNotFound();
  return cluster;
}

const servicesOf = (region: EcsRegion, { arn }: Cluster): Service[] =>
  [...region.services.values()].filter(({ clusterArn }) => clusterArn === arn);

const tasksOf = (region: EcsRegion, { arn }: Cluster): Task[] =>
  [...region.tasks.values()].filter(({ clusterArn }) => clusterArn === arn);

type Settings = Cluster["settings"];

function settingsOf(requested: z.infer<typeof createCluster>["settings"] = []): Settings {
  for (const { name, value } of requested) {
    if (name !== "containerInsights") throw invalidParameter("Setting name is not valid. Specify containerInsights.");
    if (!["enabled", "disabled", "enhanced"].includes(value ?? ""))
      throw invalidParameter("Setting value is not valid. Specify enabled, enhanced or disabled.");
  }
  return mergeSettings([{ name: "containerInsights", value: "disabled" }], requested as Settings);
}

function mergeSettings(old: Settings, changes: Settings): Settings {
  return [...old.filter(({ name }) => !changes.some((each) => each.name === name)), ...changes];
}

/** Cluster of the API, with what `include` asks for. */
export function clusterView(region: EcsRegion, cluster: Cluster, include: readonly string[]): Record<string, unknown> {
  const tasks = tasksOf(region, cluster);
  const count = (...statuses: string[]) => tasks.filter(({ lastStatus }) => statuses.includes(lastStatus)).length;
  const services = servicesOf(region, cluster).filter(({ status }) => status !== "INACTIVE");
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: count("RUNNING", "DEACTIVATING", "STOPPING"),
    pendingTasksCount: count("PROVISIONING", "PENDING", "ACTIVATING"),
    activeServicesCount: services.length,
    statistics: include.includes("STATISTICS") ? statistics(region, cluster) : [],
    tags: include.includes("TAGS") ? tagsView(cluster.tags) : [],
    settings: include.includes("SETTINGS") ? cluster.settings : [],
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultCapacityProviderStrategy,
    ...(include.includes("CONFIGURATIONS") && { configuration: cluster.configuration }),
    serviceConnectDefaults: cluster.serviceConnectDefaults,
  };
}

function statistics(region: EcsRegion, cluster: Cluster): { name: string; value: string }[] {
  const tasks = tasksOf(region, cluster);
  const services = servicesOf(region, cluster);
  return (["EC2", "Fargate"] as const).flatMap((name) => {
    const isOf = ({ launchType }: { launchType?: string }) => (launchType === "EC2") === (name === "EC2");
    const of = tasks.filter(isOf);
    const inStatus = (status: string) =>
      services.filter((each) => each.status === status && isOf(each.deployments[0] ?? {}));
    return [
      {
        name: `running${name}TasksCount`,
        value: String(of.filter(({ lastStatus }) => lastStatus === "RUNNING").length),
      },
      {
        name: `pending${name}TasksCount`,
        value: String(of.filter(({ lastStatus }) => lastStatus === "PENDING").length),
      },
      { name: `active${name}ServiceCount`, value: String(inStatus("ACTIVE").length) },
      { name: `draining${name}ServiceCount`, value: String(inStatus("DRAINING").length) },
    ];
  });
}

/** The cluster's name in its ARN. */
export const clusterName = (arn: string): string => shortName(arn);
