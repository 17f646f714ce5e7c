import type { Service } from "../../descriptor.js";
import { schedule } from "./schedule.js";
import { scheduleGroup } from "./scheduleGroup.js";

export const resources: Service["resources"] = [schedule, scheduleGroup];
