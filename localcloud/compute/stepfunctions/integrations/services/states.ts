// `states:startExecution`. Source: "Start a new AWS Step Functions state machine from a running execution".
import type { Json, JsonObject } from "../../language/json.js";
import type { Begun, Ending, Integrations } from "../descriptor.js";
import { asText } from "../texts.js";

const RUNNING = new Set<Json | undefined>(["RUNNING", "PENDING_REDRIVE"]);

/** The execution as DescribeExecution shows it; `.sync:2` reads input and output as the JSON that they are. */
async function ended({ submitted, ask, variant }: Begun): Promise<Ending> {
  const { ExecutionArn, Input, InputDetails, Name, StartDate, StateMachineArn, Status, StopDate, ...rest } = await ask(
    "DescribeExecution",
    { ExecutionArn: submitted.ExecutionArn ?? "" },
  );
  const read = (text: Json | undefined): Json | undefined =>
    variant === ":2" && typeof text === "string" ? (JSON.parse(text) as Json) : text;
  const members: Record<string, Json | undefined> = {
    Cause: rest.Cause,
    Error: rest.Error,
    ExecutionArn,
    Input: read(Input),
    InputDetails,
    Name,
    Output: read(rest.Output),
    OutputDetails: rest.OutputDetails,
    StartDate,
    StateMachineArn,
    Status,
    StopDate,
  };
  const known = Object.entries(members).filter(([, member]) => member !== undefined);
  const detail = Object.fromEntries(known) as JsonObject;
  return Status === "SUCCEEDED" ? { succeeded: detail } : { failed: detail };
}

export const states: Integrations = {
  names: { sdk: "sfn", prefix: "StepFunctions", label: "AWSStepFunctions", exception: "AWSStepFunctionsException" },
  actions: {
    startExecution: {
      operation: "StartExecution",
      takesToken: true,
      syncVariants: [":2"],
      request: (parameters) => asText(parameters, "Input"),
      completion: {
        detailTypes: ["Step Functions Execution Status Change"],
        managedRule: "StepFunctionsGetEventsForStepFunctionsExecutionRule",
        ending: ({ executionArn, status }, begun) =>
          executionArn === begun.submitted.ExecutionArn && !RUNNING.has(status) ? ended(begun) : undefined,
        cancel: ({ submitted }) => ({
          operation: "StopExecution",
          input: { ExecutionArn: submitted.ExecutionArn ?? "" },
        }),
      },
    },
  },
};
