// Tasks: described, listed, stopped.
import { z } from "zod";
import { ecsArn, parseEcsArn, shortName } from "../arn.js";
import { invalidParameter } from "../errors.js";
import type { Cluster, Task } from "../model.js";
import { paginate } from "../paging.js";
import { cluster, paging, parseRequest } from "../requests.js";
import { type EcsRegion, forgetStopped } from "../store.js";
import { taskView } from "../tasks/view.js";
import { activeCluster } from "./clusters.js";
import type { Operations } from "./operation.js";

/** Tasks that DescribeTasks takes at once. */
const MOST_DESCRIBED = 100;
const STOPPED_BY_USER = "Task stopped by user";

export const operations: Operations = {
  DescribeTasks({ region, body, world }) {
    const request = parseRequest(
      z.looseObject({ cluster, tasks: z.array(z.string()), include: z.array(z.string()).optional() }),
      body,
    );
    const within = activeCluster(region, request.cluster);
    if (request.tasks.length === 0) throw invalidParameter("Tasks cannot be empty.");
    if (request.tasks.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} tasks can be described at once.`);
    forgetStopped(region, world.now().getTime());
    const found = request.tasks.map((named) => [named, findTask(region, within, named)] as const);
    return {
      tasks: found.flatMap(([, task]) => (task ? [taskView(task, request.include)] : [])),
      failures: found.flatMap(([named, task]) =>
        task ? [] : [{ arn: taskArn(region, within, named), reason: "MISSING" }],
      ),
    };
  },

  ListTasks({ region, body, world }) {
    const request = parseRequest(
      z.looseObject({
        cluster,
        containerInstance: z.string().optional(),
        family: z.string().optional(),
        startedBy: z.string().optional(),
        serviceName: z.string().optional(),
        desiredStatus: z.enum(["RUNNING", "PENDING", "STOPPED"]).optional(),
        launchType: z.enum(["EC2", "FARGATE", "EXTERNAL"]).optional(),
        ...paging,
      }),
      body,
    );
    const within = activeCluster(region, request.cluster);
    const { desiredStatus = "RUNNING", family, startedBy, serviceName, launchType, containerInstance } = request;
    if (startedBy !== undefined && (family !== undefined || serviceName !== undefined))
      throw invalidParameter("startedBy cannot be combined with other filters.");
    forgetStopped(region, world.now().getTime());
    const listed = [...region.tasks.values()].filter(
      (task) =>
        task.clusterArn === within.arn &&
        task.desiredStatus === desiredStatus &&
        (family ?? task.definition.family) === task.definition.family &&
        (startedBy ?? task.startedBy) === task.startedBy &&
        (serviceName === undefined || task.group === `service:${shortName(serviceName)}`) &&
        (launchType ?? task.launchType) === task.launchType &&
        containerInstance === undefined,
    );
    const { items, nextToken } = paginate(listed, ({ arn }) => arn, request);
    return { taskArns: items.map(({ arn }) => arn), nextToken };
  },

  StopTask({ region, body, world }) {
    const request = parseRequest(z.looseObject({ cluster, task: z.string(), reason: z.string().optional() }), body);
    const task = findTask(region, activeCluster(region, request.cluster), request.task);
    if (!task) throw invalidParameter("The referenced task was not found.");
    world.engine.stop(task, "UserInitiated", request.reason || STOPPED_BY_USER);
    return { task: taskView(task) };
  },

  ExecuteCommand() {
    throw invalidParameter(
      "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. " +
        "Wait and try again or run a new task with execute command enabled and try again.",
    );
  },
};

/** The ARN of a task that a request names by ARN or by id. */
function taskArn(region: EcsRegion, { name }: Cluster, named: string): string {
  return named.startsWith("arn:") ? named : ecsArn(region, `task/${name}/${named}`);
}

/** @throws InvalidParameterException for an ARN that is not a task's */
function findTask(region: EcsRegion, within: Cluster, named: string): Task | undefined {
  if (named.startsWith("arn:") && parseEcsArn(named)?.type !== "task")
    throw invalidParameter("Invalid identifier: Identifier is for a task.");
  const task = region.tasks.get(taskArn(region, within, named));
  return task?.clusterArn === within.arn ? task : undefined;
}
