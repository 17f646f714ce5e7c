import type { Service } from "../../descriptor.js";
import { logGroup } from "./log-group.js";
import { logResourcePolicy } from "./resource-policy.js";

export const resources: Service["resources"] = [logGroup, logResourcePolicy];
