// The orchestrator's workflow: features and data processing side by side, then the model.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Definition, Expression } from "../../components/sfn/asl.js";
import { sequence } from "../../components/sfn/sequence.js";
import { batchJob, publish } from "../../components/sfn/tasks.js";
import { JOB_KINDS, type JobKindName } from "./jobs.js";

export interface OrchestratorArgs {
  /** Name of the state machine, for messages. */
  name: string;
  jobQueueArn: Input<string>;
  /** ARNs with revision. */
  jobDefinitionArns: Record<JobKindName, Input<string>>;
  /** Topic that is told of a failure. */
  topicArn: Input<string>;
  /** How long one job may take with queueing and all attempts, seconds. */
  jobTimeoutSeconds: number;
}

const FAILURE = "Notify failure";
const FAILED = "Failed";

/**
 * The input's `environment` as Batch takes it. It is a list also when there is one variable, or none: then each job keeps the
 * defaults of its definition. Numbers and booleans become text.
 */
const ENVIRONMENT: Expression =
  "{% [$each($exists($states.input.environment) ? $states.input.environment : {}, function($value, $name) { {'Name': $name, 'Value': $string($value)} })] %}";

const ENVIRONMENT_IS_WRONG: Expression =
  "{% $exists($states.input.environment) and $type($states.input.environment) != 'object' %}";

/** What is worth knowing of a job that succeeded. */
const JOB =
  "{'jobName': $states.result.JobName, 'jobId': $states.result.JobId, 'startedAt': $states.result.StartedAt, 'stoppedAt': $states.result.StoppedAt}";

/**
 * The state machine's definition. Its input may carry `{"environment": {"TLC_DATA_PATH": "s3://…", "FEATURE_DATE": "2026-02-07"}}`:
 * every job gets these variables. Any other member of the input is ignored.
 */
export function orchestrator(args: OrchestratorArgs): Definition {
  const job = (kind: JobKindName, jobName: string, comment: string, output: Expression) =>
    batchJob({
      comment,
      jobName,
      jobQueueArn: args.jobQueueArn,
      jobDefinitionArn: args.jobDefinitionArns[kind],
      command: [...JOB_KINDS[kind].command],
      environment: "{% $environment %}",
      timeoutSeconds: args.jobTimeoutSeconds,
      output,
    });
  const onFailure: Catcher[] = [
    { ErrorEquals: ["States.ALL"], Assign: { failure: "{% $states.errorOutput %}" }, Next: FAILURE },
  ];
  const failurePath = sequence({
    "Refuse input": {
      Type: "Pass",
      Assign: {
        failure: {
          Error: "InvalidInput",
          Cause: "The input's 'environment' must be an object that maps names of variables to their values",
        },
      },
      Next: FAILURE,
    },
    [FAILURE]: publish({
      topicArn: args.topicArn,
      subject: `${args.name} failed`,
      message: `{% '${args.name}: execution ' & $states.context.Execution.Name & ' failed with ' & $failure.Error & ': ' & $failure.Cause %}`,
      // Not being able to tell anybody does not change why the execution failed.
      catch: [{ ErrorEquals: ["States.ALL"], Next: FAILED }],
    }),
    [FAILED]: { Type: "Fail", Error: "{% $failure.Error %}", Cause: "{% $failure.Cause %}" },
  });
  return {
    Comment: "Daily customer features and data processing side by side, then model training",
    QueryLanguage: "JSONata",
    // Two rounds of jobs, each within its own limit.
    TimeoutSeconds: 2 * args.jobTimeoutSeconds + 300,
    ...sequence(
      {
        "Check input": {
          Type: "Choice",
          Choices: [{ Condition: ENVIRONMENT_IS_WRONG, Next: "Refuse input" }],
          Default: "Prepare",
        },
        Prepare: { Type: "Pass", Assign: { environment: ENVIRONMENT } },
        "Extract and process": {
          Type: "Parallel",
          Branches: [
            sequence({
              "Feature extraction": job("8g", "feature-extraction", "Daily features of every customer", `{% ${JOB} %}`),
            }),
            sequence({
              "Data processing": job("2g", "data-processing", "Quality profile of the input", `{% ${JOB} %}`),
            }),
          ],
          Catch: onFailure,
        },
        "Model training": {
          ...job(
            "16g",
            "model-training",
            "Fare model on the trips",
            `{% {'features': $states.input[0], 'processing': $states.input[1], 'training': ${JOB}} %}`,
          ),
          Catch: onFailure,
        },
      },
      failurePath,
    ),
  };
}
