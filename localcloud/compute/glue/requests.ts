// What the API requires of requests, as zod schemas: "Jobs API", "Crawlers and classifiers API", "Triggers" and "Workflows", AWS Glue
// Web API Reference. Members without a rule here are kept as they come.
import { z } from "zod";

const name = z.string().min(1).max(255);
const text = z.string();
const map = z.record(z.string(), z.string());
const count = z.number().int();
const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

/** Members that CreateJob and UpdateJob share. */
export const JobDefinition = z.object({
  Description: optional(text.max(2048)),
  JobMode: optional(z.enum(["SCRIPT", "VISUAL", "NOTEBOOK"])),
  JobRunQueuingEnabled: optional(z.boolean()),
  LogUri: optional(text),
  Role: text,
  ExecutionProperty: optional(z.object({ MaxConcurrentRuns: optional(count.min(1)) })),
  Command: z.object({
    Name: text,
    ScriptLocation: optional(text),
    PythonVersion: optional(text.regex(/^([23]|3[.]9)$/)),
    Runtime: optional(text),
  }),
  DefaultArguments: optional(map),
  NonOverridableArguments: optional(map),
  Connections: optional(z.object({ Connections: optional(z.array(text)) })),
  MaxRetries: optional(count.min(0).max(10)),
  AllocatedCapacity: optional(count),
  Timeout: optional(count.min(1).max(10080)),
  MaxCapacity: optional(z.number()),
  SecurityConfiguration: optional(text),
  NotificationProperty: optional(z.object({ NotifyDelayAfter: optional(count.min(1)) })),
  GlueVersion: optional(text),
  WorkerType: optional(text),
  NumberOfWorkers: optional(count.min(1)),
  ExecutionClass: optional(z.enum(["STANDARD", "FLEX"])),
  SourceControlDetails: optional(z.looseObject({})),
  MaintenanceWindow: optional(text),
});
export const CreateJob = JobDefinition.extend({ Name: name, Tags: optional(map) });
export const UpdateJob = z.object({ JobName: name, JobUpdate: JobDefinition.extend({ Role: optional(text) }) });
export const JobNamed = z.object({ JobName: name });
export const JobNames = z.object({ JobNames: z.array(name) });
export const Listing = z.object({
  NextToken: optional(text),
  MaxResults: optional(count.min(1).max(1000)),
  Tags: optional(map),
});

export const StartJobRun = z.object({
  JobName: name,
  JobRunId: optional(text),
  JobRunQueuingEnabled: optional(z.boolean()),
  Arguments: optional(map),
  AllocatedCapacity: optional(count),
  Timeout: optional(count.min(1).max(10080)),
  MaxCapacity: optional(z.number()),
  SecurityConfiguration: optional(text),
  NotificationProperty: optional(z.object({ NotifyDelayAfter: optional(count.min(1)) })),
  WorkerType: optional(text),
  NumberOfWorkers: optional(count.min(1)),
  ExecutionClass: optional(z.enum(["STANDARD", "FLEX"])),
});
export const GetJobRun = z.object({ JobName: name, RunId: text });
export const GetJobRuns = Listing.extend({ JobName: name });
export const BatchStopJobRun = z.object({ JobName: name, JobRunIds: z.array(text).min(1).max(25) });
export const JobBookmarkOf = z.object({ JobName: name, RunId: optional(text) });

const S3Target = z.object({
  Path: optional(text),
  Exclusions: optional(z.array(text)),
  ConnectionName: optional(text),
  SampleSize: optional(count.min(1).max(249)),
  EventQueueArn: optional(text),
  DlqEventQueueArn: optional(text),
});
const Targets = z.looseObject({
  S3Targets: optional(z.array(S3Target)),
  CatalogTargets: optional(z.array(z.looseObject({ DatabaseName: text, Tables: z.array(text).min(1) }))),
});
export const CrawlerDefinition = z.object({
  Name: name,
  Role: optional(text),
  DatabaseName: optional(text),
  Description: optional(text.max(2048)),
  Targets: optional(Targets),
  Schedule: optional(text),
  Classifiers: optional(z.array(text)),
  TablePrefix: optional(text.max(128)),
  SchemaChangePolicy: optional(
    z.object({
      UpdateBehavior: optional(z.enum(["LOG", "UPDATE_IN_DATABASE"])),
      DeleteBehavior: optional(z.enum(["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"])),
    }),
  ),
  RecrawlPolicy: optional(
    z.object({ RecrawlBehavior: optional(z.enum(["CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"])) }),
  ),
  LineageConfiguration: optional(z.looseObject({})),
  LakeFormationConfiguration: optional(z.looseObject({})),
  Configuration: optional(text),
  CrawlerSecurityConfiguration: optional(text),
  Tags: optional(map),
});
export const Named = z.object({ Name: name });
export const CrawlerNamed = z.object({ CrawlerName: name });
export const CrawlerSchedule = z.object({ CrawlerName: name, Schedule: optional(text) });
export const CrawlerNames = z.object({ CrawlerNames: z.array(name).max(100) });
export const CrawlerMetrics = Listing.extend({ CrawlerNameList: optional(z.array(name).max(100)) });
export const ListCrawls = Listing.extend({ CrawlerName: name });

const Action = z.object({
  JobName: optional(text),
  Arguments: optional(map),
  Timeout: optional(count),
  SecurityConfiguration: optional(text),
  NotificationProperty: optional(z.object({ NotifyDelayAfter: optional(count) })),
  CrawlerName: optional(text),
});
const Condition = z.object({
  LogicalOperator: optional(z.literal("EQUALS")),
  JobName: optional(text),
  State: optional(z.enum(["SUCCEEDED", "STOPPED", "FAILED", "TIMEOUT"])),
  CrawlerName: optional(text),
  CrawlState: optional(z.enum(["SUCCEEDED", "FAILED", "CANCELLED"])),
});
const Predicate = z.object({ Logical: optional(z.enum(["AND", "ANY"])), Conditions: optional(z.array(Condition)) });
const EventBatchingCondition = z.object({
  BatchSize: count.min(1).max(100),
  BatchWindow: optional(count.min(1).max(900)),
});
export const CreateTrigger = z.object({
  Name: name,
  WorkflowName: optional(name),
  Type: z.enum(["SCHEDULED", "CONDITIONAL", "ON_DEMAND", "EVENT"]),
  Schedule: optional(text),
  Predicate: optional(Predicate),
  Actions: z.array(Action).min(1),
  Description: optional(text.max(2048)),
  StartOnCreation: optional(z.boolean()),
  Tags: optional(map),
  EventBatchingCondition: optional(EventBatchingCondition),
});
export const UpdateTrigger = z.object({
  Name: name,
  TriggerUpdate: CreateTrigger.pick({
    Description: true,
    Schedule: true,
    Predicate: true,
    EventBatchingCondition: true,
  }).extend({ Actions: optional(z.array(Action).min(1)) }),
});
export const TriggerNames = z.object({ TriggerNames: z.array(name) });
export const TriggerListing = Listing.extend({ DependentJobName: optional(name) });

export const WorkflowDefinition = z.object({
  Name: name,
  Description: optional(text),
  DefaultRunProperties: optional(map),
  Tags: optional(map),
  MaxConcurrentRuns: optional(count.min(1)),
});
export const WorkflowNamed = z.object({ Name: name, IncludeGraph: optional(z.boolean()) });
export const WorkflowNames = z.object({ Names: z.array(name).min(1).max(25), IncludeGraph: optional(z.boolean()) });
export const StartWorkflowRun = z.object({ Name: name, RunProperties: optional(map) });
export const WorkflowRunNamed = z.object({ Name: name, RunId: text, IncludeGraph: optional(z.boolean()) });
export const WorkflowRunListing = Listing.extend({ Name: name, IncludeGraph: optional(z.boolean()) });
export const PutRunProperties = z.object({ Name: name, RunId: text, RunProperties: map });
export const NotifyEvent = z.object({ Name: name, Event: z.string() });
