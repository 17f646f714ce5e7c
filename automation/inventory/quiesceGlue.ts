// Ends what AWS Glue runs in an environment before its resources go: a crawler that runs cannot be deleted, a job would write on.
import {
  BatchStopJobRunCommand,
  GetCrawlersCommand,
  GetJobRunsCommand,
  GetJobsCommand,
  GlueClient,
  StopCrawlerCommand,
} from "@aws-sdk/client-glue";
import type { ClientOf } from "./item.js";
import { allPages } from "./pages.js";

const LIVE: readonly string[] = ["STARTING", "RUNNING", "STOPPING", "WAITING"];

/** What Glue runs, by name: runs of jobs and crawlers. */
export interface LiveGlue {
  runs: { JobName: string; JobRunIds: string[] }[];
  crawlers: string[];
}

/** What runs of the jobs and crawlers that `owns` accepts by name. */
export async function liveGlue(client: ClientOf, owns: (name: string) => boolean): Promise<LiveGlue> {
  const api = client(GlueClient);
  const [jobs, crawlers] = await Promise.all([
    allPages(async (NextToken) => {
      const page = await api.send(new GetJobsCommand({ NextToken }));
      return { items: page.Jobs?.map(({ Name }) => Name), token: page.NextToken };
    }),
    allPages(async (NextToken) => {
      const page = await api.send(new GetCrawlersCommand({ NextToken }));
      return { items: page.Crawlers, token: page.NextToken };
    }),
  ]);
  const runs = await Promise.all(
    jobs.filter(owns).map(async (JobName) => {
      // The newest come first, and what lives is among them.
      const { JobRuns = [] } = await api.send(new GetJobRunsCommand({ JobName, MaxResults: 100 }));
      const live = JobRuns.filter(({ JobRunState = "" }) => LIVE.includes(JobRunState));
      return { JobName, JobRunIds: live.map(({ Id = "" }) => Id) };
    }),
  );
  return {
    runs: runs.filter(({ JobRunIds }) => JobRunIds.length > 0),
    crawlers: crawlers.flatMap(({ Name = "", State }) => (owns(Name) && State !== "READY" ? [Name] : [])),
  };
}

/** How much that is. */
export const countOf = ({ runs, crawlers }: LiveGlue): number =>
  crawlers.length + runs.reduce((sum, { JobRunIds }) => sum + JobRunIds.length, 0);

/** Stops it; does not wait. Returns how much there was. */
export async function stopGlue(client: ClientOf, owns: (name: string) => boolean): Promise<number> {
  const live = await liveGlue(client, owns);
  const api = client(GlueClient);
  for (const { JobName, JobRunIds } of live.runs)
    for (let start = 0; start < JobRunIds.length; start += 25)
      await api
        .send(new BatchStopJobRunCommand({ JobName, JobRunIds: JobRunIds.slice(start, start + 25) }))
        .catch(() => {});
  for (const Name of live.crawlers) await api.send(new StopCrawlerCommand({ Name })).catch(() => {});
  return countOf(live);
}
