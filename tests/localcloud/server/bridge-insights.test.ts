import assert from "node:assert/strict";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

/** 12:00 of a day that is not long past: older events are refused. */
const NOON = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
const DAY = new Date(NOON).toISOString().slice(0, 10);

/** What Batch says of jobs that ended. */
const job = (status: string, jobName: string, seconds: number) =>
  JSON.stringify({
    "detail-type": "Batch Job State Change",
    detail: {
      status,
      jobName,
      startedAt: NOON,
      stoppedAt: NOON + seconds * 1000,
      attempts: [{ exit: 0 }, { exit: 7 }],
    },
  });

const EVENTS: [number, string][] = [
  [0, job("SUCCEEDED", "features", 10)],
  [60_000, job("SUCCEEDED", "features", 20)],
  [120_000, job("FAILED", "training", 40)],
  [3_600_000, job("SUCCEEDED", "training", 5)],
  [3_660_000, "REPORT id=r-17 took 250 ms, name 'Zoë'"],
  [3_720_000, "REPORT id=r-18 took 750 ms, name 'Bob'"],
];

describe("bridge: Logs Insights", () => {
  let logs: CloudWatchLogsClient;
  before(async () => {
    const cloud = await testCloud();
    logs = new CloudWatchLogsClient(clientConfig(cloud, freshAccount()));
    await logs.send(new CreateLogGroupCommand({ logGroupName: "/jobs" }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: "/jobs", logStreamName: "all" }));
    const logEvents = EVENTS.map(([after, message]) => ({ timestamp: NOON + after, message }));
    await logs.send(new PutLogEventsCommand({ logGroupName: "/jobs", logStreamName: "all", logEvents }));
  });

  async function ask(queryString: string, limit?: number) {
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName: "/jobs",
        startTime: NOON / 1000 - 60,
        endTime: NOON / 1000 + 7200,
        queryString,
        limit,
      }),
    );
    return logs.send(new GetQueryResultsCommand({ queryId }));
  }
  /** Rows as objects, without the pointer that each event has. */
  async function rows(queryString: string, limit?: number) {
    const { results = [], status } = await ask(queryString, limit);
    assert.equal(status, "Complete");
    return results.map((row) =>
      Object.fromEntries(row.filter(({ field }) => field !== "@ptr").map(({ field, value }) => [field, value])),
    );
  }

  it("answers the questions of the dashboards", async () => {
    assert.deepEqual(await rows("filter ispresent(detail.status) | stats count(*) as jobs by detail.status, bin(1h)"), [
      { "detail.status": "SUCCEEDED", "bin(1h)": `${DAY} 12:00:00.000`, jobs: "2" },
      { "detail.status": "FAILED", "bin(1h)": `${DAY} 12:00:00.000`, jobs: "1" },
      { "detail.status": "SUCCEEDED", "bin(1h)": `${DAY} 13:00:00.000`, jobs: "1" },
    ]);
    assert.deepEqual(
      await rows(
        `filter ispresent(detail.status) | fields strcontains(detail.status, 'SUCCEEDED') as succeeded
        | stats 100 * sum(succeeded) / count(*) as rate by bin(1d)`,
      ),
      [{ "bin(1d)": `${DAY} 00:00:00.000`, rate: "75" }],
    );
    assert.deepEqual(
      await rows(
        `fields (detail.stoppedAt - detail.startedAt) / 1000 as seconds | filter seconds > 0
        | stats avg(seconds), max(seconds), count(*) as jobs by detail.jobName | sort detail.jobName desc`,
      ),
      [
        { "detail.jobName": "training", "avg(seconds)": "22.5", "max(seconds)": "40", jobs: "2" },
        { "detail.jobName": "features", "avg(seconds)": "15", "max(seconds)": "20", jobs: "2" },
      ],
    );
  });

  it("filters by comparison, pattern, list and presence, with and, or, not", async () => {
    const names = async (filter: string) =>
      (
        await rows(`fields detail.jobName as name, detail.status as status | filter ${filter} | display name, status`)
      ).map(({ name, status }) => `${name} ${status}`);
    assert.deepEqual(await names("status = 'FAILED' and not name like /^FEAT/i"), ["training FAILED"]);
    assert.deepEqual(await names("status in ['FAILED', 'RUNNING'] or name = 'features'"), [
      "features SUCCEEDED",
      "features SUCCEEDED",
      "training FAILED",
    ]);
    assert.deepEqual(await names("detail.attempts.1.exit = 7 and (detail.stoppedAt - detail.startedAt) >= 20 * 1e3"), [
      "features SUCCEEDED",
      "training FAILED",
    ]);
    assert.equal((await rows("filter @message not like 'REPORT' | filter ispresent(detail.status)")).length, 4);
  });

  it("parses with wildcards and expressions, calculates and sorts", async () => {
    assert.deepEqual(
      await rows(
        `parse @message "id=* took * ms" as id, took # comments end with the line
        | filter ispresent(id) | parse @message /name '(?<who>[^']+)'/
        | fields took / 1000 as seconds, toupper(who) as who | sort took desc | limit 5`,
      ),
      [
        { seconds: "0.75", who: "BOB" },
        { seconds: "0.25", who: "ZOË" },
      ],
    );
  });

  it("counts, orders and spreads in groups, also of nothing", async () => {
    const [all] = await rows(
      `fields (detail.stoppedAt - detail.startedAt) / 1000 as s
      | stats count(s) as n, count_distinct(detail.jobName) as names, min(s) as low, median(s) as middle, pct(s, 50) as half,
        stddev(s) as spread, latest(detail.status) as last, sum(s) as total`,
    );
    assert.deepEqual(all, {
      n: "4",
      names: "2",
      low: "5",
      middle: "15",
      half: "15",
      spread: "13.4048",
      last: "SUCCEEDED",
      total: "75",
    });
    assert.deepEqual(await rows("filter nothing = 1 | stats count(*) as n"), [{ n: "0" }]);
    assert.deepEqual(await rows("dedup detail.status | filter ispresent(detail.status) | fields detail.status"), [
      { "detail.status": "SUCCEEDED" },
      { "detail.status": "FAILED" },
    ]);
  });

  it("shows messages where nothing else is asked for, at most as many as it is told", async () => {
    const [first, ...more] = await rows("sort @timestamp desc", 2);
    assert.equal(first?.["@message"], EVENTS.at(-1)?.[1]);
    assert.deepEqual(Object.keys(first ?? {}), ["@timestamp", "@message", "@logStream", "@log"]);
    assert.equal(more.length, 1);
    const { statistics } = await ask("filter detail.status = 'FAILED'");
    assert.deepEqual([statistics?.recordsMatched, statistics?.recordsScanned], [1, 6]);
  });

  for (const [query, message, at] of [
    ["fields @message | count by x", /unexpected symbol found count/, 18],
    ["stats frequency(*) by x", /unknown function frequency/, 6],
    ["filter a = ", /unexpected end of the query/, 11],
    ["filter count(*) > 1", /count belongs to stats/, 0],
  ] as const)
    it(`refuses ${query}`, async () => {
      await assert.rejects(ask(query), (error: Error & { queryCompileError?: { location?: object } }) => {
        assert.equal(error.name, "MalformedQueryException");
        assert.match(error.message, message);
        assert.deepEqual(error.queryCompileError?.location, { startCharOffset: at, endCharOffset: at + 1 });
        return true;
      });
    });
});
