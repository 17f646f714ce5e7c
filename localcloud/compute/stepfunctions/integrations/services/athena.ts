// `athena:startQueryExecution` and its fellows. Source: "Run Athena queries with Step Functions".
import type { Integrations } from "../descriptor.js";

export const athena: Integrations = {
  names: { sdk: "athena", prefix: "Athena", label: "AmazonAthena", exception: "AmazonAthenaException" },
  actions: {
    startQueryExecution: {
      operation: "StartQueryExecution",
      completion: {
        detailTypes: ["Athena Query State Change"],
        ending(detail, { submitted, ask }) {
          const state = String(detail.currentState);
          if (detail.queryExecutionId !== submitted.QueryExecutionId) return undefined;
          if (!["SUCCEEDED", "FAILED", "CANCELLED"].includes(state)) return undefined;
          const asked = ask("GetQueryExecution", { QueryExecutionId: submitted.QueryExecutionId ?? "" });
          return asked.then((answer) => (state === "SUCCEEDED" ? { succeeded: answer } : { failed: answer }));
        },
        cancel: ({ submitted }) => ({
          operation: "StopQueryExecution",
          input: { QueryExecutionId: submitted.QueryExecutionId ?? "" },
        }),
      },
    },
    stopQueryExecution: { operation: "StopQueryExecution" },
    getQueryExecution: { operation: "GetQueryExecution" },
    getQueryResults: { operation: "GetQueryResults" },
  },
};
