// `athena:startQueryExecution` and its fellows. Source: "Run Athena queries with Step Functions".
import type { JsonObject } from "../../language/json.js";
import type { Integrations } from "../descriptor.js";

export const athena: Integrations = {
  names: { sdk: "athena", prefix: "Athena", label: "AmazonAthena", exception: "AmazonAthenaException" },
  actions: {
    startQueryExecution: {
      operation: "StartQueryExecution",
      completion: {
        // Queries run in the base of the local cloud, which puts no `Athena Query State Change` events.
        async poll({ submitted, ask }) {
          const answer = await ask("GetQueryExecution", { QueryExecutionId: submitted.QueryExecutionId ?? "" });
          const { State } = ((answer.QueryExecution as JsonObject).Status ?? {}) as JsonObject;
          if (State === "SUCCEEDED") return { succeeded: answer };
          return State === "FAILED" || State === "CANCELLED" ? { failed: answer } : undefined;
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
