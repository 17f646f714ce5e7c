import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";

const afterSlash = (arn: string): string => arn.split("/").pop() ?? arn;

/** Deleted clusters and deregistered definitions stay INACTIVE for a while: they are not listed. */
export const ecs: InventorySource = {
  service: "ecs",
  async list(client) {
    const api = client(ECSClient);
    const [clusters, definitions] = await Promise.all([clusterItems(api), definitionItems(api)]);
    return [...clusters, ...definitions];
  },
};

async function clusterItems(api: ECSClient): Promise<InventoryItem[]> {
  const arns = await allPages(async (nextToken) => {
    const page = await api.send(new ListClustersCommand({ nextToken }));
    return { items: page.clusterArns, token: page.nextToken };
  });
  if (arns.length === 0) return [];
  const { clusters = [] } = await api.send(new DescribeClustersCommand({ clusters: arns }));
  const active = clusters.filter(({ status }) => status !== "INACTIVE");
  const inside = await Promise.all(active.map(({ clusterArn = "" }) => contents(api, clusterArn)));
  return [
    ...inside.flat(),
    ...active.map(({ clusterName = "", clusterArn }) => ({
      type: "AWS::ECS::Cluster",
      id: clusterName,
      remove: () => api.send(new DeleteClusterCommand({ cluster: clusterArn })),
    })),
  ];
}

async function contents(api: ECSClient, cluster: string): Promise<InventoryItem[]> {
  const services = await allPages(async (nextToken) => {
    const page = await api.send(new ListServicesCommand({ cluster, nextToken }));
    return { items: page.serviceArns, token: page.nextToken };
  });
  const tasks = await allPages(async (nextToken) => {
    const page = await api.send(new ListTasksCommand({ cluster, nextToken }));
    return { items: page.taskArns, token: page.nextToken };
  });
  return [
    ...services.map((service) => ({
      type: "AWS::ECS::Service",
      id: afterSlash(service),
      remove: () => api.send(new DeleteServiceCommand({ cluster, service, force: true })),
    })),
    ...tasks.map((task) => ({
      type: "AWS::ECS::Task",
      id: afterSlash(task),
      remove: () => api.send(new StopTaskCommand({ cluster, task })),
    })),
  ];
}

async function definitionItems(api: ECSClient): Promise<InventoryItem[]> {
  const arns = await allPages(async (nextToken) => {
    const page = await api.send(new ListTaskDefinitionsCommand({ status: "ACTIVE", nextToken }));
    return { items: page.taskDefinitionArns, token: page.nextToken };
  });
  return arns.map((taskDefinition) => ({
    type: "AWS::ECS::TaskDefinition",
    id: afterSlash(taskDefinition),
    remove: () => api.send(new DeregisterTaskDefinitionCommand({ taskDefinition })),
  }));
}
