// RunTask: starts up to ten tasks of a definition.
import type { NetworkConfiguration, TaskOverride } from "@aws-sdk/client-ecs";
import { shortName } from "../arn.js";
import { clientException, EcsError, invalidParameter } from "../errors.js";
import type { Cluster, Tags, TaskDefinition } from "../model.js";
import { parseRequest, type RunTask, runTask } from "../requests.js";
import type { EcsRegion } from "../store.js";
import { taskTags, toTags } from "../tags.js";
import { taskView } from "../tasks/view.js";
import { activeCluster } from "./clusters.js";
import type { Operations } from "./operation.js";
import { findDefinition } from "./taskDefinitions.js";

const MOST_TASKS = 10;
const LONGEST_STARTED_BY = 128;
/** Milliseconds for which a client token stands for one request ("Ensuring idempotency", Amazon ECS API Reference). */
const TOKEN_KEPT_MS = 24 * 3_600_000;

export const operations: Operations = {
  async RunTask({ region, body, world }) {
    const request = parseRequest(runTask, body);
    const { count = 1, startedBy = "" } = request;
    if (count < 1 || count > MOST_TASKS) throw invalidParameter(`Tasks count must be between 1 and ${MOST_TASKS}.`);
    if (startedBy.length > LONGEST_STARTED_BY)
      throw invalidParameter(`startedBy can have at most ${LONGEST_STARTED_BY} characters.`);
    const cluster = activeCluster(region, request.cluster);
    const definition = runnable(region, request.taskDefinition);
    const now = world.now().getTime();
    const known = recall(region, cluster, request, now);
    const tasks = known
      ? known.flatMap((arn) => region.tasks.get(arn) ?? [])
      : await world.launcher.launch(region, {
          cluster,
          definition,
          count,
          launchType: request.launchType,
          capacityProviderStrategy: request.capacityProviderStrategy,
          platformVersion: request.platformVersion,
          networkConfiguration: request.networkConfiguration as NetworkConfiguration | undefined,
          overrides: request.overrides as TaskOverride | undefined,
          group: request.group,
          startedBy: request.startedBy,
          enableExecuteCommand: request.enableExecuteCommand,
          tags: tagsOf(request, cluster, definition),
        });
    if (request.clientToken && !known)
      region.requests.set(tokenKey(cluster, request.clientToken), {
        request: JSON.stringify(request),
        taskArns: tasks.map(({ arn }) => arn),
        at: now,
      });
    return { tasks: tasks.map((task) => taskView(task, ["TAGS"])), failures: [] };
  },
};

/**
 * The definition that tasks are to run.
 *
 * @throws ClientException when there is none, or it was deregistered
 */
export function runnable(region: EcsRegion, text: string): TaskDefinition {
  const definition = findDefinition(region, text);
  if (!definition) throw clientException("TaskDefinition not found.");
  if (definition.status !== "ACTIVE") throw clientException("TaskDefinition is inactive");
  return definition;
}

const tokenKey = ({ arn }: Cluster, token: string): string => `${arn} ${token}`;

/** The tasks that the same request with the same token has started already. */
function recall(region: EcsRegion, cluster: Cluster, request: RunTask, now: number): string[] | undefined {
  for (const [key, { at }] of region.requests) if (now - at > TOKEN_KEPT_MS) region.requests.delete(key);
  const known = region.requests.get(tokenKey(cluster, request.clientToken ?? ""));
  if (!request.clientToken || !known) return undefined;
  if (known.request !== JSON.stringify(request))
    throw new EcsError("ConflictException", "The client token was used before with a different request.");
  return known.taskArns;
}

function tagsOf(request: RunTask, cluster: Cluster, definition: TaskDefinition): Tags {
  return taskTags({
    tags: toTags(request.tags),
    propagated: request.propagateTags === "TASK_DEFINITION" ? definition.tags : undefined,
    managed: request.enableECSManagedTags ? { clusterName: shortName(cluster.arn) } : undefined,
  });
}
