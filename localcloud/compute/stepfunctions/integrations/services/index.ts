// The optimized integrations, by the service's name in the resource.
import type { Integration, Integrations, ServiceNames } from "../descriptor.js";
import type { TaskResource } from "../resource.js";
import { athena } from "./athena.js";
import { batch } from "./batch.js";
import { dynamodb } from "./dynamodb.js";
import { ecs } from "./ecs.js";
import { elasticmapreduce } from "./elasticmapreduce.js";
import { events } from "./events.js";
import { glue } from "./glue.js";
import { lambda } from "./lambda.js";
import { sns } from "./sns.js";
import { sqs } from "./sqs.js";
import { states } from "./states.js";

const SERVICES = new Map<string, Integrations>(
  Object.entries({ athena, batch, dynamodb, ecs, elasticmapreduce, events, glue, lambda, sns, sqs, states }),
);

/** The integration of a resource, where there is one that can be waited for in this way. */
export function findIntegration({
  service: name,
  action,
  pattern,
  variant,
}: Extract<TaskResource, { service: string }>): { names: ServiceNames; integration: Integration } | undefined {
  const service = SERVICES.get(name);
  if (!service || !Object.hasOwn(service.actions, action)) return undefined;
  const integration = service.actions[action] as Integration;
  const { takesToken = false, completion, syncVariants = [] } = integration;
  const canBeWaitedFor = {
    requestResponse: true,
    waitForTaskToken: takesToken,
    sync: completion !== undefined && (variant === "" || syncVariants.includes(variant)),
  };
  return canBeWaitedFor[pattern] ? { names: service.names, integration } : undefined;
}
