// Jobs: CreateJob, UpdateJob, DeleteJob, GetJob, GetJobs, ListJobs, BatchGetJobs.
import type { z } from "zod";
import { alreadyExists, invalidInput, notFound, notSupported } from "../errors.js";
import type { StoredJob } from "../model.js";
import { page } from "../paging.js";
import { CreateJob, type JobDefinition, JobNamed, JobNames, Listing, UpdateJob } from "../requests.js";
import { capacityOf } from "../runs/capacity.js";
import { checkLimits } from "../runs/limits.js";
import type { GlueRegion } from "../store.js";
import type { Operation } from "./operation.js";

const COMMANDS = ["glueetl", "pythonshell"];
const DEFAULT_TIMEOUT_MINUTES = 2880;

/** The job of a name. @throws EntityNotFoundException */
export function jobOf(region: GlueRegion, name: string): StoredJob {
  const job = region.jobs.get(name);
  if (!job) throw notFound(`Entity not found: Job ${name}`);
  return job;
}

/** What a definition amounts to. @throws InvalidInputException */
function settled(definition: z.infer<typeof JobDefinition>): Omit<StoredJob, "Name" | "CreatedOn" | "LastModifiedOn"> {
  const { Command } = definition;
  if (!COMMANDS.includes(Command.Name))
    throw notSupported(`The command ${Command.Name}`, `it has ${COMMANDS.join(" and ")}`);
  if (!Command.ScriptLocation) throw invalidInput("Command.ScriptLocation is required.");
  const isSpark = Command.Name === "glueetl";
  const { MaxCapacity, AllocatedCapacity, WorkerType, NumberOfWorkers } = definition;
  // What jobs of Spark get when nothing is said: "Jobs API", AWS Glue Web API Reference.
  const GlueVersion = definition.GlueVersion ?? (isSpark ? "0.9" : "1.0");
  checkLimits({ ...definition, GlueVersion }, isSpark);
  return {
    ...definition,
    GlueVersion,
    ...capacityOf({ MaxCapacity, AllocatedCapacity, WorkerType, NumberOfWorkers }, isSpark),
    Command: { ...Command, PythonVersion: Command.PythonVersion ?? (isSpark ? "3" : undefined) },
    JobMode: definition.JobMode ?? "SCRIPT",
    MaxRetries: definition.MaxRetries ?? 0,
    Timeout: definition.Timeout ?? DEFAULT_TIMEOUT_MINUTES,
    ExecutionProperty: { MaxConcurrentRuns: definition.ExecutionProperty?.MaxConcurrentRuns ?? 1 },
    WorkerType: definition.WorkerType as StoredJob["WorkerType"],
  } as Omit<StoredJob, "Name" | "CreatedOn" | "LastModifiedOn">;
}

const create: Operation = async ({ region, body, world }) => {
  const { Name, Tags, ...definition } = CreateJob.parse(body);
  if (region.jobs.has(Name)) throw alreadyExists(`Job already exists: ${Name}`);
  const now = world.context.now();
  region.jobs.set(Name, { Name, ...settled(definition), CreatedOn: now, LastModifiedOn: now });
  await world.tags.put(region, "job", Name, Tags);
  return { Name };
};

const update: Operation = ({ region, body, world }) => {
  const { JobName, JobUpdate } = UpdateJob.parse(body);
  const job = jobOf(region, JobName);
  // What an update leaves out falls back to its default: the definition is replaced.
  const definition = settled({ ...JobUpdate, Role: JobUpdate.Role ?? job.Role });
  region.jobs.set(JobName, {
    Name: JobName,
    ...definition,
    CreatedOn: job.CreatedOn,
    LastModifiedOn: world.context.now(),
  });
  return { JobName };
};

const remove: Operation = async ({ region, body, world }) => {
  const { JobName } = JobNamed.parse(body);
  // A job that is not there is no error.
  if (region.jobs.delete(JobName)) {
    region.bookmarks.delete(JobName);
    region.runs.delete(JobName);
    await world.tags.remove(region, "job", JobName);
  }
  return { JobName };
};

const list: Operation = ({ region, body }) => {
  const { NextToken, MaxResults } = Listing.parse(body);
  const { items, next } = page([...region.jobs.values()], NextToken, MaxResults ?? 1000);
  return { Jobs: items, NextToken: next };
};

const names: Operation = ({ region, body }) => {
  const { NextToken, MaxResults } = Listing.parse(body);
  const { items, next } = page([...region.jobs.keys()], NextToken, MaxResults ?? 1000);
  return { JobNames: items, NextToken: next };
};

const several: Operation = ({ region, body }) => {
  const wanted = JobNames.parse(body).JobNames;
  return {
    Jobs: wanted.flatMap((name) => region.jobs.get(name) ?? []),
    JobsNotFound: wanted.filter((name) => !region.jobs.has(name)),
  };
};

export const operations: Readonly<Record<string, Operation>> = {
  CreateJob: create,
  UpdateJob: update,
  DeleteJob: remove,
  GetJob: ({ region, body }) => ({ Job: jobOf(region, JobNamed.parse(body).JobName) }),
  GetJobs: list,
  ListJobs: names,
  BatchGetJobs: several,
};
