import assert from "node:assert/strict";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { eventually, type StatesAccount, statesAccount } from "./fixture.js";

type Row = Record<string, unknown>;
interface Manifest {
  DestinationBucket: string;
  MapRunArn: string;
  ResultFiles: Record<"FAILED" | "PENDING" | "SUCCEEDED", { Key: string; Size: number }[]>;
}

/** Fails for `bad`, waits for `wait`, and gives a list otherwise. */
const SORTED = {
  StartAt: "Sort",
  States: {
    Sort: {
      Type: "Choice",
      Choices: [
        { Variable: "$", StringEquals: "bad", Next: "Bad" },
        { Variable: "$", StringEquals: "wait", Next: "Wait" },
      ],
      Default: "Good",
    },
    Bad: { Type: "Fail", Error: "Bad", Cause: "on purpose" },
    Wait: { Type: "Wait", Seconds: 86_400, End: true },
    Good: { Type: "Pass", Parameters: { "twice.$": "States.Array($, $)" }, OutputPath: "$.twice", End: true },
  },
};

describe("Step Functions: results of Distributed Maps", () => {
  let states: StatesAccount;
  let s3: S3Client;
  let Bucket: string;
  let roleArn: string;
  before(async () => {
    states = await statesAccount();
    s3 = new S3Client({ ...states.config(), forcePathStyle: true });
    Bucket = `results-${states.account}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    roleArn = await states.role("writer", "states.amazonaws.com", [
      { Action: "s3:PutObject", Resource: `arn:aws:s3:::${Bucket}/*` },
      { Action: ["states:StartExecution", "states:RedriveExecution"], Resource: "*" },
    ]);
  });

  const start = async (items: string[], more: object, ExecutionType = "STANDARD") => {
    const definition = {
      StartAt: "Each",
      States: {
        Each: { Type: "Map", ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, ...SORTED } },
      },
    };
    Object.assign(definition.States.Each, { End: true, Label: "Each", ...more });
    return states.start(await states.create(definition, { roleArn }), items);
  };
  const writer = (more: object = {}) => ({
    ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Parameters: { Bucket, Prefix: "runs" }, ...more },
  });
  const get = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  };
  const runOf = async (executionArn: string) => {
    const { mapRuns } = await states.sfn.send(new ListMapRunsCommand({ executionArn }));
    return states.sfn.send(new DescribeMapRunCommand({ mapRunArn: mapRuns?.[0]?.mapRunArn }));
  };
  const manifestOf = async (executionArn: string) => {
    const { mapRunArn = "" } = await runOf(executionArn);
    return JSON.parse(await get(`runs/${mapRunArn.split(":").pop()}/manifest.json`)) as Manifest;
  };
  const filesOf = async ({ ResultFiles }: Manifest) => {
    const read = async (files: { Key: string }[]) =>
      (await Promise.all(files.map(async ({ Key }) => JSON.parse(await get(Key)) as Row[]))).flat();
    return {
      FAILED: await read(ResultFiles.FAILED),
      PENDING: await read(ResultFiles.PENDING),
      SUCCEEDED: await read(ResultFiles.SUCCEEDED),
    };
  };

  it("are records of the children with all that is known of them", async () => {
    const executionArn = await start(["a", "bad"], { ToleratedFailureCount: 1, ...writer() });
    const execution = await states.ended(executionArn);
    assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
    const manifest = await manifestOf(executionArn);
    assert.deepEqual(JSON.parse(execution.output ?? ""), {
      MapRunArn: manifest.MapRunArn,
      ResultWriterDetails: { Bucket, Key: `runs/${manifest.MapRunArn.split(":").pop()}/manifest.json` },
    });
    const { SUCCEEDED, FAILED, PENDING } = await filesOf(manifest);
    const { executions = [] } = await states.sfn.send(new ListExecutionsCommand({ mapRunArn: manifest.MapRunArn }));
    const about = (status: string) => {
      const child = executions.find((each) => each.status === status);
      return {
        ExecutionArn: child?.executionArn,
        InputDetails: { Included: true },
        Name: child?.name,
        OutputDetails: { Included: true },
        RedriveCount: 0,
        StartDate: child?.startDate?.toISOString(),
        StateMachineArn: child?.stateMachineArn,
        Status: status,
        StopDate: child?.stopDate?.toISOString(),
      };
    };
    assert.deepEqual(SUCCEEDED, [
      {
        ...about("SUCCEEDED"),
        Input: '"a"',
        Output: '["a","a"]',
        RedriveStatus: "NOT_REDRIVABLE",
        RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
      },
    ]);
    assert.deepEqual(FAILED, [
      {
        ...about("FAILED"),
        Input: '"bad"',
        Error: "Bad",
        Cause: "on purpose",
        RedriveStatus: "REDRIVABLE_BY_MAP_RUN",
      },
    ]);
    assert.deepEqual(PENDING, []);
    const [file] = manifest.ResultFiles.SUCCEEDED;
    assert.equal(file?.Size, Buffer.byteLength(await get(file?.Key ?? "")));
  });

  it("keep the record of a child that failed, whatever the transformation", async () => {
    const shaped = async (Transformation: string, isExported: boolean) => {
      const config = { WriterConfig: { Transformation, OutputType: "JSON" } };
      const more = isExported ? writer(config) : { ResultWriter: config };
      const executionArn = await start(["a", "bad", "b"], { ToleratedFailureCount: 1, ...more }, "EXPRESS");
      const execution = await states.ended(executionArn);
      assert.equal(execution.status, "SUCCEEDED", `${execution.error}: ${execution.cause}`);
      if (!isExported) return JSON.parse(execution.output ?? "") as unknown[];
      const { SUCCEEDED, FAILED } = await filesOf(await manifestOf(executionArn));
      return [...SUCCEEDED, ...FAILED];
    };
    const isRecord = (row: unknown) => (row as Row).Status === "FAILED" && (row as Row).Error === "Bad";
    const compact = [
      ["a", "a"],
      ["b", "b"],
    ];
    for (const isExported of [false, true]) {
      for (const [transformation, expected] of [
        ["COMPACT", compact],
        ["FLATTEN", compact.flat()],
      ] as const) {
        const rows = await shaped(transformation, isExported);
        assert.deepEqual(
          rows.filter((row) => !isRecord(row)),
          expected,
        );
        assert.equal(rows.filter(isRecord).length, 1);
        assert.equal((rows.find(isRecord) as Row).Input, '"bad"');
      }
      const statuses = (await shaped("NONE", isExported)).map((row) => (row as Row).Status).sort();
      assert.deepEqual(statuses, ["FAILED", "SUCCEEDED", "SUCCEEDED"]);
    }
  });

  it("are written too when more fail than is tolerated: with those that were stopped, and those that were not begun", async () => {
    const executionArn = await start(["a", "wait", "bad", "b", "c"], { MaxConcurrency: 2, ...writer() });
    const execution = await states.ended(executionArn);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.ExceedToleratedFailureThreshold"]);
    const manifest = await manifestOf(executionArn);
    const { SUCCEEDED, FAILED, PENDING } = await filesOf(manifest);
    assert.deepEqual(
      [SUCCEEDED, FAILED, PENDING].map((rows) => rows.map(({ Input, Status }) => [Input, Status])),
      [
        [['"a"', "SUCCEEDED"]],
        [
          ['"wait"', "ABORTED"],
          ['"bad"', "FAILED"],
        ],
        [
          ['"b"', "PENDING"],
          ['"c"', "PENDING"],
        ],
      ],
    );
    const run = await runOf(executionArn);
    assert.deepEqual([run.status, run.executionCounts?.resultsWritten], ["FAILED", 3]);
  });

  it("are written as lines, and for batches count the items", async () => {
    const config = { WriterConfig: { Transformation: "NONE", OutputType: "JSONL" } };
    const batched = { ItemBatcher: { MaxItemsPerBatch: 2 }, ItemProcessor: undefined };
    const executionArn = await start(["a", "b", "c"], {
      ...writer(config),
      ...batched,
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
        StartAt: "Item",
        States: { Item: { Type: "Pass", End: true } },
      },
    });
    await states.ended(executionArn);
    const [file] = (await manifestOf(executionArn)).ResultFiles.SUCCEEDED;
    assert.match(file?.Key ?? "", /SUCCEEDED_0\.jsonl$/);
    const lines = (await get(file?.Key ?? "")).split("\n").map((line) => JSON.parse(line) as Row);
    assert.deepEqual(
      lines.map(({ Input }) => Input),
      ['{"Items":["a","b"]}', '{"Items":["c"]}'],
    );
    const run = await runOf(executionArn);
    assert.deepEqual([run.executionCounts?.resultsWritten, run.itemCounts?.resultsWritten], [2, 3]);
  });

  it("of an execution that is stopped are written when its children have ended", async () => {
    const executionArn = await start(["a", "wait", "b"], { MaxConcurrency: 1, ...writer() });
    await eventually(async () => {
      const run = await runOf(executionArn).catch(() => undefined);
      return run?.executionCounts?.running === 1 && run.executionCounts.succeeded === 1 ? run : undefined;
    });
    await states.sfn.send(new StopExecutionCommand({ executionArn }));
    // Until then the manifest is the one that the run began with.
    const manifest = await eventually(async () => {
      const found = await manifestOf(executionArn);
      return found.ResultFiles.FAILED.length > 0 ? found : undefined;
    });
    const { SUCCEEDED, FAILED, PENDING } = await filesOf(manifest);
    assert.deepEqual(
      [...SUCCEEDED, ...FAILED, ...PENDING].map(({ Input, Status }) => [Input, Status]),
      [
        ['"a"', "SUCCEEDED"],
        ['"wait"', "ABORTED"],
        ['"b"', "PENDING"],
      ],
    );
    assert.equal((await runOf(executionArn)).status, "ABORTED");
  });

  it("without a ResultWriter are the outputs, with a child that failed in its place", async () => {
    const execution = await states.ended(await start(["a", "bad"], { ToleratedFailurePercentage: 50 }));
    assert.deepEqual(JSON.parse(execution.output ?? ""), [
      ["a", "a"],
      { Status: "FAILED", Error: "Bad", Cause: "on purpose" },
    ]);
  });

  it("that cannot be written fail the execution before any child begins", async () => {
    const elsewhere = { Parameters: { Bucket: `${Bucket}-missing`, Prefix: "runs" } };
    const executionArn = await start(["a"], writer(elsewhere));
    const execution = await states.ended(executionArn);
    assert.deepEqual([execution.status, execution.error], ["FAILED", "States.ResultWriterFailed"]);
    assert.match(execution.cause ?? "", /test manifest/);
    const { mapRunArn } = await runOf(executionArn);
    assert.deepEqual((await states.sfn.send(new ListExecutionsCommand({ mapRunArn }))).executions, []);
  });
});
