// Capacity providers: FARGATE and FARGATE_SPOT, which every account has, and clusters' strategies over them.
import { z } from "zod";
import { ecsArn, shortName } from "../arn.js";
import { EcsError, notSupported } from "../errors.js";
import { paging, parseRequest, putClusterCapacityProviders } from "../requests.js";
import { checkProviders, checkStrategy, FARGATE_PROVIDERS } from "../tasks/strategy.js";
import { activeCluster, clusterView } from "./clusters.js";
import type { Operation, Operations } from "./operation.js";

const autoScalingGroups: Operation = () => {
  throw notSupported("A capacity provider of an Auto Scaling group", "use FARGATE or FARGATE_SPOT");
};

export const operations: Operations = {
  PutClusterCapacityProviders({ region, body }) {
    const request = parseRequest(putClusterCapacityProviders, body);
    const cluster = activeCluster(region, request.cluster);
    const capacityProviders = checkProviders(request.capacityProviders);
    const gone = cluster.capacityProviders.filter((name) => !capacityProviders.includes(name));
    const inUse = [...region.tasks.values()].some(
      ({ clusterArn, lastStatus, capacityProviderName = "" }) =>
        clusterArn === cluster.arn && lastStatus !== "STOPPED" && gone.includes(capacityProviderName),
    );
    if (inUse)
      throw new EcsError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.");
    cluster.defaultCapacityProviderStrategy = checkStrategy(request.defaultCapacityProviderStrategy, capacityProviders);
    cluster.capacityProviders = capacityProviders;
    return { cluster: clusterView(region, cluster, ["TAGS", "SETTINGS"]) };
  },

  DescribeCapacityProviders({ region, body }) {
    const schema = z.looseObject({ capacityProviders: z.array(z.string()).optional(), ...paging });
    const { capacityProviders: named = [] } = parseRequest(schema, body);
    const asked = named.length > 0 ? named.map(shortName) : FARGATE_PROVIDERS;
    return {
      capacityProviders: asked
        .filter((name) => FARGATE_PROVIDERS.includes(name))
        .map((name) => ({
          capacityProviderArn: ecsArn(region, `capacity-provider/${name}`),
          name,
          status: "ACTIVE",
          tags: [],
        })),
      failures: asked
        .filter((name) => !FARGATE_PROVIDERS.includes(name))
        .map((name) => ({ arn: ecsArn(region, `capacity-provider/${name}`), reason: "MISSING" })),
    };
  },

  CreateCapacityProvider: autoScalingGroups,
  UpdateCapacityProvider: autoScalingGroups,

  DeleteCapacityProvider() {
    throw new EcsError("ClientException", "The specified capacity provider is reserved and cannot be deleted.");
  },
};
