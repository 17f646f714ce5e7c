// The HTTP face of AWS Batch: protocol restJson1, every operation at a path of its own.
import type { ServiceRequest, ServiceResponse } from "../service.js";
import { BatchError, invalidRequest, notSupported } from "./errors.js";
import * as computeEnvironments from "./operations/computeEnvironments.js";
import * as jobDefinitions from "./operations/jobDefinitions.js";
import * as jobQueues from "./operations/jobQueues.js";
import * as jobs from "./operations/jobs.js";
import * as listJobs from "./operations/listJobs.js";
import type { Operation, OperationWorld } from "./operations/operation.js";
import * as schedulingPolicies from "./operations/schedulingPolicies.js";
import * as tags from "./operations/tags.js";
import type { BatchStore } from "./store.js";

/** What AWS Batch has beyond jobs on ECS: nothing of it is there, so its lists are empty and its other calls are refused. */
const none =
  (member: string): Operation =>
  () => ({ [member]: [] });

/** Operations by the last part of `POST /v1/<operation>`. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  createcomputeenvironment: computeEnvironments.create,
  describecomputeenvironments: computeEnvironments.describe,
  updatecomputeenvironment: computeEnvironments.update,
  deletecomputeenvironment: computeEnvironments.remove,
  createjobqueue: jobQueues.create,
  describejobqueues: jobQueues.describe,
  updatejobqueue: jobQueues.update,
  deletejobqueue: jobQueues.remove,
  getjobqueuesnapshot: jobQueues.snapshot,
  createschedulingpolicy: schedulingPolicies.create,
  describeschedulingpolicies: schedulingPolicies.describe,
  listschedulingpolicies: schedulingPolicies.list,
  updateschedulingpolicy: schedulingPolicies.update,
  deleteschedulingpolicy: schedulingPolicies.remove,
  registerjobdefinition: jobDefinitions.register,
  describejobdefinitions: jobDefinitions.describe,
  deregisterjobdefinition: jobDefinitions.deregister,
  submitjob: jobs.submit,
  describejobs: jobs.describe,
  listjobs: listJobs.list,
  canceljob: jobs.cancel,
  terminatejob: jobs.terminate,
  canceljobs: jobs.cancelSeveral,
  terminatejobs: jobs.terminateSeveral,
  describeserviceenvironments: none("serviceEnvironments"),
  listservicejobs: none("jobSummaryList"),
  listconsumableresources: none("consumableResources"),
};

const TAG_METHODS: Readonly<Record<string, Operation>> = { GET: tags.list, POST: tags.tag, DELETE: tags.untag };

/** Answers requests of the AWS Batch API. */
export class BatchRouter {
  constructor(
    private readonly store: BatchStore,
    private readonly world: OperationWorld,
  ) {}

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    try {
      const { operation, body } = route(request);
      const result = await operation({ region: this.store.region(request), body, world: this.world });
      return json(200, result);
    } catch (error) {
      const known =
        error instanceof BatchError ? error : new BatchError("ServerException", 500, (error as Error).message);
      return json(known.status, { message: known.wireMessage(request.requestId) }, { "x-amzn-errortype": known.code });
    }
  }
}

function route(request: ServiceRequest): { operation: Operation; body: unknown } {
  const body = parseBody(request.body);
  const path = decodeURIComponent(request.path);
  if (path.startsWith("/v1/tags/")) {
    const operation = TAG_METHODS[request.method];
    if (!operation) throw invalidRequest(`${request.method} is not a method of ${path}.`);
    const resourceArn = path.slice("/v1/tags/".length);
    return { operation, body: { ...body, resourceArn, tagKeys: request.query.getAll("tagKeys") } };
  }
  const name = /^\/v1\/([a-z]+)\/?$/.exec(path)?.[1] ?? "";
  const operation = OPERATIONS[name];
  if (!operation)
    throw notSupported(
      `The operation ${request.method} ${path}`,
      "it has compute environments, queues, policies, definitions and jobs",
    );
  return { operation, body };
}

function parseBody(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw invalidRequest("The request body must be a JSON object.");
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): ServiceResponse {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
