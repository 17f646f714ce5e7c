import type { Service } from "../../descriptor.js";
import { eventBus } from "./eventBus.js";
import { eventRule } from "./eventRule.js";
import { eventTarget } from "./eventTarget.js";

export const resources: Service["resources"] = [eventRule, eventTarget, eventBus];
