import assert from "node:assert/strict";
import {
  AthenaClient,
  CreateNamedQueryCommand,
  CreatePreparedStatementCommand,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetNamedQueryCommand,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListNamedQueriesCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
  UpdateWorkGroupCommand,
} from "@aws-sdk/client-athena";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Athena, athena } from "./fixture.js";

describe("Athena: executions, results and workgroups", () => {
  let world: Athena;
  before(async () => {
    world = await athena();
  });

  it("writes the result under the execution's id, quoted, with its metadata, and gives it typed and in pages", async () => {
    const { QueryExecutionId, ResultConfiguration, Statistics } = await world.run(
      `SELECT x, 'a "b", c' AS Text, CAST(NULL AS integer) AS nothing, CAST(x AS decimal(5,1)) FROM UNNEST(sequence(1, 3)) AS t (x)`,
    );
    const key = `results/${QueryExecutionId}.csv`;
    assert.equal(ResultConfiguration?.OutputLocation, `s3://${world.bucket}/${key}`);
    assert.deepEqual((await world.keys("results/")).sort(), [key, `${key}.metadata`]);
    const line = (x: number) => `"${x}","a ""b"", c",,"${x}.0"\n`;
    assert.equal(await world.text(key), `"x","text","nothing","_col3"\n${line(1)}${line(2)}${line(3)}`);
    assert.equal(Statistics?.DataScannedInBytes, 0);
    const first = await world.client.send(new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 2 }));
    const columns = first.ResultSet?.ResultSetMetadata?.ColumnInfo?.map(({ Name, Type, Precision, Scale }) => [
      Name,
      Type,
      Precision,
      Scale,
    ]);
    assert.deepEqual(columns, [
      ["x", "bigint", 19, 0],
      ["text", "varchar", 2147483647, 0],
      ["nothing", "integer", 10, 0],
      ["_col3", "decimal", 5, 1],
    ]);
    assert.deepEqual(
      first.ResultSet?.Rows?.map(({ Data }) => Data?.[0]?.VarCharValue),
      ["x", "1"],
    );
    const next = await world.client.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken: first.NextToken }));
    assert.deepEqual(
      next.ResultSet?.Rows?.map(({ Data }) => Data?.[0]?.VarCharValue),
      ["2", "3"],
    );
    assert.equal(next.NextToken, undefined);
  });

  it("enforces a workgroup's location and its limit of bytes, unless it does not enforce", async () => {
    const location = (name: string) => ({ OutputLocation: `s3://${world.bucket}/${name}/` });
    const Configuration = {
      EnforceWorkGroupConfiguration: true,
      ResultConfiguration: location("enforced"),
      BytesScannedCutoffPerQuery: 10_000_000,
    };
    await world.client.send(new CreateWorkGroupCommand({ Name: "strict", Configuration }));
    const start = (WorkGroup: string) => world.run("SELECT 1", { WorkGroup, ResultConfiguration: location("own") });
    assert.match((await start("strict")).ResultConfiguration?.OutputLocation ?? "", /\/enforced\/[0-9a-f-]{36}\.csv$/);
    const ConfigurationUpdates = { EnforceWorkGroupConfiguration: false };
    await world.client.send(new UpdateWorkGroupCommand({ WorkGroup: "strict", ConfigurationUpdates }));
    assert.match((await start("strict")).ResultConfiguration?.OutputLocation ?? "", /\/own\//);
    await world.rows("CREATE DATABASE shop");
    await world.rows(`CREATE EXTERNAL TABLE big (line string) LOCATION 's3://${world.bucket}/big/'`);
    await world.put("big/a.txt", `${"x".repeat(99)}\n`.repeat(101_000));
    const { Status } = await world.run("SELECT count(*) FROM big", { WorkGroup: "strict" });
    assert.match(Status?.StateChangeReason ?? "", /Bytes scanned limit was exceeded/);
    assert.deepEqual(await world.rows("SELECT count(*) FROM big"), [["101000"]]);
    await world.client.send(new UpdateWorkGroupCommand({ WorkGroup: "strict", State: "DISABLED" }));
    await assert.rejects(start("strict"), {
      name: "InvalidRequestException",
      message: "WorkGroup strict is disabled.",
    });
    const { WorkGroup } = await world.client.send(new GetWorkGroupCommand({ WorkGroup: "strict" }));
    assert.equal(WorkGroup?.Configuration?.EngineVersion?.EffectiveEngineVersion, "Athena engine version 3");
    await assert.rejects(world.client.send(new DeleteWorkGroupCommand({ WorkGroup: "strict" })), {
      message: "WorkGroup strict is not empty",
    });
    await world.client.send(new DeleteWorkGroupCommand({ WorkGroup: "strict", RecursiveDeleteOption: true }));
  });

  it("refuses what is no query, and a query that names no place for its result", async () => {
    await assert.rejects(world.run("SELEC 1"), { name: "InvalidRequestException" });
    await assert.rejects(world.run("CREATE TABLE t (a int)"), {
      message: "External keyword required for table type HIVE",
    });
    await assert.rejects(world.run("SELECT 1", { WorkGroup: "primary" }), { message: /^No output location provided/ });
    await assert.rejects(world.run("SELECT 1", { WorkGroup: "none" }), { message: "WorkGroup none is not found." });
    const unknown = { QueryExecutionId: "00000000-0000-4000-8000-000000000000" };
    await assert.rejects(world.client.send(new GetQueryExecutionCommand(unknown)), { message: /was not found$/ });
  });

  it("fails a query with a reason, and says so when its result is asked for", async () => {
    const { QueryExecutionId, Status } = await world.run("SELECT nothing FROM (VALUES 1) AS t (x)");
    assert.equal(Status?.State, "FAILED");
    assert.match(Status?.StateChangeReason ?? "", /^COLUMN_NOT_FOUND/);
    assert.equal(Status?.AthenaError?.ErrorCategory, 2);
    const results = world.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
    await assert.rejects(results, { message: "Query did not finish successfully. Final query state: FAILED" });
  });

  it("reads no file of the machine", async () => {
    for (const sql of ["SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')"])
      assert.equal((await world.run(sql)).Status?.State, "FAILED", sql);
  });

  it("cancels a query that runs", async () => {
    const sql =
      "SELECT count(*) FROM UNNEST(sequence(1, 100000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 1000000)) AS b (y) WHERE sqrt(x * y) < 0";
    const { QueryExecutionId } = await world.client.send(
      new StartQueryExecutionCommand({ QueryString: sql, WorkGroup: "work" }),
    );
    await world.client.send(new StopQueryExecutionCommand({ QueryExecutionId }));
    const { QueryExecution } = await world.client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
    assert.equal(QueryExecution?.Status?.State, "CANCELLED");
    assert.deepEqual(await world.rows("SELECT 1"), [["1"]]);
  });

  it("starts one execution for one client request token", async () => {
    const request = {
      QueryString: "SELECT 1",
      WorkGroup: "work",
      ClientRequestToken: "a-token-of-at-least-32-characters-",
    };
    const [first, second] = [
      await world.client.send(new StartQueryExecutionCommand(request)),
      await world.client.send(new StartQueryExecutionCommand(request)),
    ];
    assert.equal(first.QueryExecutionId, second.QueryExecutionId);
  });

  it("keeps named queries and prepared statements, which run with parameters", async () => {
    const query = { Name: "ones", Database: "shop", QueryString: "SELECT 1", WorkGroup: "work" };
    const { NamedQueryId } = await world.client.send(new CreateNamedQueryCommand(query));
    const { NamedQuery } = await world.client.send(new GetNamedQueryCommand({ NamedQueryId }));
    assert.deepEqual({ ...NamedQuery }, { ...query, NamedQueryId, Description: "" });
    const { NamedQueryIds } = await world.client.send(new ListNamedQueriesCommand({ WorkGroup: "work" }));
    assert.deepEqual(NamedQueryIds, [NamedQueryId]);
    const prepared = {
      StatementName: "pick",
      WorkGroup: "work",
      QueryStatement: "SELECT x, ? AS y FROM (VALUES 1, 2, 3) AS t (x) WHERE x > ?",
    };
    await world.client.send(new CreatePreparedStatementCommand(prepared));
    assert.deepEqual(await world.rows("EXECUTE pick USING 'it''s', 2"), [["3", "it's"]]);
    assert.deepEqual(await world.rows("EXECUTE pick", { ExecutionParameters: ["'a'", "2"] }), [["3", "a"]]);
    assert.deepEqual(await world.rows("SELECT ? + 1", { ExecutionParameters: ["4"] }), [["5"]]);
    await assert.rejects(world.run("SELECT ?"), { message: /Incorrect number of parameters: expected 1 but found 0/ });
  });

  it("tells of each state by an event", async () => {
    const sqs = new SQSClient(world.config());
    const events = new EventBridgeClient(world.config());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "queries" }));
    await events.send(
      new PutRuleCommand({ Name: "queries", EventPattern: JSON.stringify({ source: ["aws.athena"] }) }),
    );
    const Arn = `arn:aws:sqs:eu-central-1:${world.account}:queries`;
    await events.send(new PutTargetsCommand({ Rule: "queries", Targets: [{ Id: "queue", Arn }] }));
    const { QueryExecutionId } = await world.run("SELECT 1");
    const seen: string[] = [];
    while (seen.length < 3) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10 }),
      );
      for (const { Body } of Messages) {
        const { detail, "detail-type": type } = JSON.parse(Body ?? "");
        assert.deepEqual(
          [type, detail.queryExecutionId, detail.workgroupName],
          ["Athena Query State Change", QueryExecutionId, "work"],
        );
        seen.push(`${detail.previousState ?? ""}>${detail.currentState}`);
      }
    }
    assert.deepEqual(seen.sort(), [">QUEUED", "QUEUED>RUNNING", "RUNNING>SUCCEEDED"]);
  });

  it("reads and writes as its caller may", async () => {
    const iam = new IAMClient(world.config());
    await iam.send(new CreateUserCommand({ UserName: "reader" }));
    const Statement = [
      { Effect: "Allow", Action: ["athena:*", "glue:*"], Resource: "*" },
      {
        Effect: "Allow",
        Action: ["s3:*"],
        Resource: [`arn:aws:s3:::${world.bucket}`, `arn:aws:s3:::${world.bucket}/results/*`],
      },
    ];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutUserPolicyCommand({ UserName: "reader", PolicyName: "results", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "reader" }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const client = new AthenaClient({ ...world.config(), credentials });
    const ended = async (QueryString: string) => {
      const QueryExecutionContext = { Database: "shop" };
      const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({ QueryString, WorkGroup: "work", QueryExecutionContext }),
      );
      for (;;) {
        const { QueryExecution } = await world.client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
        if (QueryExecution?.Status?.CompletionDateTime) return QueryExecution.Status;
      }
    };
    assert.equal((await ended("SELECT 1")).State, "SUCCEEDED");
    const { State, StateChangeReason } = await ended("SELECT * FROM big");
    assert.equal(State, "FAILED");
    assert.match(
      StateChangeReason ?? "",
      /not authorized to perform: s3:GetObject on resource: arn:aws:s3:::athena-\d+\/big\/a\.txt/,
    );
  });
});
