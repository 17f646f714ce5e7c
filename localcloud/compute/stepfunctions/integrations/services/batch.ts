// `batch:submitJob`. Source: "Run AWS Batch workloads with Step Functions".
import { isObject, type Json, type JsonObject } from "../../language/json.js";
import type { Integrations } from "../descriptor.js";
import { respelled } from "../respell.js";

/** AWS marks the jobs that it waits for. */
const MANAGED = { Name: "MANAGED_BY_AWS", Value: "STARTED_BY_STEP_FUNCTIONS" };
/** Members of a job's detail whose keys are the caller's own. */
const MAPS = new Set(["parameters", "tags", "options"]);

function marked(parameters: JsonObject): JsonObject {
  const overrides = isObject(parameters.ContainerOverrides ?? null)
    ? (parameters.ContainerOverrides as JsonObject)
    : {};
  const environment = Array.isArray(overrides.Environment) ? overrides.Environment : [];
  return { ...parameters, ContainerOverrides: { ...overrides, Environment: [...environment, MANAGED] as Json } };
}

export const batch: Integrations = {
  names: { sdk: "batch", prefix: "Batch", label: "AWSBatch", exception: "AWSBatchException" },
  actions: {
    submitJob: {
      operation: "SubmitJob",
      request: (parameters, { pattern }) => (pattern === "sync" ? marked(parameters) : parameters),
      completion: {
        detailTypes: ["Batch Job State Change"],
        managedRule: "StepFunctionsGetEventsForBatchJobsRule",
        ending(detail, { submitted }) {
          if (detail.jobId !== submitted.JobId) return undefined;
          if (detail.status === "SUCCEEDED") return { succeeded: respelled(detail, MAPS) };
          return detail.status === "FAILED" ? { failed: respelled(detail, MAPS) } : undefined;
        },
        cancel: ({ submitted }) => ({
          operation: "TerminateJob",
          input: { JobId: submitted.JobId ?? "", Reason: "Step Functions execution was stopped" },
        }),
      },
    },
  },
};
