// Crawls: StartCrawler, StopCrawler, ListCrawls, GetCrawlerMetrics.
import { page } from "../paging.js";
import { CrawlerMetrics, ListCrawls, Named } from "../requests.js";
import { crawlerOf } from "./crawlers.js";
import type { Operation } from "./operation.js";

const list: Operation = ({ region, body }) => {
  const { CrawlerName, NextToken, MaxResults } = ListCrawls.parse(body);
  const crawls = [...(region.crawls.get(crawlerOf(region, CrawlerName).Name) ?? [])].reverse();
  const { items, next } = page(crawls, NextToken, MaxResults ?? 20);
  return {
    Crawls: items.map(({ triggerName: _, workflowRunId: __, outcome: ___, ...crawl }) => crawl),
    NextToken: next,
  };
};

const seconds = (from: Date, to: Date | undefined): number =>
  ((to?.getTime() ?? from.getTime()) - from.getTime()) / 1000;

const metrics: Operation = ({ region, body }) => {
  const { CrawlerNameList, NextToken, MaxResults } = CrawlerMetrics.parse(body);
  const names = CrawlerNameList?.length ? CrawlerNameList : [...region.crawlers.keys()];
  const all = names.map((name) => {
    const crawler = crawlerOf(region, name);
    const crawls = region.crawls.get(name) ?? [];
    const ended = crawls.filter(({ EndTime }) => EndTime).map(({ StartTime, EndTime }) => seconds(StartTime, EndTime));
    const { tablesCreated = [], tablesUpdated = [], tablesDeleted = [] } = crawls.at(-1)?.outcome ?? {};
    return {
      CrawlerName: name,
      TimeLeftSeconds: 0,
      StillEstimating: crawler.State === "RUNNING" && ended.length === 0,
      LastRuntimeSeconds: ended.at(-1) ?? 0,
      MedianRuntimeSeconds: [...ended].sort((a, b) => a - b)[Math.floor(ended.length / 2)] ?? 0,
      TablesCreated: tablesCreated.length,
      TablesUpdated: tablesUpdated.length,
      TablesDeleted: tablesDeleted.length,
    };
  });
  const { items, next } = page(all, NextToken, MaxResults ?? 1000);
  return { CrawlerMetricsList: items, NextToken: next };
};

export const operations: Readonly<Record<string, Operation>> = {
  StartCrawler: ({ region, body, world }) => {
    world.crawlers.start(region, Named.parse(body).Name);
    return {};
  },
  StopCrawler: ({ region, body, world }) => {
    world.crawlers.stop(region, Named.parse(body).Name);
    return {};
  },
  ListCrawls: list,
  GetCrawlerMetrics: metrics,
};
