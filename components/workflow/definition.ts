// From a workflow's description to its state machine: input validation, one state a step, the failure path.
import type { Input } from "@pulumi/pulumi";
import { ANY_FAILURE } from "../batch/retry.js";
import type { Definition, State } from "../sfn/asl.js";
import { sequence } from "../sfn/sequence.js";
import { batchJob } from "../sfn/tasks.js";
import type { WorkflowDescription, WorkflowStep } from "./description.js";
import { failurePath, NOTIFY, onFailure } from "./failure.js";
import { inputExpression, problemsExpression } from "./input.js";

/** Where the jobs of a size run. */
export interface TierTarget {
  queueArn: Input<string>;
  /** With the revision. */
  jobDefinitionArn: Input<string>;
  /** Without the revision. */
  jobDefinitionArnPrefix: Input<string>;
}

export interface WorkflowTargets<Tier extends string> {
  /** Name of the workflow, as jobs and messages have it. */
  name: string;
  tiers: Record<Tier, TierTarget>;
  /** Topic that is told of a failure. */
  topicArn: Input<string>;
  /** Name of the log group of the jobs. */
  jobLogGroup: Input<string>;
}

const VALIDATE = "Validate input";
const CHECK = "Check input";
const REFUSE = "Refuse input";
const DONE = "Done";

/** For the failure path: the calls that find out why, the message. */
const ENDING_SECONDS = 300;

/** Attempts of a job that is tried again when its host failed, as the job definitions have it. */
const HOST_ATTEMPTS = 3;

const RUN_ID = { Name: "RUN_ID", Value: "{% $states.context.Execution.Name %}" };
const RUN_INPUT = { Name: "RUN_INPUT", Value: "{% $string($input) %}" };

/**
 * The state machine. Its first state checks the input; each step's jobs get `RUN_ID` (the execution's name) and `RUN_INPUT` (the
 * checked input with defaults, as JSON text); a failure of any step ends in `Failed`, after the topic was told.
 */
export function workflowDefinition<Tier extends string>(
  { description, input, steps }: WorkflowDescription<Tier>,
  targets: WorkflowTargets<Tier>,
): Definition {
  const first = steps[0];
  if (!first) throw new Error(`The workflow ${targets.name} has no steps`);
  return {
    Comment: description,
    QueryLanguage: "JSONata",
    TimeoutSeconds:
      steps.reduce((sum, step) => sum + step.timeoutSeconds + (step.merge?.timeoutSeconds ?? 0), 0) + ENDING_SECONDS,
    ...sequence(
      {
        [VALIDATE]: {
          Type: "Pass",
          Assign: { problems: problemsExpression(input), input: inputExpression(input) },
        },
        [CHECK]: {
          Type: "Choice",
          Choices: [{ Condition: "{% $count($problems) > 0 %}", Next: REFUSE }],
          Default: first.name,
        },
        ...Object.assign({}, ...steps.map((step) => stepStates(step, targets))),
        [DONE]: {
          Type: "Succeed",
          Output: { workflow: targets.name, runId: RUN_ID.Value, input: "{% $input %}" },
        },
      },
      sequence({
        [REFUSE]: {
          Type: "Pass",
          Assign: {
            failure: { State: VALIDATE, Error: "InvalidInput", Cause: "{% $join($problems, '; ') %}" },
          },
          Next: NOTIFY,
        },
      }),
      failurePath({ workflow: targets.name, topicArn: targets.topicArn, jobLogGroup: targets.jobLogGroup }),
    ),
  };
}

/** The state of a step, or two for one whose partitions are merged. */
function stepStates<Tier extends string>(
  step: WorkflowStep<Tier>,
  { name, tiers }: WorkflowTargets<Tier>,
): Record<string, State> {
  const { partitions, merge, retries = 0 } = step;
  const environment = [
    RUN_ID,
    RUN_INPUT,
    ...(partitions === undefined ? [] : [{ Name: "PARTITIONS", Value: `{% $string($input.${partitions}) %}` }]),
  ];
  const job = (state: string, part: Pick<WorkflowStep<Tier>, "tier" | "command" | "timeoutSeconds">, array?: string) =>
    batchJob({
      ...(step.description && { comment: step.description }),
      jobName: `${name}-${state.replaceAll(" ", "-")}`,
      jobQueueArn: tiers[part.tier].queueArn,
      jobDefinitionArn: tiers[part.tier].jobDefinitionArn,
      command: [...part.command],
      environment,
      ...(array !== undefined && { arraySize: `{% $input.${array} %}` }),
      ...(retries > 0 && { retry: { attempts: Math.min(10, HOST_ATTEMPTS - 1 + retries), rules: ANY_FAILURE } }),
      timeoutSeconds: part.timeoutSeconds,
      output: "{% {'jobId': $states.result.JobId} %}",
      catch: onFailure(part.timeoutSeconds),
    });
  return {
    [step.name]: job(step.name, step, partitions),
    ...(merge && { [`${step.name} merge`]: job(`${step.name} merge`, merge) }),
  };
}
