// Runs of jobs and their bookmarks: StartJobRun, GetJobRun(s), BatchStopJobRun, GetJobBookmark, ResetJobBookmark.

import { GlueError, notFound } from "../errors.js";
import type { Bookmark, Run } from "../model.js";
import { page } from "../paging.js";
import { BatchStopJobRun, GetJobRun, GetJobRuns, JobBookmarkOf, StartJobRun } from "../requests.js";
import { jobOf } from "./jobs.js";
import type { Operation } from "./operation.js";

/** A run as the API shows it. */
export function shownRun({ workflowRunId: _, ...run }: Run): Omit<Run, "workflowRunId"> {
  return run;
}

const start: Operation = ({ region, body, world }) => {
  const { JobName, ...request } = StartJobRun.parse(body);
  return { JobRunId: world.runs.start(region, jobOf(region, JobName), request).Id };
};

const get: Operation = ({ region, body }) => {
  const { JobName, RunId } = GetJobRun.parse(body);
  const run = region.runs.get(jobOf(region, JobName).Name)?.find(({ Id }) => Id === RunId);
  if (!run) throw notFound(`JobRun ${RunId} was not found.`);
  return { JobRun: shownRun(run) };
};

const list: Operation = ({ region, body }) => {
  const { JobName, NextToken, MaxResults } = GetJobRuns.parse(body);
  // The newest first.
  const runs = [...(region.runs.get(jobOf(region, JobName).Name) ?? [])].reverse();
  const { items, next } = page(runs.map(shownRun), NextToken, MaxResults ?? 200);
  return { JobRuns: items, NextToken: next };
};

const stop: Operation = ({ region, body, world }) => {
  const { JobName, JobRunIds } = BatchStopJobRun.parse(body);
  jobOf(region, JobName);
  const outcomes = JobRunIds.map((JobRunId) => {
    try {
      world.runs.stop(region, JobName, JobRunId);
      return { submitted: { JobName, JobRunId } };
    } catch (error) {
      if (!(error instanceof GlueError)) throw error;
      return { failed: { JobName, JobRunId, ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message } } };
    }
  });
  return {
    SuccessfulSubmissions: outcomes.flatMap(({ submitted }) => submitted ?? []),
    Errors: outcomes.flatMap(({ failed }) => failed ?? []),
  };
};

const shownBookmark = (JobName: string, bookmark: Bookmark) => ({
  JobName,
  Version: bookmark.version,
  Run: bookmark.run,
  Attempt: bookmark.attempt,
  RunId: bookmark.runId,
  PreviousRunId: bookmark.previousRunId,
  JobBookmark: bookmark.state,
});

const bookmark: Operation = ({ region, body }) => {
  const { JobName } = JobBookmarkOf.parse(body);
  const found = region.bookmarks.get(JobName);
  if (!found) throw notFound(`Continuation for job ${JobName} not found`);
  return { JobBookmarkEntry: shownBookmark(JobName, found) };
};

const reset: Operation = ({ region, body }) => {
  const { JobName } = JobBookmarkOf.parse(body);
  const found = region.bookmarks.get(JobName);
  if (!found) throw notFound(`Continuation for job ${JobName} not found`);
  region.bookmarks.delete(JobName);
  return {
    JobBookmarkEntry: shownBookmark(JobName, { ...found, state: "{}", run: 0, attempt: 0, version: found.version + 1 }),
  };
};

export const operations: Readonly<Record<string, Operation>> = {
  StartJobRun: start,
  GetJobRun: get,
  GetJobRuns: list,
  BatchStopJobRun: stop,
  GetJobBookmark: bookmark,
  ResetJobBookmark: reset,
};
