// "Glue Crawler State Change": "Automating AWS Glue with EventBridge", AWS Glue Developer Guide.
import type { ServiceEvent } from "../../service.js";
import type { Crawl, CrawlOutcome, StoredCrawler } from "../model.js";

const event = (detail: Record<string, unknown>): ServiceEvent => ({
  source: "aws.glue",
  detailType: "Glue Crawler State Change",
  detail,
  resources: [],
});

export const crawlerStarted = (accountId: string, { Name }: StoredCrawler, { StartTime }: Crawl): ServiceEvent =>
  event({
    accountId,
    crawlerName: Name,
    startTime: StartTime.toISOString(),
    state: "Started",
    message: "Crawler Started",
  });

export function crawlerEnded(
  accountId: string,
  { Name }: StoredCrawler,
  made: Crawl,
  outcome?: CrawlOutcome,
): ServiceEvent {
  const completed = made.EndTime ?? made.StartTime;
  const state = made.State === "COMPLETED" ? "Succeeded" : made.State === "STOPPED" ? "Stopped" : "Failed";
  const times = {
    completionDate: completed.toISOString(),
    "runningTime (sec)": String(Math.round((completed.getTime() - made.StartTime.getTime()) / 1000)),
  };
  const common = { accountId, crawlerName: Name, state, message: `Crawler is in ${state} state`, ...times };
  if (!outcome) return event({ ...common, errorMessage: made.ErrorMessage ?? "" });
  return event({
    ...common,
    tablesCreated: String(outcome.tablesCreated.length),
    tablesUpdated: String(outcome.tablesUpdated.length),
    tablesDeleted: String(outcome.tablesDeleted.length),
    partitionsCreated: String(outcome.partitionsCreated),
    partitionsUpdated: String(outcome.partitionsUpdated),
    partitionsDeleted: String(outcome.partitionsDeleted),
    warningMessage: "N/A",
    errorMessage: "N/A",
    cloudWatchLogLink: "",
  });
}
