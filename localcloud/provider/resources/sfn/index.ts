import type { Service } from "../../descriptor.js";
import { activity } from "./activity.js";
import { stateMachine } from "./stateMachine.js";

export const resources: Service["resources"] = [stateMachine, activity];
