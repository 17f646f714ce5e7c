// The pipeline's workflow: check, run, sum up; it ends in ProcessingSucceeded, or in ProcessingFailed with what went wrong.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Definition, Expression } from "../../components/sfn/asl.js";
import { ecsTask } from "../../components/sfn/ecs-task.js";
import { lambdaTask } from "../../components/sfn/lambda-task.js";
import { sequence } from "../../components/sfn/sequence.js";

export interface WorkflowArgs {
  checkFunctionArn: Input<string>;
  summaryFunctionArn: Input<string>;
  clusterArn: Input<string>;
  taskDefinitionArn: Input<string>;
  containerName: string;
  logGroup: Input<string>;
  subnetIds: Input<Input<string>[]>;
  securityGroupIds: Input<string>[];
  scriptTimeoutSeconds: number;
}

/** Starting a container, fetching and uploading, besides the script itself, seconds. */
const AROUND_THE_SCRIPT_SECONDS = 900;
const FUNCTION_SECONDS = 120;

const FAILED = "ProcessingFailed";
const WHICH = "What failed";
const EXPLAIN = "Explain task";

const ON_FAILURE: Catcher[] = [
  { ErrorEquals: ["States.ALL"], Assign: { failure: "{% $states.errorOutput %}" }, Next: WHICH },
];

/** The first line of a reason is a name like `OutOfMemoryError: …`; without one the task's stop code has to do. */
const TASK_ERROR: Expression =
  "{% ($task := $parse($failure.Cause); $reasons := [$task.Containers.Reason, $task.StoppedReason]; $named := $reasons[$match($, /^[A-Za-z]+Error:/)][0]; $exists($named) ? $substringBefore($named, ':') : $exists($task.StopCode) ? $task.StopCode : $failure.Error) %}";

const taskCause = (container: string): Expression =>
  `{% ($task := $parse($failure.Cause); $container := $task.Containers[Name = '${container}'][0]; $id := $split($task.TaskArn, '/')[-1]; $join([$task.StoppedReason, $container.Reason, $exists($container.ExitCode) ? 'exit code ' & $string($container.ExitCode) : 'the container never ran', 'task ' & $id, 'log ' & $logGroup & ' ${container}/${container}/' & $id], '; ')) %}`;

/** The function's error has its message as JSON in the cause; a cause that is none stays as it is. */
const FUNCTION_CAUSE: Expression =
  "{% $contains($failure.Cause, '\"errorMessage\"') ? $parse($failure.Cause).errorMessage : $failure.Cause %}";

/** The state machine's definition. Its input is not looked at: what is processed is what lies in the bucket. */
export function workflow(args: WorkflowArgs): Definition {
  const taskTimeout = args.scriptTimeoutSeconds + AROUND_THE_SCRIPT_SECONDS;
  const failurePath = sequence({
    [WHICH]: {
      Type: "Choice",
      Choices: [
        {
          Condition: "{% $failure.Error = 'States.TaskFailed' and $substring($failure.Cause, 0, 1) = '{' %}",
          Assign: { logGroup: args.logGroup },
          Next: EXPLAIN,
        },
      ],
      Default: "Explain error",
    },
    [EXPLAIN]: {
      Type: "Pass",
      Comment: "What ECS says of the task, in a sentence",
      Assign: { failure: { Error: TASK_ERROR, Cause: taskCause(args.containerName) } },
      Next: FAILED,
    },
    "Explain error": {
      Type: "Pass",
      Assign: { failure: { Error: "{% $failure.Error %}", Cause: FUNCTION_CAUSE } },
      Next: FAILED,
    },
    [FAILED]: { Type: "Fail", Error: "{% $failure.Error %}", Cause: "{% $failure.Cause %}" },
  });
  return {
    Comment: "Checks artifacts and input, runs the script in a container, sums up what it wrote",
    QueryLanguage: "JSONata",
    TimeoutSeconds: taskTimeout + 4 * FUNCTION_SECONDS,
    ...sequence(
      {
        "Check input": lambdaTask({
          comment: "Is there all that a run needs?",
          functionArn: args.checkFunctionArn,
          payload: {},
          timeoutSeconds: FUNCTION_SECONDS,
          catch: ON_FAILURE,
        }),
        "Run container": ecsTask({
          comment: "The script, by itself",
          clusterArn: args.clusterArn,
          taskDefinitionArn: args.taskDefinitionArn,
          subnetIds: args.subnetIds,
          securityGroupIds: args.securityGroupIds,
          environment: {
            container: args.containerName,
            variables: { RUN_ID: "{% $states.context.Execution.Name %}" },
          },
          timeoutSeconds: taskTimeout,
          catch: ON_FAILURE,
        }),
        "Sum up": lambdaTask({
          comment: "What did the run give?",
          functionArn: args.summaryFunctionArn,
          payload: { run: "{% $states.context.Execution.Name %}" },
          timeoutSeconds: FUNCTION_SECONDS,
          catch: ON_FAILURE,
        }),
        ProcessingSucceeded: { Type: "Succeed" },
      },
      failurePath,
    ),
  };
}
