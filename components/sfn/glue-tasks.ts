// States that run a Glue job, and states that run a crawler until it is ready again.
import type { Input } from "@pulumi/pulumi";
import type { Catcher, Expression, Retrier, StateGroup, TaskState } from "./asl.js";
import { sequence } from "./sequence.js";

/** Glue refused for the moment: throttled, or failed by itself. */
const GLUE_REFUSALS: Retrier = {
  ErrorEquals: [
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.ThrottlingException",
    "Glue.SdkClientException",
  ],
  IntervalSeconds: 5,
  MaxAttempts: 5,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: "FULL",
};

/** Too many runs of a job are under way. */
export const CONCURRENT_RUNS = "Glue.ConcurrentRunsExceededException";

export interface GlueJobOptions {
  comment?: string;
  jobName: Input<string>;
  /** Parameters of the script, without dashes, laid over the job's own. Values are text. */
  parameters: Record<string, string | Expression>;
  /** How often a run that failed is started again. */
  attemptsMore: number;
  /** How long the state may take, all runs included, seconds. */
  timeoutSeconds: number;
  catch?: Catcher[];
  assign?: Record<string, unknown>;
}

/** Starts a job and waits for its end; a run that fails is `States.TaskFailed` with the run as JSON in its cause. */
export function glueJob(options: GlueJobOptions): TaskState {
  const parameters = Object.entries(options.parameters).map(([name, value]) => [`--${name}`, value]);
  return {
    Type: "Task",
    ...(options.comment && { Comment: options.comment }),
    Resource: "arn:aws:states:::glue:startJobRun.sync",
    Arguments: { JobName: options.jobName, Arguments: Object.fromEntries(parameters) },
    TimeoutSeconds: options.timeoutSeconds,
    Retry: [
      // Whoever waits for the others' end decides that himself. `States.TaskFailed` below would be this one too.
      { ErrorEquals: [CONCURRENT_RUNS], MaxAttempts: 0 },
      GLUE_REFUSALS,
      ...(options.attemptsMore > 0
        ? [
            {
              ErrorEquals: ["States.TaskFailed"],
              IntervalSeconds: 30,
              MaxAttempts: options.attemptsMore,
              BackoffRate: 2,
            },
          ]
        : []),
    ],
    ...(options.assign && { Assign: options.assign }),
    ...(options.catch && { Catch: options.catch }),
  };
}

export interface CrawlOptions {
  crawlerName: Input<string>;
  /** Between two looks at the crawler, seconds. */
  pollSeconds: number;
  /** How often a crawl that failed is started again. */
  attemptsMore: number;
  /** The state that comes after. */
  next: string;
  /** The state that comes after the last crawl failed; `failure` is `{Error, Cause}`. */
  onFailure: string;
  catch: Catcher[];
}

/** Name of the state that a sequence goes on to for a crawl. */
export const CRAWL = "Begin crawling";
const START = "Crawl";
const BUSY = "Wait for other crawl";
const LOOK = "Look at crawler";
const WAIT = "Wait for crawl";
const READY = "Is crawler ready?";
const ENDED = "How did it end?";

/**
 * States that crawl from now on: a crawl that is under way already may have passed what is new, so it is waited for, and another one
 * started. Crawlers have no integration that waits ("Optimized integrations": AWS Glue has `startJobRun` alone).
 */
export function crawl(options: CrawlOptions): StateGroup {
  const { crawlerName: Name, pollSeconds: Seconds } = options;
  return sequence({
    [CRAWL]: { Type: "Pass", Assign: { crawls: 0 } },
    [START]: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:glue:startCrawler",
      Arguments: { Name },
      Retry: [{ ErrorEquals: ["Glue.CrawlerRunningException"], MaxAttempts: 0 }, GLUE_REFUSALS],
      Catch: [{ ErrorEquals: ["Glue.CrawlerRunningException"], Next: BUSY }, ...options.catch],
      Assign: { crawls: "{% $crawls + 1 %}" },
      Next: LOOK,
    },
    [BUSY]: { Type: "Wait", Seconds, Next: START },
    [WAIT]: { Type: "Wait", Seconds, Next: LOOK },
    [LOOK]: {
      Type: "Task",
      Resource: "arn:aws:states:::aws-sdk:glue:getCrawler",
      Arguments: { Name },
      Retry: [GLUE_REFUSALS],
      Catch: options.catch,
      Output: "{% $states.result.Crawler %}",
    },
    [READY]: {
      Type: "Choice",
      Choices: [{ Condition: "{% $states.input.State = 'READY' %}", Next: ENDED }],
      Default: WAIT,
    },
    [ENDED]: {
      Type: "Choice",
      Choices: [
        { Condition: "{% $states.input.LastCrawl.Status = 'SUCCEEDED' %}", Next: options.next },
        { Condition: `{% $crawls <= ${options.attemptsMore} %}`, Next: START },
      ],
      Assign: {
        failure: {
          Error: "CrawlFailed",
          Cause:
            "{% 'Crawler ' & $states.input.Name & ' ended ' & $states.input.LastCrawl.Status & ': ' & $states.input.LastCrawl.ErrorMessage %}",
        },
      },
      Default: options.onFailure,
    },
  });
}
