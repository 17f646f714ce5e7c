// Where a workflow ends that failed: it finds out why, tells the topic, and fails with the reason.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Expression, StateGroup } from "../sfn/asl.js";
import { sequence } from "../sfn/sequence.js";
import { publish } from "../sfn/tasks.js";

/** Names of the states that others go to. */
export const EXPLAIN = "Explain failure";
export const NOTIFY = "Notify failure";
const PARTITION = "Find failed partition";
const JOB = "Describe failed job";
const LOG = "Read its log";
const FAILED = "Failed";

/** Longest cause of a Fail state, less some room ("Fail workflow state", Step Functions Developer Guide: 32,768 characters). */
const LONGEST_CAUSE = 30_000;
/** How much of the log's last line is told, characters. */
const LONGEST_LINE = 2_000;
/** CloudWatch Logs may have lines of many attempts of ending; the last one is what matters. */
const LINES = 10;

export interface FailureArgs {
  /** Name of the workflow, for the message. */
  workflow: string;
  /** Topic that is told. */
  topicArn: Input<string>;
  /** Name of the log group of the jobs. */
  jobLogGroup: Input<string>;
}

/** Catchers of a state whose failure ends the workflow. @param timeoutSeconds of the state */
export function onFailure(timeoutSeconds: number): Catcher[] {
  const state = "{% $states.context.State.Name %}";
  return [
    {
      ErrorEquals: ["States.Timeout"],
      Assign: {
        failure: {
          State: state,
          Error: "States.Timeout",
          Cause: `It was not finished within ${timeoutSeconds} seconds`,
        },
      },
      Next: NOTIFY,
    },
    {
      ErrorEquals: ["States.ALL"],
      Assign: {
        failure: {
          State: state,
          Error: "{% $states.errorOutput.Error %}",
          Cause: "{% $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : 'No cause was given' %}",
        },
      },
      Next: EXPLAIN,
    },
  ];
}

/** What `$failure` becomes when more is known of its cause. */
const withCause = (cause: Expression) => ({
  failure: { State: "{% $failure.State %}", Error: "{% $failure.Error %}", Cause: cause },
});

/** The job that a cause speaks of: a failed job's cause is its detail, as JSON, which may be cut off. */
const JOB_ID: Expression = '{% $match($failure.Cause, /"JobId":"([^"]+)"/)[0].groups[0] %}';

/** What DescribeJobs knows of the end of a job. */
const DESCRIPTION: Expression = `{% (
    $job := $states.result.Jobs[0];
    $container := $job.Container;
    "Job " & $job.JobName & " failed: " & $join([
      $job.StatusReason,
      $container.Reason,
      $exists($container.ExitCode) ? "exit code " & $string($container.ExitCode)
    ], "; ") & " (job " & $job.JobId & ($exists($container.LogStreamName) ? ", log stream " & $container.LogStreamName) & ")"
  ) %}`;

/** The last line of a log, its message where the line is JSON with one. */
const LAST_LINE: Expression = `{% (
    $line := $states.result.Events[-1].Message;
    $said := $contains($line, /^\\{.*"message":/) ? $parse($line).message : $line;
    $failure.Cause & ($exists($said) ? ". Its log ends: " & $substring($string($said), 0, ${LONGEST_LINE}))
  ) %}`;

/** The states of the failure path, for a sequence to jump to. They read the variable `failure`: `{State, Error, Cause}`. */
export function failurePath({ workflow, topicArn, jobLogGroup }: FailureArgs): StateGroup {
  // What cannot be found out does not keep anybody from being told what is known.
  const giveUp: Catcher[] = [{ ErrorEquals: ["States.ALL"], Next: NOTIFY }];
  return sequence({
    [EXPLAIN]: {
      Type: "Choice",
      Choices: [
        {
          Condition: `{% $contains($failure.Cause, /"JobId":"[^"]+"/) and $contains($failure.Cause, '"ArrayProperties":{') %}`,
          Assign: { failedJob: JOB_ID },
          Next: PARTITION,
        },
        {
          Condition: `{% $contains($failure.Cause, /"JobId":"[^"]+"/) %}`,
          Assign: { failedJob: JOB_ID },
          Next: JOB,
        },
      ],
      Default: NOTIFY,
    },
    [PARTITION]: {
      Type: "Task",
      Comment: "An array job does not know why its children failed",
      Resource: "arn:aws:states:::aws-sdk:batch:listJobs",
      Arguments: { ArrayJobId: "{% $failedJob %}", JobStatus: "FAILED" },
      Assign: { failedJob: "{% $states.result.JobSummaryList[0].JobId %}" },
      Catch: giveUp,
    },
    [JOB]: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:batch:describeJobs",
      Arguments: { Jobs: ["{% $failedJob %}"] },
      Assign: {
        ...withCause(DESCRIPTION),
        logStream:
          "{% $exists($states.result.Jobs[0].Container.LogStreamName) ? $states.result.Jobs[0].Container.LogStreamName : '' %}",
      },
      Catch: giveUp,
    },
    [LOG]: {
      Type: "Task",
      Comment: "A job's last line says why it failed",
      Resource: "arn:aws:states:::aws-sdk:cloudwatchlogs:getLogEvents",
      Arguments: { LogGroupName: jobLogGroup, LogStreamName: "{% $logStream %}", Limit: LINES, StartFromHead: false },
      Assign: withCause(LAST_LINE),
      Catch: giveUp,
    },
    [NOTIFY]: publish({
      topicArn,
      subject: `${workflow} failed`,
      message: `{% $string({
        "workflow": ${JSON.stringify(workflow)},
        "execution": $states.context.Execution.Id,
        "state": $failure.State,
        "error": $failure.Error,
        "cause": $substring($failure.Cause, 0, ${LONGEST_CAUSE})
      }) %}`,
      // Not being able to tell anybody does not change why the execution failed.
      catch: [{ ErrorEquals: ["States.ALL"], Next: FAILED }],
    }),
    [FAILED]: {
      Type: "Fail",
      Error: "{% $failure.Error %}",
      Cause: `{% $failure.State & ": " & $substring($failure.Cause, 0, ${LONGEST_CAUSE}) %}`,
    },
  });
}
