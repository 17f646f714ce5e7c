import {
  BatchClient,
  DeleteComputeEnvironmentCommand,
  DeleteJobQueueCommand,
  DeleteSchedulingPolicyCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  ListSchedulingPoliciesCommand,
  UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import type { InventoryItem, InventorySource } from "../item.js";
import { allPages } from "../pages.js";

/** Jobs that ended stay listed for a week, and revisions that were deregistered stay INACTIVE: neither is anything that lives. */
export const batch: InventorySource = {
  service: "batch",
  async list(client) {
    const api = client(BatchClient);
    return (await Promise.all([queues(api), computeEnvironments(api), definitions(api), policies(api)])).flat();
  },
};

async function queues(api: BatchClient): Promise<InventoryItem[]> {
  const found = await allPages(async (nextToken) => {
    const page = await api.send(new DescribeJobQueuesCommand({ nextToken }));
    return { items: page.jobQueues, token: page.nextToken };
  });
  return found
    .filter(({ status }) => status !== "DELETED")
    .map(({ jobQueueName = "", state }) => ({
      type: "AWS::Batch::JobQueue",
      id: jobQueueName,
      async remove() {
        if (state === "ENABLED")
          await api.send(new UpdateJobQueueCommand({ jobQueue: jobQueueName, state: "DISABLED" }));
        await api.send(new DeleteJobQueueCommand({ jobQueue: jobQueueName }));
      },
    }));
}

async function computeEnvironments(api: BatchClient): Promise<InventoryItem[]> {
  const found = await allPages(async (nextToken) => {
    const page = await api.send(new DescribeComputeEnvironmentsCommand({ nextToken }));
    return { items: page.computeEnvironments, token: page.nextToken };
  });
  return found
    .filter(({ status }) => status !== "DELETED")
    .map(({ computeEnvironmentName = "", state }) => ({
      type: "AWS::Batch::ComputeEnvironment",
      id: computeEnvironmentName,
      async remove() {
        const computeEnvironment = computeEnvironmentName;
        if (state === "ENABLED")
          await api.send(new UpdateComputeEnvironmentCommand({ computeEnvironment, state: "DISABLED" }));
        await api.send(new DeleteComputeEnvironmentCommand({ computeEnvironment }));
      },
    }));
}

async function definitions(api: BatchClient): Promise<InventoryItem[]> {
  const found = await allPages(async (nextToken) => {
    const page = await api.send(new DescribeJobDefinitionsCommand({ status: "ACTIVE", nextToken }));
    return { items: page.jobDefinitions, token: page.nextToken };
  });
  return found.map(({ jobDefinitionName, revision }) => ({
    type: "AWS::Batch::JobDefinition",
    id: `${jobDefinitionName}:${revision}`,
    remove: () => api.send(new DeregisterJobDefinitionCommand({ jobDefinition: `${jobDefinitionName}:${revision}` })),
  }));
}

async function policies(api: BatchClient): Promise<InventoryItem[]> {
  const found = await allPages(async (nextToken) => {
    const page = await api.send(new ListSchedulingPoliciesCommand({ nextToken }));
    return { items: page.schedulingPolicies, token: page.nextToken };
  });
  return found.map(({ arn = "" }) => ({
    type: "AWS::Batch::SchedulingPolicy",
    id: arn.split("/").pop() ?? arn,
    remove: () => api.send(new DeleteSchedulingPolicyCommand({ arn })),
  }));
}
