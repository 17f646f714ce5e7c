import type { Service } from "../../descriptor.js";
import { catalogDatabase } from "./catalogDatabase.js";
import { catalogTable } from "./catalogTable.js";
import { crawler } from "./crawler.js";
import { job } from "./job.js";
import { partition } from "./partition.js";
import { securityConfiguration } from "./securityConfiguration.js";
import { trigger } from "./trigger.js";
import { workflow } from "./workflow.js";

export const resources: Service["resources"] = [
  catalogDatabase,
  catalogTable,
  partition,
  job,
  crawler,
  workflow,
  trigger,
  securityConfiguration,
];
