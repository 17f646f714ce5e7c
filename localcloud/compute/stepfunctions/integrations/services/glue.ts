// `glue:startJobRun`. Source: "Start an AWS Glue job with Step Functions".
import type { Json } from "../../language/json.js";
import type { Integrations } from "../descriptor.js";

/** States in which a run stays, other than SUCCEEDED. */
const FAILED = new Set<Json | undefined>(["FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"]);

export const glue: Integrations = {
  names: { sdk: "glue", prefix: "Glue", label: "AWSGlue", exception: "AWSGlueException" },
  actions: {
    startJobRun: {
      operation: "StartJobRun",
      completion: {
        detailTypes: ["Glue Job State Change"],
        ending({ jobRunId, state }, { request, submitted, ask }) {
          if (jobRunId !== submitted.JobRunId || (state !== "SUCCEEDED" && !FAILED.has(state))) return undefined;
          const run = { JobName: request.JobName ?? "", RunId: submitted.JobRunId ?? "" };
          return ask("GetJobRun", run).then(({ JobRun = null }) =>
            state === "SUCCEEDED" ? { succeeded: JobRun } : { failed: JobRun },
          );
        },
        cancel: ({ request, submitted }) => ({
          operation: "BatchStopJobRun",
          input: { JobName: request.JobName ?? "", JobRunIds: [submitted.JobRunId ?? ""] },
        }),
      },
    },
  },
};
