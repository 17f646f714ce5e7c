// cat-normalize as it is deployed: what the function writes, and what becomes of scans that time-outs and crashes interrupt.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Conversation, conversations } from "../../../jobs/cat/conversations/conversation.js";
import { loadConversations } from "../../../jobs/cat/conversations/load.js";
import type { Manifest } from "../../../jobs/cat/normalize/publish.js";
import { testCloud } from "../../support/cloud.js";
import { until } from "../../support/until.js";
import { openWorkspace, type Workspace } from "../cli/workspace.js";

const PREFIX = "reports/etl-process1/";
const SETTINGS: Record<string, string> = {
  "crucible:throwaway": "true",
  "crucible:suffix": "q4w8",
  "crucible:cat.normalize.scan.segments": "2",
  "crucible:cat.normalize.scan.fileMiB": "1",
};

/** Half of them too large for three in a page. */
const OPTIONS = { seed: 7, messages: { from: 0, to: 12 }, until: new Date("2026-11-20"), days: 2, everyLarge: 2 };
const COUNT = 60;

interface Outcome {
  status: string;
  date: string;
  runId: string;
  rows?: number;
}

describe("cat-normalize on the local cloud", function () {
  this.timeout(180_000);

  let workspace: Workspace;
  let bucket: string;
  let name: string;
  let lambda: LambdaClient;
  let s3: S3Client;
  const stored: Conversation[] = [...conversations(COUNT, OPTIONS)];

  before(async () => {
    workspace = await openWorkspace("test", "us-east-1", ["cat-normalize"]);
    for (const [key, value] of Object.entries(SETTINGS))
      await workspace.pulumi("config", "set", ...(key.includes(".") ? ["--path"] : []), key, value);
    await workspace.pulumi("up", "--yes", "--skip-preview");
    const outputs = JSON.parse(await workspace.pulumi("stack", "output", "--json"));
    bucket = outputs.CatBucketName;
    name = outputs.CatNormalizeFunctionName;
    lambda = new LambdaClient({ ...workspace.client, maxAttempts: 1 });
    s3 = new S3Client({ ...workspace.client, forcePathStyle: true });
    const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient(workspace.client));
    await loadConversations(dynamo, outputs.CatConversationsTableName, stored);
  });
  after(async () => {
    await workspace.pulumi("destroy", "--yes", "--skip-preview");
    await workspace.close();
  });

  async function invoke(event: object): Promise<{ outcome: Outcome; error?: string }> {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
    );
    return { outcome: JSON.parse(Buffer.from(Payload ?? []).toString()), error: FunctionError };
  }

  async function configure(change: { Timeout?: number; Environment?: { Variables: Record<string, string> } }) {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, ...change }));
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 30 }, { FunctionName: name });
  }

  async function keysBelow(prefix: string): Promise<string[]> {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
    return Contents.map(({ Key = "" }) => Key);
  }

  async function textOf(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  async function manifestOf(date: string): Promise<Manifest | undefined> {
    const text = await textOf(`${PREFIX}_manifests/${date}.json`);
    return text === undefined ? undefined : JSON.parse(text);
  }

  const folderOf = (date: string) => `${PREFIX}${date.replace(/(\d+)-(\d+)-(\d+)/, "year=$1/month=$2/day=$3/")}`;

  /** That a day's files are those of the manifest, and hold the table as it was filled, once. */
  async function checkDay(date: string): Promise<void> {
    const manifest = await manifestOf(date);
    assert.ok(manifest);
    const keys = await keysBelow(folderOf(date));
    assert.deepEqual(manifest.files.map(({ key }) => key).sort(), keys);
    assert.deepEqual(await keysBelow(`${PREFIX}_staging/`), []);
    const texts = await Promise.all(keys.map(textOf));
    const read = await rowsOf(texts as string[]);
    assert.deepEqual(read, expectedRows(stored));
    assert.deepEqual([manifest.rows, manifest.conversations], [read.length, COUNT]);
  }

  /** What a whole export takes here and now. */
  let wholeSeconds = 0;

  it("writes what is in the table as files of the day", async () => {
    const begun = performance.now();
    const { outcome, error } = await invoke({ date: "2026-11-01" });
    assert.equal(error, undefined, JSON.stringify(outcome));
    assert.equal(outcome.status, "COMPLETE");
    wholeSeconds = (performance.now() - begun) / 1000;
    await checkDay("2026-11-01");
    assert.ok((await keysBelow(folderOf("2026-11-01"))).length > 4, "files of a mebibyte and two segments");
  });

  it("replaces a day's files when it is invoked again", async () => {
    const before = await keysBelow(folderOf("2026-11-01"));
    assert.equal((await invoke({ date: "2026-11-01" })).outcome.status, "COMPLETE");
    await checkDay("2026-11-01");
    const kept = (await keysBelow(folderOf("2026-11-01"))).filter((key) => before.includes(key));
    assert.deepEqual(kept, []);
  });

  it("is invoked for the day when a schedule is due, though it is disabled until then", async () => {
    const cloud = await testCloud();
    const region = "us-east-1";
    await cloud.fire({ account: workspace.account, region, kind: "rule", name: "cat-test-normalize-daily" });
    const today = new Date().toISOString().slice(0, 10);
    await until("the manifest of today", () => manifestOf(today));
    await until("a tidy bucket", async () => ((await keysBelow(`${PREFIX}_staging/`)).length === 0 ? true : undefined));
    await checkDay(today);
  });

  it("has nothing to change", async () => {
    await workspace.pulumi("preview", "--expect-no-changes");
  });

  it("goes on by itself when its time is too short, and loses and doubles nothing", async () => {
    await configure({ Timeout: Math.max(1, Math.floor(wholeSeconds / 2.5)) });
    try {
      const { outcome, error } = await invoke({ date: "2026-11-02" });
      assert.equal(error, undefined, JSON.stringify(outcome));
      assert.equal(outcome.status, "CONTINUES");
      assert.equal(await manifestOf("2026-11-02"), undefined);
      await until("the manifest", () => manifestOf("2026-11-02"));
      await until("the run's end", async () => {
        const state = JSON.parse((await textOf(`${PREFIX}_state/2026-11-02.json`)) ?? "{}");
        return state.phase === "COMPLETE" && (await keysBelow(`${PREFIX}_staging/`)).length === 0 ? state : undefined;
      });
      await checkDay("2026-11-02");
      assert.equal((await manifestOf("2026-11-02"))?.runId, outcome.runId);
      const { events = [] } = await new CloudWatchLogsClient(workspace.client).send(
        new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${name}`, filterPattern: '"time is up"' }),
      );
      assert.ok(events.length > 0, "the log tells of it");
    } finally {
      await configure({ Timeout: 60 });
    }
  });

  it("goes on where it was when it is invoked again after it was killed in the middle of a scan", async () => {
    const running = invoke({ date: "2026-11-03" });
    await until("a part that is saved", async () => {
      const state = JSON.parse((await textOf(`${PREFIX}_state/2026-11-03.json`)) ?? '{"segments":[]}');
      const isHalfway =
        state.phase === "SCANNING" && state.segments.some(({ parts }: { parts: [] }) => parts.length > 0);
      return isHalfway && killFunction(bucket) ? true : undefined;
    });
    const killed = await running;
    assert.equal(killed.error, "Unhandled", JSON.stringify(killed.outcome));
    const saved = JSON.parse((await textOf(`${PREFIX}_state/2026-11-03.json`)) ?? "");
    assert.equal(saved.phase, "SCANNING");
    const { outcome } = await invoke({ date: "2026-11-03" });
    assert.deepEqual([outcome.status, outcome.runId], ["COMPLETE", saved.runId]);
    await checkDay("2026-11-03");
    // What was saved is in the files as it was.
    const finished = JSON.parse((await textOf(`${PREFIX}_state/2026-11-03.json`)) ?? "");
    for (const [index, { parts }] of saved.segments.entries())
      assert.deepEqual(finished.segments[index].parts.slice(0, parts.length), parts);
  });

  it("keeps what is rare as it is: all digits, nothing apart from none, attributes that nobody knows", async () => {
    const digits = "12345678901234567890123456789012345678";
    const text = 'a "b",\r\nc\n\n 😀 \u2028';
    await new DynamoDBClient(workspace.client).send(
      new PutItemCommand({
        TableName: "cat-test-conversations",
        Item: {
          conversationId: { S: "odd" },
          endedAt: { NULL: true },
          user: { M: { id: { N: digits } } },
          rating: { N: "-0.00000000000000000000000000000000000001" },
          metadata: { M: { set: { NS: ["3"] }, deep: { L: [{ M: { n: { N: digits } } }] } } },
          loyaltyPoints: { N: digits },
          messages: { L: [{ M: { messageId: { S: "odd-0" }, text: { S: text }, note: { S: "" } } }] },
        },
      }),
    );
    assert.equal((await invoke({ date: "2026-11-05" })).outcome.status, "COMPLETE");
    const manifest = await manifestOf("2026-11-05");
    assert.deepEqual(manifest?.columns.slice(-2), ["x_loyalty_points", "x_note"]);
    const columns = "ended_at, user_id, rating, metadata, text, tokens, x_note, x_loyalty_points, attachment_count";
    const texts = await Promise.all((await keysBelow(folderOf("2026-11-05"))).map(textOf));
    const [row] = await query(texts as string[], `${columns} FROM files WHERE message_id = 'odd-0'`);
    assert.deepEqual(row, {
      ended_at: null,
      user_id: digits,
      rating: "-0.00000000000000000000000000000000000001",
      metadata: `{"deep":[{"n":${digits}}],"set":[3]}`,
      text,
      tokens: null,
      x_note: "",
      x_loyalty_points: digits,
      attachment_count: "0",
    });
  });

  it("may read no other table, and write into no other place", async () => {
    const variables = {
      S3_BUCKET_NAME: bucket,
      DYNAMODB_TABLE_NAME: "cat-test-conversations",
      PROJECT_ID: "P2124",
      ENVIRONMENT: "test",
      CLIENT: "cat",
      REPORTS_PREFIX: PREFIX,
      SCAN_SEGMENTS: "1",
      FILE_MIB: "1",
    };
    await configure({ Environment: { Variables: { ...variables, DYNAMODB_TABLE_NAME: "salaries" } } });
    const other = await invoke({ date: "2026-11-04" });
    assert.match(JSON.stringify(other.outcome), /AccessDenied.*is not authorized to perform: dynamodb:Scan/);
    await configure({ Environment: { Variables: { ...variables, REPORTS_PREFIX: "elsewhere/" } } });
    const elsewhere = await invoke({ date: "2026-11-04" });
    assert.match(JSON.stringify(elsewhere.outcome), /AccessDenied/);
    assert.deepEqual(await keysBelow("elsewhere/"), []);
  });

  it("counts failures in the metric that the alarm watches", async () => {
    const cloudWatch = new CloudWatchClient(workspace.client);
    const AlarmNames = ["cat-test-normalize-errors"];
    const { MetricAlarms: [alarm] = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    assert.ok(alarm);
    const { Namespace, MetricName, Dimensions, Statistic, Threshold = Number.NaN } = alarm;
    const [StartTime, EndTime] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 60_000)];
    const { Datapoints = [] } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace, MetricName, Dimensions, StartTime, EndTime },
        Period: 7200,
        Statistics: Statistic && [Statistic],
      }),
    );
    const failures = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    assert.ok(failures >= 3 && failures >= Threshold, `${failures}: killed once, refused twice`);
  });
});

/** Kills the process in which the function that writes into the bucket runs. Whether there was one. */
function killFunction(bucket: string): boolean {
  for (const entry of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    let environment: string;
    try {
      environment = readFileSync(`/proc/${entry}/environ`, "utf8");
    } catch {
      continue;
    }
    if (!environment.split("\0").includes(`S3_BUCKET_NAME=${bucket}`)) continue;
    process.kill(Number(entry), "SIGKILL");
    return true;
  }
  return false;
}

type Row = Record<string, unknown>;
const byMessage = (left: Row, right: Row) => (String(left.id) < String(right.id) ? -1 : 1);

function expectedRows(all: readonly Conversation[]): Row[] {
  const rows = all.flatMap(({ messages, ...conversation }) =>
    messages.map((message, index) => ({
      id: message.messageId,
      index: String(index),
      conversation: conversation.conversationId,
      client: conversation.client,
      started: conversation.startedAt,
      ended: conversation.endedAt ?? null,
      user: conversation.user.name,
      rating: conversation.rating === undefined ? null : String(conversation.rating),
      tags: conversation.tags,
      metadata: conversation.metadata,
      role: message.role,
      text: message.text,
      tokens: message.tokens === undefined ? null : String(message.tokens),
      confidence: message.confidence === undefined ? null : String(message.confidence),
      attachments: message.attachments ?? null,
    })),
  );
  return rows.sort(byMessage);
}

/** The rows of CSV files as {@link expectedRows} has them. */
async function rowsOf(texts: readonly string[]): Promise<Row[]> {
  const columns = `message_id AS id, message_index AS index, conversation_id AS conversation, client, started_at AS started,
    ended_at AS ended, user_name AS user, rating, tags, metadata, role, text, tokens, confidence, attachments`;
  const parsed = (value: unknown) => (value === null ? null : JSON.parse(String(value)));
  return (await query(texts, `${columns} FROM files`))
    .map((row) => ({
      ...row,
      tags: parsed(row.tags),
      metadata: parsed(row.metadata),
      attachments: parsed(row.attachments),
    }))
    .sort(byMessage);
}

/** What DuckDB selects from CSV files, `files`, whose columns are all text. */
async function query(texts: readonly string[], selection: string): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "crucible-cat-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.csv`), text);
    const options =
      "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, max_line_size = 4000000, union_by_name = true, parallel = false";
    const files = `read_csv('${join(folder, "*.csv")}', ${options})`;
    return (await connection.runAndReadAll(`WITH files AS (FROM ${files}) SELECT ${selection}`)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}
