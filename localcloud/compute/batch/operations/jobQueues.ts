// Job queues: CreateJobQueue, Describe…, Update…, Delete…, GetJobQueueSnapshot of the AWS Batch API Reference.
import { z } from "zod";
import { batchArn, toArn } from "../arn.js";
import { isFargate } from "../environmentUpdate.js";
import { clientException, invalidRequest, notSupported } from "../errors.js";
import type { JobQueue } from "../model.js";
import { paginate } from "../paging.js";
import { type CreateJobQueue, createJobQueue, paging, parseRequest, updateJobQueue } from "../requests.js";
import type { BatchRegion } from "../store.js";
import { computeEnvironment } from "./computeEnvironments.js";
import { type Operation, soon } from "./operation.js";

const HEALTHY = "JobQueue Healthy";
const MOST_ENVIRONMENTS = 3;
const FRONT = 100;

export const create: Operation = ({ region, body, world }) => {
  const request = parseRequest(createJobQueue, body);
  if (request.serviceEnvironmentOrder?.length)
    throw notSupported("serviceEnvironmentOrder", "use computeEnvironmentOrder");
  const arn = batchArn(region, "job-queue", request.jobQueueName);
  if (region.jobQueues.has(arn)) throw clientException("Object already exists");
  if (request.schedulingPolicyArn) checkPolicy(region, request.schedulingPolicyArn);
  const { order, fargate } = environmentOrder(region, request.computeEnvironmentOrder);
  const queue: JobQueue = {
    account: region.account,
    region: region.region,
    name: request.jobQueueName,
    arn,
    state: request.state ?? "ENABLED",
    status: "CREATING",
    statusReason: "",
    priority: request.priority,
    schedulingPolicyArn: request.schedulingPolicyArn,
    computeEnvironmentOrder: order,
    jobStateTimeLimitActions: request.jobStateTimeLimitActions ?? [],
    jobQueueType: fargate ? "ECS_FARGATE" : "ECS",
    tags: { ...request.tags },
  };
  region.jobQueues.set(arn, queue);
  settle(queue, () => world.engine.schedule());
  return { jobQueueName: queue.name, jobQueueArn: arn };
};

const describeRequest = z.looseObject({ jobQueues: z.array(z.string()).optional(), ...paging });

export const describe: Operation = ({ region, body }) => {
  const request = parseRequest(describeRequest, body);
  const wanted = request.jobQueues?.map((each) => toArn(region, "job-queue", each));
  const all = [...region.jobQueues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = wanted?.length ? all.filter(({ arn }) => wanted.includes(arn)) : all;
  const { items, nextToken } = paginate(found, ({ name }) => name, request, 100);
  return { jobQueues: items.map(detail), nextToken };
};

export const update: Operation = ({ region, body, world }) => {
  const request = parseRequest(updateJobQueue, body);
  const queue = jobQueue(region, request.jobQueue);
  if (isBeingModified(queue)) throw clientException("Cannot update, resource is being modified");
  if (request.schedulingPolicyArn) {
    if (!queue.schedulingPolicyArn)
      throw invalidRequest("A scheduling policy can not be added to a job queue that was created without one.");
    checkPolicy(region, request.schedulingPolicyArn);
  }
  if (request.computeEnvironmentOrder) {
    const { order, fargate } = environmentOrder(region, request.computeEnvironmentOrder);
    if (fargate !== (queue.jobQueueType === "ECS_FARGATE"))
      throw invalidRequest("The kind of compute environments of a job queue (Fargate or EC2) can not be changed.");
    queue.computeEnvironmentOrder = order;
  }
  queue.schedulingPolicyArn = request.schedulingPolicyArn || queue.schedulingPolicyArn;
  queue.priority = request.priority ?? queue.priority;
  queue.state = request.state ?? queue.state;
  queue.jobStateTimeLimitActions = request.jobStateTimeLimitActions ?? queue.jobStateTimeLimitActions;
  queue.status = "UPDATING";
  settle(queue, () => world.engine.schedule());
  return { jobQueueName: queue.name, jobQueueArn: queue.arn };
};

const deleteRequest = z.looseObject({ jobQueue: z.string().min(1) });

/** A queue must be DISABLED; its jobs are terminated, and it is gone when the last of them has ended. */
export const remove: Operation = ({ region, body, world }) => {
  const queue = jobQueue(region, parseRequest(deleteRequest, body).jobQueue);
  if (isBeingModified(queue)) throw clientException("Cannot delete, resource is being modified");
  if (queue.state !== "DISABLED") throw clientException("Cannot delete, job queue must be disabled");
  queue.status = "DELETING";
  const ended = world.engine.whenNone(region, (job) => job.queue === queue.arn);
  for (const job of [...region.table.jobs.values()])
    if (job.queue === queue.arn && !job.child)
      world.engine.dispatch(region, {
        kind: "terminate",
        jobId: job.id,
        reason: `Job queue ${queue.name} is being deleted`,
      });
  void ended.then(() => soon(() => region.jobQueues.delete(queue.arn)));
  return {};
};

export const snapshot: Operation = ({ region, body, world }) => {
  const queue = jobQueue(region, parseRequest(deleteRequest, body).jobQueue);
  const front = world.engine.frontOfQueue(region, queue).slice(0, FRONT);
  return {
    frontOfQueue: {
      jobs: front.map(({ jobArn, runnableAt }) => ({ jobArn, earliestTimeAtPosition: runnableAt })),
      lastUpdatedAt: world.engine.now(),
    },
  };
};

/** @throws ClientException when there is none of that name or ARN */
export function jobQueue(region: BatchRegion, nameOrArn: string): JobQueue {
  const arn = toArn(region, "job-queue", nameOrArn);
  const found = region.jobQueues.get(arn);
  if (!found) throw clientException(`${arn} does not exist`);
  return found;
}

const isBeingModified = ({ status }: JobQueue): boolean =>
  status === "CREATING" || status === "UPDATING" || status === "DELETING";

function settle(queue: JobQueue, done: () => void): void {
  soon(() => {
    if (queue.status === "DELETING") return;
    queue.status = "VALID";
    queue.statusReason = HEALTHY;
    done();
  });
}

function checkPolicy(region: BatchRegion, arn: string): void {
  if (!region.schedulingPolicies.has(arn)) throw clientException(`${arn} does not exist`);
}

/** The environments of a queue by order; all VALID, and all of Fargate or none. */
function environmentOrder(
  region: BatchRegion,
  requested: CreateJobQueue["computeEnvironmentOrder"],
): { order: JobQueue["computeEnvironmentOrder"]; fargate: boolean } {
  if (!requested?.length) throw invalidRequest("computeEnvironmentOrder must not be empty.");
  if (requested.length > MOST_ENVIRONMENTS)
    throw invalidRequest(`A job queue can have at most ${MOST_ENVIRONMENTS} compute environments.`);
  const environments = requested.map((each) => computeEnvironment(region, each.computeEnvironment));
  const unready = environments.find(({ status }) => status !== "VALID" && status !== "UPDATING");
  if (unready) throw clientException(`${unready.arn} must be created and valid before attaching to a job queue`);
  if (new Set(environments).size < environments.length)
    throw invalidRequest("A compute environment can be attached to a job queue only once.");
  const kinds = new Set(environments.map(({ computeResources }) => isFargate(computeResources)));
  if (kinds.size > 1) throw invalidRequest("A job queue can not mix Fargate and EC2 compute environments.");
  const order = requested
    .map((each, index) => ({ order: each.order, computeEnvironment: environments[index]?.arn ?? "" }))
    .sort((a, b) => a.order - b.order);
  return { order, fargate: kinds.has(true) };
}

function detail(queue: JobQueue): Record<string, unknown> {
  const { name, arn, account: _account, region: _region, ...rest } = queue;
  return { jobQueueName: name, jobQueueArn: arn, ...rest };
}
