import type { Service } from "../../descriptor.js";
import { computeEnvironment } from "./computeEnvironment.js";
import { jobDefinition } from "./jobDefinition.js";
import { jobQueue } from "./jobQueue.js";
import { schedulingPolicy } from "./schedulingPolicy.js";

export const resources: Service["resources"] = [computeEnvironment, jobQueue, jobDefinition, schedulingPolicy];
