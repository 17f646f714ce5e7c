// Crawlers: CreateCrawler, UpdateCrawler, DeleteCrawler, GetCrawler(s), ListCrawlers, BatchGetCrawlers, and their schedules.
import type { z } from "zod";
import { alreadyExists, GlueError, invalidInput, notFound, notSupported } from "../errors.js";
import type { StoredCrawler } from "../model.js";
import { page } from "../paging.js";
import { CrawlerDefinition, CrawlerNames, CrawlerSchedule, Listing, Named } from "../requests.js";
import type { GlueRegion } from "../store.js";
import { parseSchedule } from "../triggers/cron.js";
import type { Operation } from "./operation.js";

type Definition = Partial<z.infer<typeof CrawlerDefinition>>;

/** The crawler of a name. @throws EntityNotFoundException */
export function crawlerOf(region: GlueRegion, name: string): StoredCrawler {
  const crawler = region.crawlers.get(name);
  if (!crawler) throw notFound(`Crawler with name ${name} does not exist`);
  return crawler;
}

/** Refuses what cannot work, or cannot work here. @throws InvalidInputException */
function check({ Targets, Configuration, RecrawlPolicy, SchemaChangePolicy, DatabaseName }: Definition): void {
  const { S3Targets = [], CatalogTargets = [], ...others } = Targets ?? {};
  const other = Object.entries(others).find(([, targets]) => Array.isArray(targets) && targets.length > 0);
  if (other) throw notSupported(`A crawler's ${other[0]}`, "it has S3Targets and CatalogTargets");
  if (Targets && S3Targets.length + CatalogTargets.length === 0) throw invalidInput("At least one target is required.");
  if (Targets && S3Targets.length > 0 && !DatabaseName)
    throw invalidInput("DatabaseName is required for targets in S3.");
  for (const { Path = "" } of S3Targets)
    if (!/^s3:\/\/[^/]+/.test(Path)) throw invalidInput(`The path ${Path} is not of the form s3://bucket/prefix.`);
  if (Configuration) {
    try {
      JSON.parse(Configuration);
    } catch {
      throw invalidInput("The crawler configuration is not valid JSON.");
    }
  }
  if (RecrawlPolicy?.RecrawlBehavior === "CRAWL_EVENT_MODE")
    throw notSupported("RecrawlBehavior CRAWL_EVENT_MODE", "it has CRAWL_EVERYTHING and CRAWL_NEW_FOLDERS_ONLY");
  const { UpdateBehavior, DeleteBehavior } = SchemaChangePolicy ?? {};
  if (
    RecrawlPolicy?.RecrawlBehavior === "CRAWL_NEW_FOLDERS_ONLY" &&
    (UpdateBehavior !== "LOG" || DeleteBehavior !== "LOG")
  )
    throw invalidInput(
      "The SchemaChangePolicy for 'Crawl new folders only' Amazon S3 target can have only LOG DeleteBehavior value and LOG UpdateBehavior value.",
    );
}

const scheduleOf = (expression: string | undefined): StoredCrawler["Schedule"] => {
  if (!expression) return undefined;
  parseSchedule(expression);
  return { ScheduleExpression: expression, State: "SCHEDULED" };
};

const create: Operation = async ({ region, body, world }) => {
  const { Tags, Schedule, ...definition } = CrawlerDefinition.parse(body);
  const { Name, Role, Targets } = definition;
  if (!Role || !Targets) throw invalidInput("Role and Targets are required.");
  if (region.crawlers.has(Name)) throw alreadyExists(`${Name} already exists`);
  check(definition);
  const schedule = scheduleOf(Schedule);
  await world.crawlers.session(region, Role);
  const now = world.context.now();
  const crawler: StoredCrawler = {
    ...definition,
    Role: roleName(Role),
    Targets: {
      JdbcTargets: [],
      MongoDBTargets: [],
      DynamoDBTargets: [],
      ...Targets,
      S3Targets: Targets.S3Targets ?? [],
      CatalogTargets: Targets.CatalogTargets ?? [],
    },
    Classifiers: definition.Classifiers ?? [],
    RecrawlPolicy: { RecrawlBehavior: definition.RecrawlPolicy?.RecrawlBehavior ?? "CRAWL_EVERYTHING" },
    SchemaChangePolicy: {
      UpdateBehavior: definition.SchemaChangePolicy?.UpdateBehavior ?? "UPDATE_IN_DATABASE",
      DeleteBehavior: definition.SchemaChangePolicy?.DeleteBehavior ?? "DEPRECATE_IN_DATABASE",
    },
    LineageConfiguration: { CrawlerLineageSettings: "DISABLE", ...definition.LineageConfiguration },
    Schedule: schedule,
    State: "READY",
    CrawlElapsedTime: 0,
    CreationTime: now,
    LastUpdated: now,
    Version: 1,
  };
  region.crawlers.set(Name, crawler);
  world.crawlers.settle(region, crawler);
  await world.tags.put(region, "crawler", Name, Tags);
  return {};
};

/** A crawler shows its role by name, with its path. */
const roleName = (role: string): string => role.replace(/^arn:aws:iam::\d+:role\//, "");

const update: Operation = async ({ region, body, world }) => {
  const { Tags: _, Schedule, Role, ...definition } = CrawlerDefinition.parse(body);
  const crawler = crawlerOf(region, definition.Name);
  if (crawler.State !== "READY")
    throw new GlueError("CrawlerRunningException", `Crawler with name ${crawler.Name} is running`);
  const given = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined));
  check({ ...(crawler as unknown as Definition), ...given, Schedule: undefined, Tags: undefined });
  const schedule = Schedule === undefined ? crawler.Schedule : scheduleOf(Schedule);
  if (Role) await world.crawlers.session(region, Role);
  Object.assign(crawler, given, {
    Schedule: schedule,
    ...(Role && { Role: roleName(Role) }),
    LastUpdated: world.context.now(),
    Version: crawler.Version + 1,
  });
  world.crawlers.settle(region, crawler);
  return {};
};

const remove: Operation = async ({ region, body, world }) => {
  const { Name } = Named.parse(body);
  const crawler = crawlerOf(region, Name);
  if (crawler.State !== "READY") throw new GlueError("CrawlerRunningException", `Crawler with name ${Name} is running`);
  region.crawlers.delete(Name);
  region.crawls.delete(Name);
  world.crawlers.forget(region, Name);
  await world.tags.remove(region, "crawler", Name);
  return {};
};

/** Changes a crawler's schedule; `State` as the API shows it. */
function schedule(state: "SCHEDULED" | "NOT_SCHEDULED" | undefined): Operation {
  return ({ region, body, world }) => {
    const { CrawlerName, Schedule } = CrawlerSchedule.parse(body);
    const crawler = crawlerOf(region, CrawlerName);
    if (state === undefined) crawler.Schedule = scheduleOf(Schedule);
    else {
      if (!crawler.Schedule?.ScheduleExpression)
        throw new GlueError("NoScheduleException", `Crawler ${CrawlerName} has no schedule`);
      if (crawler.Schedule.State === state)
        throw new GlueError(
          state === "SCHEDULED" ? "SchedulerRunningException" : "SchedulerNotRunningException",
          `The schedule of crawler ${CrawlerName} is ${state} already`,
        );
      crawler.Schedule = { ...crawler.Schedule, State: state };
    }
    world.crawlers.settle(region, crawler);
    return {};
  };
}

export const operations: Readonly<Record<string, Operation>> = {
  CreateCrawler: create,
  UpdateCrawler: update,
  DeleteCrawler: remove,
  GetCrawler: ({ region, body }) => ({ Crawler: crawlerOf(region, Named.parse(body).Name) }),
  GetCrawlers: ({ region, body }) => {
    const { NextToken, MaxResults } = Listing.parse(body);
    const { items, next } = page([...region.crawlers.values()], NextToken, MaxResults ?? 1000);
    return { Crawlers: items, NextToken: next };
  },
  ListCrawlers: ({ region, body }) => {
    const { NextToken, MaxResults } = Listing.parse(body);
    const { items, next } = page([...region.crawlers.keys()], NextToken, MaxResults ?? 1000);
    return { CrawlerNames: items, NextToken: next };
  },
  BatchGetCrawlers: ({ region, body }) => {
    const wanted = CrawlerNames.parse(body).CrawlerNames;
    return {
      Crawlers: wanted.flatMap((name) => region.crawlers.get(name) ?? []),
      CrawlersNotFound: wanted.filter((name) => !region.crawlers.has(name)),
    };
  },
  UpdateCrawlerSchedule: schedule(undefined),
  StartCrawlerSchedule: schedule("SCHEDULED"),
  StopCrawlerSchedule: schedule("NOT_SCHEDULED"),
};
