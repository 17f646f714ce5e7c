// The workflow of the ETL: a file has come → its day is loaded → the tables are crawled. See docs/decisions, "CSV files that come together".
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Definition, Expression, Retrier } from "../../../components/sfn/asl.js";
import { CONCURRENT_RUNS, CRAWL, crawl, glueJob } from "../../../components/sfn/glue-tasks.js";
import { sequence } from "../../../components/sfn/sequence.js";
import { publish } from "../../../components/sfn/tasks.js";

export interface WorkflowArgs {
  /** Name of the state machine, for messages. */
  name: string;
  bucket: Input<string>;
  /** Prefix of the CSV files; it ends in a slash. */
  cleanPrefix: string;
  /** Prefix of what the job writes; it ends in a slash. */
  curatedPrefix: string;
  jobName: Input<string>;
  crawlerName: Input<string>;
  /** Topic that is told of a failure. */
  topicArn: Input<string>;
  /** How long a run of the job may take, seconds. */
  jobTimeoutSeconds: number;
  /** Between two looks at what is waited for, seconds. */
  pollSeconds: number;
  /** How often a run or a crawl that failed is started again. */
  attemptsMore: number;
}

const KNOWN = "Is day known?";
const RECORD = "Read day's record";
const LOADED = "Is it loaded?";
const LOAD = "Load";
const BUSY = "Wait for other run";
const REPORT = "Read report";
const DONE = "Done";
const NOTHING = "Loaded already";
const REFUSE = "Refuse input";
const NOTIFY = "Notify failure";
const FAILED = "Failed";

/** Crawling, and waiting for somebody else's run first. */
const AROUND_THE_JOB_SECONDS = 3600;

/** What the execution is about: the object of an event, or a day, or nothing in particular. */
const ABOUT = {
  key: "{% $exists($states.input.detail.object.key) ? $states.input.detail.object.key : '' %}",
  etag: "{% $exists($states.input.detail.object.etag) ? $states.input.detail.object.etag : '' %}",
  reload: "{% $states.input.reload = true ? 'true' : 'false' %}",
} as const;

const dateOf = (cleanPrefix: string): Expression =>
  `{% (
    $key := $states.input.detail.object.key;
    $within := $substringAfter($key, ${JSON.stringify(cleanPrefix)});
    $file := $match($within, /^year=([0-9]{4})\\/month=([0-9]{2})\\/day=([0-9]{2})\\/[^\\/]+[.]csv$/);
    $manifest := $match($within, /^_manifests\\/([0-9]{4}-[0-9]{2}-[0-9]{2})[.]json$/);
    $exists($key)
      ? ($exists($file) ? $join($file.groups, '-') : $exists($manifest) ? $manifest.groups[0] : 'unknown')
      : $exists($states.input.date) ? $string($states.input.date) : 'all'
  ) %}`;

/** Whether the variable `$date` is a day of the calendar. */
const IS_DAY = `(
    $day := $match($date, /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/);
    $exists($day) ? (
      $year := $number($day.groups[0]);
      $month := $number($day.groups[1]);
      $leap := $year % 4 = 0 and ($year % 100 != 0 or $year % 400 = 0);
      $lengths := [31, $leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
      $month >= 1 and $month <= 12 and $number($day.groups[2]) >= 1 and $number($day.groups[2]) <= $lengths[$month - 1]
    ) : false
  )`;

const S3_REFUSALS: Retrier = {
  ErrorEquals: ["S3.SdkClientException", "S3.S3Exception"],
  IntervalSeconds: 2,
  MaxAttempts: 4,
  BackoffRate: 2,
  JitterStrategy: "FULL",
};

const ON_FAILURE: Catcher[] = [
  {
    ErrorEquals: ["States.ALL"],
    Assign: {
      failure: {
        Error: "{% $states.errorOutput.Error %}",
        // A run's cause is the run as JSON, of which its message is what matters.
        Cause:
          "{% ($cause := $states.errorOutput.Cause; $run := $contains($cause, '\"ErrorMessage\"') ? $parse($cause); $exists($run.ErrorMessage) ? 'Run ' & $run.Id & ' of ' & $run.JobName & ': ' & $run.ErrorMessage : $exists($cause) ? $cause : 'No cause was given') %}",
      },
    },
    Next: NOTIFY,
  },
];

/**
 * The definition. Its input is an event of S3 about a CSV file or a manifest, or by hand `{}` for whatever is not loaded yet,
 * `{"date": "2026-02-07"}` for a day, with `"reload": true` even if it is loaded.
 *
 * Any number of executions may run at once: the job has one run at a time, whoever comes meanwhile waits and finds his file loaded,
 * or has a run of his own.
 */
export function workflow(args: WorkflowArgs): Definition {
  const s3Object = (key: Expression) => ({
    Type: "Task" as const,
    Resource: "arn:aws:states:::aws-sdk:s3:getObject",
    Arguments: { Bucket: args.bucket, Key: key },
    Retry: [S3_REFUSALS],
  });
  const failurePath = sequence({
    [REFUSE]: {
      Type: "Pass",
      Assign: {
        failure: {
          Error: "UnexpectedInput",
          Cause: `{% $key != '' ? 's3 object ' & $key & ' is of no day: files belong below ${args.cleanPrefix}year=YYYY/month=MM/day=DD/' : 'date is ' & $date & ', which is no day (YYYY-MM-DD)' %}`,
        },
      },
      Next: NOTIFY,
    },
    [NOTIFY]: publish({
      topicArn: args.topicArn,
      subject: `${args.name} failed`,
      message: `{% '${args.name}: execution ' & $states.context.Execution.Name & ' for ' & ($key != '' ? $key : $date) & ' failed with ' & $failure.Error & ': ' & $substring($failure.Cause, 0, 30000) %}`,
      // Not being able to tell anybody does not change why the execution failed.
      catch: [{ ErrorEquals: ["States.ALL"], Next: FAILED }],
    }),
    [FAILED]: { Type: "Fail", Error: "{% $failure.Error %}", Cause: "{% $substring($failure.Cause, 0, 30000) %}" },
  });
  return {
    Comment: "CSV of conversations to Parquet that Athena can query",
    QueryLanguage: "JSONata",
    TimeoutSeconds: 2 * args.jobTimeoutSeconds * (1 + args.attemptsMore) + AROUND_THE_JOB_SECONDS,
    ...sequence(
      {
        "What is it about?": { Type: "Pass", Assign: { ...ABOUT, date: dateOf(args.cleanPrefix) } },
        [KNOWN]: {
          Type: "Choice",
          Choices: [
            { Condition: `{% $date != 'all' and $not(${IS_DAY}) %}`, Next: REFUSE },
            { Condition: "{% $key = '' %}", Next: LOAD },
          ],
          Default: RECORD,
        },
        [RECORD]: {
          ...s3Object(`{% '${args.curatedPrefix}_loads/' & $date & '.json' %}`),
          Catch: [{ ErrorEquals: ["S3.NoSuchKeyException"], Next: LOAD }, ...ON_FAILURE],
          Output:
            "{% ($record := $parse($states.result.Body); {'loaded': $count([$record.sources, $record.setAside, $record.manifest][key = $key and etag = $etag]) > 0}) %}",
        },
        [LOADED]: {
          Type: "Choice",
          Choices: [{ Condition: "{% $states.input.loaded %}", Next: NOTHING }],
          Default: LOAD,
        },
        [LOAD]: glueJob({
          comment: "Bring the day, or all of them, up to date",
          jobName: args.jobName,
          parameters: { date: "{% $date %}", reload: "{% $reload %}" },
          attemptsMore: args.attemptsMore,
          timeoutSeconds: args.jobTimeoutSeconds * (1 + args.attemptsMore) + AROUND_THE_JOB_SECONDS,
          catch: [{ ErrorEquals: [CONCURRENT_RUNS], Next: BUSY }, ...ON_FAILURE],
        }),
        [REPORT]: {
          ...s3Object(`{% '${args.curatedPrefix}_runs/' & $states.input.Id & '.json' %}`),
          Catch: ON_FAILURE,
          Assign: { report: "{% $parse($states.result.Body) %}" },
          Next: CRAWL,
        },
      },
      crawl({
        crawlerName: args.crawlerName,
        pollSeconds: args.pollSeconds,
        attemptsMore: args.attemptsMore,
        next: DONE,
        onFailure: NOTIFY,
        catch: ON_FAILURE,
      }),
      sequence({
        [BUSY]: {
          Type: "Wait",
          Comment: "Perhaps the run that is under way loads it",
          Seconds: args.pollSeconds,
          Next: KNOWN,
        },
      }),
      sequence({ [DONE]: { Type: "Succeed", Output: "{% $report %}" } }),
      sequence({ [NOTHING]: { Type: "Succeed", Output: { days: [] } } }),
      failurePath,
    ),
  };
}
