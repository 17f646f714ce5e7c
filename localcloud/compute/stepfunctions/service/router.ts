// The API: awsJson1_0 requests to operations, errors to their shapes.
import { z } from "zod";
import type { ServiceRequest, ServiceResponse } from "../../service.js";
import type { JsonObject } from "../language/json.js";
import * as activities from "./activities.js";
import * as aliases from "./aliases.js";
import { ApiError } from "./errors.js";
import * as executions from "./executions.js";
import { getExecutionHistory } from "./history.js";
import * as mapRuns from "./mapRuns.js";
import * as machines from "./stateMachines.js";
import type { Region, Store } from "./store.js";
import { listTags, tagResource, untagResource } from "./tags.js";
import { testState } from "./testState.js";
import type { Tokens } from "./tokens.js";
import * as versions from "./versions.js";
import type { ServiceWorld } from "./world.js";

type Operation = (region: Region, body: JsonObject, api: Api) => JsonObject | Promise<JsonObject>;

interface Api {
  starter: executions.Starter;
  tokens: Tokens;
  world: ServiceWorld;
}

const OPERATIONS: Record<string, Operation> = {
  CreateStateMachine: (region, body, { starter, world }) =>
    machines.createStateMachine(region, body, starter.now(), world.sessions),
  UpdateStateMachine: (region, body, { starter, world }) =>
    machines.updateStateMachine(region, body, starter.now(), world.sessions),
  DeleteStateMachine: (region, body, { starter }) => {
    const machine = region.machines.get(String(body.stateMachineArn));
    const answer = machines.deleteStateMachine(region, body);
    for (const execution of region.executions.values())
      if (execution.machine === machine && execution.status === "RUNNING") starter.stop(execution);
    return answer;
  },
  DescribeStateMachine: machines.describeStateMachine,
  ListStateMachines: machines.listStateMachines,
  ValidateStateMachineDefinition: (_region, body) => machines.validateOperation(body),
  PublishStateMachineVersion: (region, body, { starter }) => versions.publishVersion(region, body, starter.now()),
  DeleteStateMachineVersion: versions.deleteVersion,
  ListStateMachineVersions: versions.listVersions,
  CreateStateMachineAlias: (region, body, { starter }) => aliases.createAlias(region, body, starter.now()),
  UpdateStateMachineAlias: (region, body, { starter }) => aliases.updateAlias(region, body, starter.now()),
  DescribeStateMachineAlias: aliases.describeAlias,
  DeleteStateMachineAlias: aliases.deleteAlias,
  ListStateMachineAliases: aliases.listAliases,
  StartExecution: (region, body, { starter }) => executions.startExecution(region, body, starter).answer,
  StartSyncExecution: (region, body, { starter }) => executions.startSyncExecution(region, body, starter),
  StopExecution: (region, body, { starter }) => executions.stopExecution(region, body, starter),
  RedriveExecution: (region, body, { starter }) => executions.redriveExecution(region, body, starter),
  DescribeExecution: (region, body, { starter }) => executions.describeExecution(region, body, starter.now()),
  DescribeStateMachineForExecution: executions.describeForExecution,
  ListExecutions: executions.listExecutions,
  GetExecutionHistory: getExecutionHistory,
  DescribeMapRun: mapRuns.describeMapRun,
  ListMapRuns: mapRuns.listMapRuns,
  UpdateMapRun: (region, body, { starter }) => mapRuns.updateMapRun(region, body, starter),
  CreateActivity: (region, body, { starter }) => activities.createActivity(region, body, starter.now()),
  DeleteActivity: activities.deleteActivity,
  DescribeActivity: activities.describeActivity,
  ListActivities: activities.listActivities,
  GetActivityTask: (region, body, { tokens, world }) =>
    activities.getActivityTask(region, body, tokens, (milliseconds, act) => world.clock.after(milliseconds, act)),
  SendTaskSuccess: (_region, body, { tokens }) => activities.sendTaskSuccess(body, tokens),
  SendTaskFailure: (_region, body, { tokens }) => activities.sendTaskFailure(body, tokens),
  SendTaskHeartbeat: (_region, body, { tokens }) => activities.sendTaskHeartbeat(body, tokens),
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTags,
  TestState: (region, body, { world }) => testState(region, body, world),
};

/** Operations that change how many machines and activities there are. */
const RESOURCES = new Set(["CreateStateMachine", "DeleteStateMachine", "CreateActivity", "DeleteActivity"]);
/** Operations that may change how many versions or aliases a machine has. */
const QUALIFIERS = new Set([
  "CreateStateMachine",
  "UpdateStateMachine",
  "PublishStateMachineVersion",
  "DeleteStateMachineVersion",
  "CreateStateMachineAlias",
  "DeleteStateMachineAlias",
]);

const HEADERS = { "Content-Type": "application/x-amz-json-1.0" };

export class Router {
  constructor(
    private readonly store: Store,
    private readonly api: Api,
  ) {}

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const name = (request.headers["x-amz-target"] ?? "").split(".").pop() ?? "";
    const operation = OPERATIONS[name];
    try {
      if (!operation) throw new ApiError("UnknownOperationException", `Unknown operation ${name}`);
      const body = parseBody(request.body);
      const region = this.store.region(request.account, request.region);
      const answer = await operation(region, body, this.api);
      this.tell(name, region, { ...body, ...answer });
      return { status: 200, headers: HEADERS, body: JSON.stringify(answer) };
    } catch (error) {
      return this.failure(error, name);
    }
  }

  /** Tells of what an operation has added or removed. @param about the members of its request and answer */
  private tell(operation: string, region: Region, about: JsonObject): void {
    const { observer } = this.api.world;
    if (RESOURCES.has(operation)) observer.resourcesChanged(region);
    const qualified = about.stateMachineVersionArn ?? about.stateMachineAliasArn;
    if (typeof qualified !== "string" || !QUALIFIERS.has(operation)) return;
    const machine = region.machines.get(qualified.split(":").slice(0, 7).join(":"));
    if (machine) observer.machineChanged(machine, region);
  }

  private failure(error: unknown, operation: string): ServiceResponse {
    const known = error instanceof z.ZodError ? invalid(error) : error;
    if (known instanceof ApiError)
      return {
        status: 400,
        headers: HEADERS,
        body: JSON.stringify({ __type: known.code, message: known.message, ...known.members }),
      };
    this.api.world.log(`states: ${operation}: ${String((known as Error).stack ?? known)}`);
    return {
      status: 500,
      headers: HEADERS,
      body: JSON.stringify({ __type: "InternalServerError", message: "Internal error" }),
    };
  }
}

function parseBody(body: Buffer): JsonObject {
  try {
    return JSON.parse(body.toString("utf8") || "{}") as JsonObject;
  } catch {
    throw new ApiError("SerializationException", "The request is not valid JSON");
  }
}

function invalid(error: z.ZodError): ApiError {
  const problems = error.issues.map(
    ({ path, message }) => `Value at '${path.join(".")}' failed to satisfy constraint: ${message}`,
  );
  return new ApiError(
    "ValidationException",
    `${problems.length} validation error${problems.length > 1 ? "s" : ""} detected: ${problems.join("; ")}`,
  );
}
