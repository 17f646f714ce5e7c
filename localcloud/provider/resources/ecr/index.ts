import type { Service } from "../../descriptor.js";
import { lifecyclePolicy } from "./lifecycle-policy.js";
import { repository } from "./repository.js";
import { repositoryPolicy } from "./repository-policy.js";

export const resources: Service["resources"] = [repository, lifecyclePolicy, repositoryPolicy];
