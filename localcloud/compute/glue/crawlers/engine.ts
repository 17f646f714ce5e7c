// Crawlers at work: started by hand, schedule or trigger; their states, logs and events.
import { randomUUID } from "node:crypto";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import type { AccountClocks } from "../../accountClocks.js";
import type { Clock } from "../../clock.js";
import type { LogWriter } from "../../logs/writer.js";
import type { ComputeContext, SessionCredentials } from "../../service.js";
import { sessionName } from "../../session-name.js";
import { GlueError, notFound } from "../errors.js";
import type { Crawl, CrawlOutcome, Scope, StoredCrawler } from "../model.js";
import type { RunCause } from "../runs/engine.js";
import { publish } from "../runs/events.js";
import { type GlueRegion, listOf } from "../store.js";
import { Timetable } from "../triggers/timetable.js";
import { crawl } from "./crawl.js";
import { crawlerEnded, crawlerStarted } from "./events.js";

const LOG_GROUP = "/aws-glue/crawlers";

export interface CrawlerWorld {
  readonly context: ComputeContext;
  readonly logs: LogWriter;
  readonly clock: Clock;
  /** What schedules go by. */
  readonly clocks: AccountClocks;
}

/** The crawl was stopped. */
class Stopped extends Error {}

export class CrawlerEngine {
  readonly #timetable: Timetable;
  readonly #live = new Map<StoredCrawler, Promise<void>>();
  readonly #listeners: ((region: GlueRegion, name: string, crawl: Crawl) => void)[] = [];
  /** Folders crawled before, by crawler. */
  readonly #known = new WeakMap<StoredCrawler, Set<string>>();
  #closing = false;

  constructor(private readonly world: CrawlerWorld) {
    this.#timetable = new Timetable(world.clocks);
  }

  /** Tells of every crawl that has ended. */
  onEnded(listener: (region: GlueRegion, name: string, crawl: Crawl) => void): void {
    this.#listeners.push(listener);
  }

  /** Puts a crawler on the timetable, or takes it off, as its schedule says. */
  settle(region: GlueRegion, crawler: StoredCrawler): void {
    const { ScheduleExpression = "", State } = crawler.Schedule ?? {};
    const key = keyOf(region, crawler.Name);
    if (!ScheduleExpression || State !== "SCHEDULED") {
      this.#timetable.clear(key);
      return;
    }
    this.#timetable.set(region.account, key, ScheduleExpression, () => {
      // A crawl that still runs is left alone.
      if (crawler.State === "READY") this.start(region, crawler.Name);
    });
  }

  forget(region: GlueRegion, name: string): void {
    this.#timetable.clear(keyOf(region, name));
  }

  /** Opens a session of a crawler's role. @throws InvalidInputException */
  async session(scope: Scope, role: string): Promise<SessionCredentials> {
    const roleArn = role.startsWith("arn:") ? role : `arn:aws:iam::${scope.account}:role/${role}`;
    const { account, region } = scope;
    try {
      const name = sessionName("AWS-Crawler");
      return await this.world.context.assumeRole({
        account,
        region,
        roleArn,
        sessionName: name,
        service: "glue.amazonaws.com",
      });
    } catch (cause) {
      throw Object.assign(
        new GlueError(
          "InvalidInputException",
          `Service is unable to assume role ${roleArn}. Please verify role's TrustPolicy`,
        ),
        { cause },
      );
    }
  }

  /** @throws EntityNotFoundException, CrawlerRunningException */
  start(region: GlueRegion, name: string, cause: RunCause = {}): void {
    const crawler = region.crawlers.get(name);
    if (!crawler) throw notFound(`Crawler with name ${name} does not exist`);
    if (crawler.State !== "READY")
      throw new GlueError("CrawlerRunningException", `Crawler with name ${name} has already started`);
    crawler.State = "RUNNING";
    const made: Crawl = {
      CrawlId: randomUUID(),
      State: "RUNNING",
      StartTime: this.#now(),
      LogGroup: LOG_GROUP,
      LogStream: name,
      MessagePrefix: "",
      triggerName: cause.triggerName,
      workflowRunId: cause.workflow?.runId,
    };
    made.MessagePrefix = made.CrawlId;
    listOf(region.crawls, name).push(made);
    const run = this.#carryOut(region, crawler, made).finally(() => this.#live.delete(crawler));
    this.#live.set(crawler, run);
  }

  /** @throws EntityNotFoundException, CrawlerNotRunningException, CrawlerStoppingException */
  stop(region: GlueRegion, name: string): void {
    const crawler = region.crawlers.get(name);
    if (!crawler) throw notFound(`Crawler with name ${name} does not exist`);
    if (crawler.State === "READY")
      throw new GlueError("CrawlerNotRunningException", `Crawler with name ${name} isn't running`);
    if (crawler.State === "STOPPING")
      throw new GlueError("CrawlerStoppingException", `Crawler with name ${name} is stopping`);
    crawler.State = "STOPPING";
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#timetable.close();
    for (const crawler of this.#live.keys()) crawler.State = "STOPPING";
    await Promise.all(this.#live.values());
  }

  async #carryOut(region: GlueRegion, crawler: StoredCrawler, made: Crawl): Promise<void> {
    const { context, logs } = this.world;
    const { account } = region;
    const stream = logs.open({ account, region: region.region, group: LOG_GROUP, stream: crawler.Name }, true);
    stream.ready.catch((error: Error) => context.log(`glue: ${LOG_GROUP}: ${error.message}`));
    const log = (level: string, message: string) =>
      stream.write(`[${made.CrawlId}] ${level} : ${message}`, this.#now());
    log("BENCHMARK", `Running Start Crawl for Crawler ${crawler.Name}`);
    publish(context, region, crawlerStarted(account, crawler, made));
    let outcome: CrawlOutcome | undefined;
    try {
      outcome = await this.#crawl(region, crawler, log);
      made.State = "COMPLETED";
    } catch (error) {
      const { name, message } = error as Error;
      made.State = error instanceof Stopped ? "STOPPED" : "FAILED";
      if (made.State === "FAILED") {
        made.ErrorMessage =
          name === "Error" ? message : `${message} (Service: ${serviceOf(error)}; Error Code: ${name})`;
        log("ERROR", made.ErrorMessage);
      }
    }
    made.EndTime = this.#now();
    made.outcome = outcome;
    made.Summary = outcome && summaryOf(outcome);
    const status = made.State === "COMPLETED" ? "SUCCEEDED" : made.State === "STOPPED" ? "CANCELLED" : "FAILED";
    crawler.LastCrawl = {
      Status: status,
      ErrorMessage: made.ErrorMessage,
      LogGroup: LOG_GROUP,
      LogStream: crawler.Name,
      MessagePrefix: made.CrawlId,
      StartTime: made.StartTime,
    };
    crawler.State = "READY";
    crawler.CrawlElapsedTime = 0;
    log("BENCHMARK", "Crawler has finished running and is in state READY");
    if (!this.#closing) {
      publish(context, region, crawlerEnded(account, crawler, made, outcome));
      for (const listener of this.#listeners) listener(region, crawler.Name, made);
    }
    await stream.close();
  }

  async #crawl(
    region: GlueRegion,
    crawler: StoredCrawler,
    log: (level: string, message: string) => void,
  ): Promise<CrawlOutcome> {
    const { context } = this.world;
    const credentials = await this.session(region, crawler.Role);
    const config = { ...context.clientConfig(region.account, region.region), credentials };
    const s3 = new S3Client({ ...config, forcePathStyle: true });
    const glue = new GlueClient(config);
    const known = this.#known.get(crawler) ?? new Set<string>();
    this.#known.set(crawler, known);
    try {
      return await crawl(crawler, {
        s3,
        glue,
        known,
        log,
        now: () => this.#now(),
        check: () => {
          if (crawler.State === "STOPPING") throw new Stopped("stopped");
        },
      });
    } finally {
      s3.destroy();
      glue.destroy();
    }
  }

  #now(): Date {
    return new Date(this.world.clock.now());
  }
}

const keyOf = ({ account, region }: Scope, name: string): string => `${account}/${region}/${name}`;

const serviceOf = (error: unknown): string =>
  String((error as { constructor?: { name?: string } }).constructor?.name).startsWith("S3") ? "Amazon S3" : "AWSGlue";

/** As ListCrawls shows it. */
function summaryOf(outcome: CrawlOutcome): string {
  const part = (kind: string, counts: [string, number][]) => {
    const some = counts.filter(([, count]) => count > 0).map(([what, count]) => `"${what}": "{\\"Count\\": ${count}}"`);
    return some.length > 0 ? [`"${kind}": {${some.join(", ")}}`] : [];
  };
  return `{${[
    ...part("TABLE", [
      ["ADD", outcome.tablesCreated.length],
      ["UPDATE", outcome.tablesUpdated.length],
      ["DELETE", outcome.tablesDeleted.length],
    ]),
    ...part("PARTITION", [
      ["ADD", outcome.partitionsCreated],
      ["UPDATE", outcome.partitionsUpdated],
      ["DELETE", outcome.partitionsDeleted],
    ]),
  ].join(", ")}}`;
}
