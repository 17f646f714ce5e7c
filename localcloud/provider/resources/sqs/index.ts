import type { Service } from "../../descriptor.js";
import { queue } from "./queue.js";
import { queuePolicy } from "./queuePolicy.js";

export const resources: Service["resources"] = [queue, queuePolicy];
