// Log groups that AWS creates by itself the first time a service writes to them: no stack declares them, none deletes them.
import type { InventoryItem } from "./item.js";

/** Prefixes under which services create groups on their own. */
const OWN = [
  "/aws/batch/job",
  "/aws/lambda/",
  "/aws/ecs/",
  "/aws/glue/",
  "/aws-glue/",
  "/aws/states/",
  "/aws/vendedlogs/",
  "/aws/elasticmapreduce/",
];

/** Whether an item is such a group. */
export const isAdopted = ({ type, id }: Pick<InventoryItem, "type" | "id">): boolean =>
  type === "AWS::Logs::LogGroup" &&
  OWN.some((prefix) => (prefix.endsWith("/") ? id.startsWith(prefix) : id === prefix));
