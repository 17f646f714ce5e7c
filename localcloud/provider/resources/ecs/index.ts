import type { Service } from "../../descriptor.js";
import { cluster } from "./cluster.js";
import { clusterCapacityProviders } from "./clusterCapacityProviders.js";
import { getCluster, getContainerDefinition, getService, getTaskDefinition } from "./functions.js";
import { service } from "./service.js";
import { taskDefinition } from "./taskDefinition.js";

export const resources: Service["resources"] = [cluster, clusterCapacityProviders, taskDefinition, service];
export const functions: Service["functions"] = [getCluster, getService, getTaskDefinition, getContainerDefinition];
