// What Glue keeps, in the shapes in which the API shows it; times are Dates.
import type { Crawler, CrawlerHistory, Job, JobRun, Trigger, Workflow, WorkflowRun } from "@aws-sdk/client-glue";

/** Where something is. */
export interface Scope {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
}

/** A run with what it belongs to. */
export interface Run extends JobRun {
  Id: string;
  JobName: string;
  Attempt: number;
  StartedOn: Date;
  JobRunState: NonNullable<JobRun["JobRunState"]>;
  /** Of the run of a workflow that it is part of. */
  workflowRunId?: string;
}

/** What a job's scripts have processed, by transformation context. */
export interface Bookmark {
  /** As the job's library wrote it, JSON. */
  state: string;
  runId: string;
  previousRunId?: string;
  version: number;
  run: number;
  attempt: number;
}

export interface StoredJob extends Job {
  Name: string;
  Role: string;
  Command: NonNullable<Job["Command"]>;
  CreatedOn: Date;
  LastModifiedOn: Date;
}

/** What a crawl has changed. */
export interface CrawlOutcome {
  tablesCreated: string[];
  tablesUpdated: string[];
  tablesDeleted: string[];
  partitionsCreated: number;
  partitionsUpdated: number;
  partitionsDeleted: number;
}

export interface Crawl extends CrawlerHistory {
  CrawlId: string;
  StartTime: Date;
  triggerName?: string;
  workflowRunId?: string;
  /** What it has changed, once it has ended well. */
  outcome?: CrawlOutcome;
}

export interface StoredCrawler extends Crawler {
  Name: string;
  Role: string;
  Targets: NonNullable<Crawler["Targets"]>;
  State: "READY" | "RUNNING" | "STOPPING";
  CreationTime: Date;
  LastUpdated: Date;
  Version: number;
}

export interface StoredTrigger extends Trigger {
  Name: string;
  Type: NonNullable<Trigger["Type"]>;
  State: NonNullable<Trigger["State"]>;
  Actions: NonNullable<Trigger["Actions"]>;
}

export interface StoredWorkflow extends Workflow {
  Name: string;
  CreatedOn: Date;
  LastModifiedOn: Date;
}

/** The nodes that a run of a workflow has started, besides what the API shows of it. */
export interface StoredWorkflowRun extends WorkflowRun {
  Name: string;
  WorkflowRunId: string;
  StartedOn: Date;
  WorkflowRunProperties: Record<string, string>;
  /** Triggers that have fired in it. */
  fired: Set<string>;
}
