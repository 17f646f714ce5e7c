import type { Service } from "../../descriptor.js";
import { compositeAlarm } from "./compositeAlarm.js";
import { dashboard } from "./dashboard.js";
import { logMetricFilter } from "./logMetricFilter.js";
import { metricAlarm } from "./metricAlarm.js";

export const resources: Service["resources"] = [metricAlarm, compositeAlarm, dashboard, logMetricFilter];
