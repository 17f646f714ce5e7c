import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StopExecutionCommand,
  UpdateMapRunCommand,
} from "@aws-sdk/client-sfn";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { DuckDBInstance } from "@duckdb/node-api";
import { eventually, type StatesAccount, statesAccount } from "./fixture.js";

describe("Step Functions: runs of Distributed Maps", () => {
  let states: StatesAccount;
  let s3: S3Client;
  let ssm: SSMClient;
  let Bucket: string;
  let roleArn: string;
  before(async () => {
    states = await statesAccount();
    s3 = new S3Client({ ...states.config(), forcePathStyle: true });
    ssm = new SSMClient(states.config());
    Bucket = `items-${states.account}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    roleArn = await states.role("maps", "states.amazonaws.com", [
      { Action: ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], Resource: ["arn:aws:s3:::*"] },
      { Action: "ssm:GetParameter", Resource: "*" },
      { Action: ["states:StartExecution", "states:RedriveExecution"], Resource: "*" },
    ]);
  });

  const distributed = (processor: object, more: object = {}, ExecutionType = "STANDARD") =>
    states.create(
      {
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, ...processor },
            End: true,
            ...more,
          },
        },
      },
      { roleArn },
    );
  const PASS = { StartAt: "Item", States: { Item: { Type: "Pass", End: true } } };
  const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const runOf = async (executionArn: string) => {
    const { mapRuns } = await states.sfn.send(new ListMapRunsCommand({ executionArn }));
    return await states.sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns?.[0]?.mapRunArn }));
  };
  const childrenOf = async (mapRunArn: string | undefined, more: object = {}) =>
    (await states.sfn.send(new ListExecutionsCommand({ mapRunArn, ...more }))).executions ?? [];

  it("start a child execution for each item, which can be described", async () => {
    const arn = await distributed(PASS);
    const executionArn = await states.start(arn, [1, 2, 3]);
    assert.equal((await states.ended(executionArn)).output, "[1,2,3]");
    const run = await runOf(executionArn);
    assert.deepEqual([run.status, run.executionArn], ["SUCCEEDED", executionArn]);
    assert.deepEqual([run.itemCounts?.total, run.itemCounts?.succeeded, run.executionCounts?.succeeded], [3, 3, 3]);
    const children = await childrenOf(run.mapRunArn);
    assert.equal(children.length, 3);
    const child = await states.sfn.send(new DescribeExecutionCommand({ executionArn: children[0]?.executionArn }));
    assert.deepEqual([child.mapRunArn, child.status, child.output], [run.mapRunArn, "SUCCEEDED", "3"]);
    assert.equal(child.stateMachineArn, `${arn}/Each`);
    const listed = await states.sfn.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    assert.deepEqual(
      listed.executions?.map((execution) => execution.executionArn),
      [executionArn],
    );
  });

  it("read CSV, JSON, JSON Lines, a listing and Parquet as the machine's role", async () => {
    await put("rows.csv", 'id,name\n1,"Ann, the first"\n2,Bob\n');
    await put("rows.json", '{"people":[{"id":1},{"id":2}]}');
    await put("rows.jsonl", '{"id":1}\n{"id":2}\n\n');
    await put("listed/a", "aa");
    await put("listed/b", "b");
    await put("rows.parquet", await parquet("SELECT 1 AS id, 1.5 AS price UNION ALL SELECT 2, 2.5 ORDER BY id"));
    const read = async (resource: string, parameters: object, config: object = {}) => {
      const arn = await distributed(PASS, {
        ItemReader: { Resource: `arn:aws:states:::s3:${resource}`, ReaderConfig: config, Parameters: parameters },
      });
      const execution = await states.ended(await states.start(arn));
      assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
      return JSON.parse(execution.output ?? "null") as unknown;
    };
    assert.deepEqual(
      await read("getObject", { Bucket, Key: "rows.csv" }, { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }),
      [
        { id: "1", name: "Ann, the first" },
        { id: "2", name: "Bob" },
      ],
    );
    assert.deepEqual(
      await read("getObject", { Bucket, Key: "rows.json" }, { InputType: "JSON", ItemsPointer: "/people" }),
      [{ id: 1 }, { id: 2 }],
    );
    assert.deepEqual(await read("getObject", { Bucket, Key: "rows.jsonl" }, { InputType: "JSONL", MaxItems: 1 }), [
      { id: 1 },
    ]);
    assert.deepEqual(await read("getObject", { Bucket, Key: "rows.parquet" }, { InputType: "PARQUET" }), [
      { id: 1, price: 1.5 },
      { id: 2, price: 2.5 },
    ]);
    const listed = (await read("listObjectsV2", { Bucket, Prefix: "listed/" })) as { Key: string; Size: number }[];
    assert.deepEqual(
      listed.map(({ Key, Size }) => [Key, Size]),
      [
        ["listed/a", 2],
        ["listed/b", 1],
      ],
    );
  });

  it("fail when the role may not read the items", async () => {
    const only = await states.role("starts", "states.amazonaws.com", [
      { Action: "states:StartExecution", Resource: "*" },
    ]);
    const arn = await states.create(
      {
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            ItemReader: {
              Resource: "arn:aws:states:::s3:getObject",
              ReaderConfig: { InputType: "JSON" },
              Parameters: { Bucket, Key: "rows.json" },
            },
            ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...PASS },
            End: true,
          },
        },
      },
      { roleArn: only },
    );
    const execution = await states.ended(await states.start(arn));
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.ItemReaderFailed"]);
  });

  it("put items into batches and write results to S3", async () => {
    const arn = await distributed(
      PASS,
      {
        ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { run: "r1" } },
        ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket, Prefix: "results" } },
      },
      "EXPRESS",
    );
    const executionArn = await states.start(arn, ["a", "b", "c"]);
    const execution = await states.ended(executionArn);
    assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
    const output = JSON.parse(execution.output ?? "") as { ResultWriterDetails: { Key: string } };
    const get = async (Key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? "");
    };
    const manifest = await get(output.ResultWriterDetails.Key);
    const results = (await get(manifest.ResultFiles.SUCCEEDED[0].Key)) as { Input: string; Status: string }[];
    assert.deepEqual(
      results.map(({ Input }) => JSON.parse(Input)),
      [
        { BatchInput: { run: "r1" }, Items: ["a", "b"] },
        { BatchInput: { run: "r1" }, Items: ["c"] },
      ],
    );
    const run = await runOf(executionArn);
    assert.deepEqual(
      [run.itemCounts?.total, run.executionCounts?.total, run.executionCounts?.resultsWritten],
      [3, 2, 2],
    );
  });

  it("tolerate so many failures, and no more", async () => {
    const odd = {
      StartAt: "Odd",
      States: {
        Odd: { Type: "Choice", Choices: [{ Variable: "$.odd", BooleanEquals: true, Next: "Bad" }], Default: "Good" },
        Bad: { Type: "Fail", Error: "Odd" },
        Good: { Type: "Succeed" },
      },
    };
    const items = [1, 2, 3, 4].map((n) => ({ n, odd: n === 1 }));
    const run = async (more: object) => await states.ended(await states.start(await distributed(odd, more), items));
    const tolerant = await run({ ToleratedFailurePercentage: 25 });
    const outputs = JSON.parse(tolerant.output ?? "") as { n?: number; Error?: string }[];
    assert.deepEqual(
      outputs.map(({ n, Error: error }) => n ?? error),
      ["Odd", 2, 3, 4],
    );
    const strict = await run({ ToleratedFailurePercentage: 24 });
    assert.deepEqual([strict.status, strict.error], ["FAILED", "States.ExceedToleratedFailureThreshold"]);
    assert.equal((await run({ ToleratedFailureCount: 1 })).status, "SUCCEEDED");
    assert.equal((await run({ ToleratedFailureCount: 0, ToleratedFailurePercentage: 25 })).status, "SUCCEEDED");
    assert.equal((await run({})).status, "FAILED");
  });

  it("take new bounds while they run", async () => {
    const arn = await distributed(
      { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 86_400, End: true } } },
      { MaxConcurrency: 1 },
    );
    const executionArn = await states.start(arn, [1, 2, 3]);
    const run = await eventually(async () => {
      const found = await runOf(executionArn).catch(() => undefined);
      return found?.executionCounts?.running === 1 ? found : undefined;
    });
    assert.deepEqual([run.status, run.maxConcurrency, run.executionCounts?.pending], ["RUNNING", 1, 2]);
    const { mapRunArn } = run;
    await states.sfn.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 3, toleratedFailurePercentage: 50 }));
    const wider = await eventually(async () => {
      const found = await runOf(executionArn);
      return found.executionCounts?.running === 3 ? found : undefined;
    });
    assert.deepEqual([wider.maxConcurrency, wider.toleratedFailurePercentage], [3, 50]);
    const [first, second] = await childrenOf(mapRunArn);
    await states.sfn.send(new StopExecutionCommand({ executionArn: first?.executionArn }));
    await states.sfn.send(new StopExecutionCommand({ executionArn: second?.executionArn }));
    assert.equal((await states.ended(executionArn)).error, "States.ExceedToleratedFailureThreshold");
    const ended = await runOf(executionArn);
    assert.deepEqual([ended.status, ended.executionCounts?.aborted, ended.executionCounts?.running], ["FAILED", 3, 0]);
    await assert.rejects(states.sfn.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 })), {
      name: "ValidationException",
    });
  });

  it("are redriven with only the children that had not succeeded", async () => {
    const parameter = (Name: string) => ssm.send(new PutParameterCommand({ Name, Value: Name, Type: "String" }));
    await parameter("one");
    const arn = await distributed(
      {
        StartAt: "Read",
        States: {
          Read: {
            Type: "Task",
            Resource: "arn:aws:states:::aws-sdk:ssm:getParameter",
            Parameters: { "Name.$": "$" },
            ResultSelector: { "value.$": "$.Parameter.Value" },
            End: true,
          },
        },
      },
      { MaxConcurrency: 1 },
    );
    const executionArn = await states.start(arn, ["one", "two", "three"]);
    assert.equal((await states.ended(executionArn)).status, "FAILED");
    const failed = await runOf(executionArn);
    const children = await childrenOf(failed.mapRunArn);
    assert.deepEqual(children.map(({ status }) => status).sort(), ["FAILED", "SUCCEEDED"], "the third was not begun");
    const failedChild = children.find(({ status }) => status === "FAILED")?.executionArn;
    const child = await states.sfn.send(new DescribeExecutionCommand({ executionArn: failedChild }));
    assert.equal(child.redriveStatus, "REDRIVABLE_BY_MAP_RUN");
    await assert.rejects(states.sfn.send(new RedriveExecutionCommand({ executionArn: failedChild })), {
      name: "ExecutionNotRedrivable",
    });
    // The first child is not run again: it would fail now.
    await ssm.send(new DeleteParameterCommand({ Name: "one" }));
    await parameter("two");
    await parameter("three");
    await states.sfn.send(new RedriveExecutionCommand({ executionArn }));
    const execution = await states.ended(executionArn);
    assert.deepEqual(JSON.parse(execution.output ?? "null"), [{ value: "one" }, { value: "two" }, { value: "three" }]);
    const run = await runOf(executionArn);
    assert.deepEqual(
      [run.mapRunArn, run.status, run.redriveCount, run.itemCounts?.succeeded],
      [failed.mapRunArn, "SUCCEEDED", 1, 3],
    );
    const [redriven] = await childrenOf(run.mapRunArn, { redriveFilter: "REDRIVEN" });
    assert.ok(children.some((child) => child.executionArn === redriven?.executionArn && child.status === "FAILED"));
    assert.ok((await states.history(executionArn)).some(({ type }) => type === "MapRunRedriven"));
  });
});

async function parquet(query: string): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "crucible-parquet-"));
  const path = join(folder, "rows.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT PARQUET)`);
  connection.closeSync();
  instance.closeSync();
  const content = readFileSync(path);
  rmSync(folder, { recursive: true });
  return content;
}
