// `elasticmapreduce:createCluster` and its fellows, which wrap the API of EMR in one cluster and one step at a time.
// Source: "Create and manage Amazon EMR clusters with Step Functions".
import { StatesError } from "../../language/errors.js";
import { isObject, type Json, type JsonObject } from "../../language/json.js";
import { unusable } from "../connection.js";
import type { Begun, Ending, Integrations } from "../descriptor.js";

const CLUSTER_EVENTS = ["EMR Cluster State Change"];
const TERMINATED = new Set<Json | undefined>(["TERMINATED", "TERMINATED_WITH_ERRORS"]);
const STEP_ENDED = new Set<Json | undefined>(["COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"]);

async function cluster({ ask }: Begun, id: Json | undefined, isGood: boolean): Promise<Ending> {
  const { Cluster = null } = await ask("DescribeCluster", { ClusterId: id ?? "" });
  const detail = { Cluster, ClusterId: id ?? "" };
  return isGood ? { succeeded: detail } : { failed: detail };
}

async function step({ ask, request, submitted }: Begun, isGood: boolean): Promise<Ending> {
  const StepId = submitted.StepId ?? "";
  const { Step = null } = await ask("DescribeStep", { ClusterId: request.JobFlowId ?? "", StepId });
  return isGood ? { succeeded: { Step, StepId } } : { failed: { Step, StepId } };
}

/** The instance group or fleet that a task names, by its own name. @throws StatesError when the cluster has none */
function named(found: Json | undefined, name: Json | undefined): JsonObject {
  const match = ((found ?? []) as JsonObject[]).find((candidate) => candidate.Name === name);
  if (match) return match;
  throw new StatesError("ElasticMapReduce.InvalidRequestException", `The cluster has no ${String(name)}`);
}

const member = (value: Json | undefined): JsonObject => (isObject(value ?? null) ? (value as JsonObject) : {});

export const elasticmapreduce: Integrations = {
  names: {
    sdk: "emr",
    prefix: "ElasticMapReduce",
    label: "AmazonElasticMapReduce",
    exception: "AmazonElasticMapReduceException",
  },
  actions: {
    createCluster: {
      operation: "RunJobFlow",
      request(parameters) {
        if ("Steps" in parameters) throw unusable(parameters, ["The field 'Steps' is not supported by Step Functions"]);
        return parameters;
      },
      response: ({ JobFlowId = "", ...result }) => ({ ...result, ClusterId: JobFlowId }),
      completion: {
        detailTypes: CLUSTER_EVENTS,
        ending({ clusterId, state }, begun) {
          if (clusterId !== begun.submitted.ClusterId || (state !== "WAITING" && !TERMINATED.has(state)))
            return undefined;
          return cluster(begun, clusterId, state === "WAITING");
        },
        cancel: ({ submitted }) => ({
          operation: "TerminateJobFlows",
          input: { JobFlowIds: [submitted.ClusterId ?? ""] },
        }),
      },
    },
    terminateCluster: {
      operation: "TerminateJobFlows",
      request: ({ ClusterId = "", ...parameters }) => ({ ...parameters, JobFlowIds: [ClusterId] }),
      completion: {
        detailTypes: CLUSTER_EVENTS,
        ending({ clusterId, state }, begun) {
          const [id] = begun.request.JobFlowIds as Json[];
          return clusterId === id && TERMINATED.has(state) ? cluster(begun, id, true) : undefined;
        },
      },
    },
    setClusterTerminationProtection: {
      operation: "SetTerminationProtection",
      request: ({ ClusterId = "", ...parameters }) => ({ ...parameters, JobFlowIds: [ClusterId] }),
    },
    addStep: {
      operation: "AddJobFlowSteps",
      request: ({ ClusterId = "", Step = {}, ...parameters }) => ({
        ...parameters,
        JobFlowId: ClusterId,
        Steps: [Step],
      }),
      response: ({ StepIds, ...result }) => ({ ...result, StepId: ((StepIds ?? []) as Json[])[0] ?? "" }),
      completion: {
        detailTypes: ["EMR Step Status Change"],
        ending: ({ stepId, state }, begun) =>
          stepId === begun.submitted.StepId && STEP_ENDED.has(state) ? step(begun, state === "COMPLETED") : undefined,
        cancel: ({ request, submitted }) => ({
          operation: "CancelSteps",
          input: { ClusterId: request.JobFlowId ?? "", StepIds: [submitted.StepId ?? ""] },
        }),
      },
    },
    cancelStep: {
      operation: "CancelSteps",
      request: ({ StepId = "", ...parameters }) => ({ ...parameters, StepIds: [StepId] }),
      response: ({ CancelStepsInfoList, ...result }) => ({
        ...result,
        CancelStepsInfo: ((CancelStepsInfoList ?? []) as Json[])[0] ?? null,
      }),
    },
    modifyInstanceFleetByName: {
      operation: "ModifyInstanceFleet",
      async request({ ClusterId = "", InstanceFleetName, InstanceFleet }, { ask }) {
        const { InstanceFleets } = await ask("ListInstanceFleets", { ClusterId });
        const { Id = "" } = named(InstanceFleets, InstanceFleetName);
        return { ClusterId, InstanceFleet: { ...member(InstanceFleet), InstanceFleetId: Id } };
      },
    },
    modifyInstanceGroupByName: {
      operation: "ModifyInstanceGroups",
      async request({ ClusterId = "", InstanceGroupName, InstanceGroup }, { ask }) {
        const { InstanceGroups } = await ask("ListInstanceGroups", { ClusterId });
        const { Id = "" } = named(InstanceGroups, InstanceGroupName);
        return { ClusterId, InstanceGroups: [{ ...member(InstanceGroup), InstanceGroupId: Id }] };
      },
    },
  },
};
