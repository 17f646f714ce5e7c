import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import {
  CreateClassifierCommand,
  CreateCrawlerCommand,
  type CreateCrawlerCommandInput,
  CreateDatabaseCommand,
  DeleteCrawlerCommand,
  GetCrawlerMetricsCommand,
  GetPartitionsCommand,
  GetTablesCommand,
  GetTableVersionsCommand,
  ListCrawlsCommand,
  StartCrawlerCommand,
  type Table,
  UpdateCrawlerCommand,
} from "@aws-sdk/client-glue";
import { DuckDBInstance } from "@duckdb/node-api";
import { until } from "../../../support/until.js";
import { type GlueAccount, glueAccount, role } from "./fixture.js";

/** A Parquet file of what a query gives. */
async function parquet(query: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "crucible-parquet-"));
  try {
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`COPY (${query}) TO '${folder}/file.parquet' (FORMAT parquet)`);
    connection.closeSync();
    return await readFile(join(folder, "file.parquet"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("Glue: crawlers", function () {
  this.timeout(120_000);
  let on: GlueAccount;
  const crawler = async (name: string, path: string, input: Partial<CreateCrawlerCommandInput> = {}) => {
    await on.glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: `db_${name}` } }));
    const Targets = { S3Targets: [{ Path: `s3://${on.bucket}/${path}` }] };
    await on.glue.send(
      new CreateCrawlerCommand({ Name: name, Role: "glue", DatabaseName: `db_${name}`, Targets, ...input }),
    );
  };
  const tables = async (name: string): Promise<Table[]> =>
    (await on.glue.send(new GetTablesCommand({ DatabaseName: `db_${name}` }))).TableList ?? [];
  const columns = (table: Table | undefined) =>
    table?.StorageDescriptor?.Columns?.map(({ Name, Type }) => `${Name}:${Type}`).join(" ");
  const partitions = async (name: string, table: string) => {
    const { Partitions = [] } = await on.glue.send(
      new GetPartitionsCommand({ DatabaseName: `db_${name}`, TableName: table }),
    );
    return Partitions.map(({ Values }) => Values?.join("/")).sort();
  };
  const query = async (name: string, QueryString: string) => {
    const athena = new AthenaClient(on.config);
    const started = await athena.send(
      new StartQueryExecutionCommand({
        QueryString,
        QueryExecutionContext: { Database: `db_${name}` },
        ResultConfiguration: { OutputLocation: `s3://${on.bucket}/athena/` },
      }),
    );
    const QueryExecutionId = started.QueryExecutionId ?? "";
    await until("the query to end", async () => {
      const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      assert.notEqual(QueryExecution?.Status?.State, "FAILED", QueryExecution?.Status?.StateChangeReason);
      return QueryExecution?.Status?.State === "SUCCEEDED" || undefined;
    });
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return (ResultSet?.Rows ?? []).slice(1).map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue));
  };
  before(async () => {
    on = await glueAccount();
  });

  it("makes tables of CSV, JSON and Parquet that Athena answers from", async () => {
    await on.put("mix/people/day=2026-01-01/a.csv", "id,name,score\n1,ada,1.5\n2,bob,2\n");
    await on.put("mix/people/day=2026-01-02/a.csv", "id,name,score\n3,eve,3.5\n");
    await on.put("mix/events/1.json", '{"kind":"a","at":{"x":1}}\n{"kind":"b","at":{"x":2}}\n');
    await on.put(
      "mix/facts/a.parquet",
      await parquet(
        "SELECT range::BIGINT AS n, {'k': 'v'} AS s, DATE '2026-01-01' AS d, 1.25::DECIMAL(9,2) AS m FROM range(5)",
      ),
    );
    await crawler("mix", "mix/", { TablePrefix: "T_" });
    const done = await on.crawl("mix");
    assert.equal(done.LastCrawl?.Status, "SUCCEEDED", done.LastCrawl?.ErrorMessage);
    const found = await tables("mix");
    const byName = Object.fromEntries(found.map((table) => [table.Name, columns(table)]));
    assert.deepEqual(byName, {
      t_people: "id:bigint name:string score:double",
      t_events: "kind:string at:struct<x:int>",
      t_facts: "n:bigint s:struct<k:string> d:date m:decimal(9,2)",
    });
    const people = found.find(({ Name }) => Name === "t_people");
    assert.deepEqual(people?.PartitionKeys, [{ Name: "day", Type: "string" }]);
    const {
      classification,
      delimiter,
      recordCount,
      objectCount,
      UPDATED_BY_CRAWLER,
      "skip.header.line.count": skipped,
    } = people?.Parameters ?? {};
    assert.deepEqual(
      { classification, delimiter, recordCount, objectCount, UPDATED_BY_CRAWLER, skipped },
      {
        classification: "csv",
        delimiter: ",",
        recordCount: "3",
        objectCount: "2",
        UPDATED_BY_CRAWLER: "mix",
        skipped: "1",
      },
    );
    assert.equal(
      people?.StorageDescriptor?.SerdeInfo?.SerializationLibrary,
      "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    );
    assert.deepEqual(await partitions("mix", "t_people"), ["2026-01-01", "2026-01-02"]);

    assert.deepEqual(await query("mix", "SELECT day, sum(score) FROM t_people GROUP BY day ORDER BY day"), [
      ["2026-01-01", "3.5"],
      ["2026-01-02", "3.5"],
    ]);
    assert.deepEqual(await query("mix", "SELECT kind FROM t_events ORDER BY kind"), [["a"], ["b"]]);
    assert.deepEqual(await query("mix", "SELECT sum(n) FROM t_facts"), [["10"]]);
    const lines = await on.lines("/aws-glue/crawlers", "mix");
    assert.ok(
      lines.some(
        (line) => line === `[${done.LastCrawl?.MessagePrefix}] INFO : Created table t_people in database db_mix`,
      ),
      lines.join("\n"),
    );
  });

  it("follows a schema that changes: new partitions, new columns, versions of the table", async () => {
    const day = (n: number, body: string) => on.put(`evolve/day=${n}/a.json`, body);
    await day(1, '{"id":1,"a":1,"b":"x"}\n');
    await crawler("evolve", "evolve/", {
      SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "DELETE_FROM_DATABASE" },
    });
    await on.crawl("evolve");
    await on.crawl("evolve");
    assert.equal((await tables("evolve"))[0]?.VersionId, "1");
    await day(2, '{"id":2,"a":1.5,"b":"y","c":true}\n');
    await on.crawl("evolve");
    const [table] = await tables("evolve");
    assert.equal(columns(table), "id:int a:double b:string c:boolean");
    const { TableVersions = [] } = await on.glue.send(
      new GetTableVersionsCommand({ DatabaseName: "db_evolve", TableName: "evolve" }),
    );
    assert.deepEqual(
      TableVersions.map(({ VersionId, Table }) => [VersionId, columns(Table)]),
      [
        ["2", "id:int a:double b:string c:boolean"],
        ["1", "id:int a:int b:string"],
      ],
    );
    assert.deepEqual(await partitions("evolve", "evolve"), ["1", "2"]);
    assert.deepEqual(await query("evolve", "SELECT id, c FROM evolve ORDER BY id"), [
      ["1", undefined],
      ["2", "true"],
    ]);
    await on.remove("evolve/day=1/a.json");
    await on.crawl("evolve");
    assert.deepEqual(await partitions("evolve", "evolve"), ["2"]);
    await on.remove("evolve/day=2/a.json");
    await on.crawl("evolve");
    assert.deepEqual(await tables("evolve"), []);
    const { Crawls = [] } = await on.glue.send(new ListCrawlsCommand({ CrawlerName: "evolve" }));
    assert.deepEqual(
      [Crawls.length, Crawls[0]?.State, Crawls[0]?.Summary],
      [5, "COMPLETED", '{"TABLE": {"DELETE": "{\\"Count\\": 1}"}}'],
    );
    const { CrawlerMetricsList = [] } = await on.glue.send(
      new GetCrawlerMetricsCommand({ CrawlerNameList: ["evolve"] }),
    );
    assert.equal(CrawlerMetricsList[0]?.TablesDeleted, 1);
  });

  it("leaves a table as it is by policy LOG, and marks what is gone as deprecated by default", async () => {
    await on.put("log/a.json", '{"id":1,"a":1}\n');
    await crawler("log", "log/", { SchemaChangePolicy: { UpdateBehavior: "LOG", DeleteBehavior: "LOG" } });
    await on.crawl("log");
    await on.put("log/b.json", '{"id":1,"a":1,"b":1}\n');
    await on.crawl("log");
    assert.equal(columns((await tables("log"))[0]), "id:int a:int");
    await on.glue.send(
      new UpdateCrawlerCommand({
        Name: "log",
        SchemaChangePolicy: { UpdateBehavior: "UPDATE_IN_DATABASE", DeleteBehavior: "DEPRECATE_IN_DATABASE" },
      }),
    );
    await on.crawl("log");
    assert.equal(columns((await tables("log"))[0]), "id:int a:int b:int");
    await on.remove("log/a.json");
    await on.remove("log/b.json");
    await on.crawl("log");
    assert.match((await tables("log"))[0]?.Parameters?.DEPRECATED_BY_CRAWLER ?? "", /^\d{13}$/);
  });

  it("looks at new folders only, leaves out what is excluded, and obeys a classifier", async () => {
    await on.glue.send(
      new CreateClassifierCommand({
        CsvClassifier: { Name: "names", Delimiter: "|", ContainsHeader: "PRESENT", QuoteSymbol: '"' },
      }),
    );
    await on.put("new/day=1/a.csv", "first|last\nada|l\n");
    await on.put("new/day=1/skip.tmp", "x");
    await crawler("new", "new/", {
      Classifiers: ["names"],
      Targets: { S3Targets: [{ Path: `s3://${on.bucket}/new/`, Exclusions: ["**.tmp"] }] },
      RecrawlPolicy: { RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY" },
      SchemaChangePolicy: { UpdateBehavior: "LOG", DeleteBehavior: "LOG" },
    });
    await on.crawl("new");
    assert.equal(columns((await tables("new"))[0]), "first:string last:string");
    await on.put("new/day=1/b.csv", "first|last|age\nada|l|3\n");
    await on.put("new/day=2/a.csv", "first|last\nbob|m\n");
    await on.crawl("new");
    assert.deepEqual(await partitions("new", "new"), ["1", "2"]);
    assert.equal(columns((await tables("new"))[0]), "first:string last:string");
  });

  it("does what its role may do, and refuses a role that it may not take", async () => {
    await role(on.config, "reader", "glue.amazonaws.com", ["glue:*"]);
    await role(on.config, "other", "lambda.amazonaws.com", ["s3:*"]);
    await on.put("denied/a.json", '{"a":1}\n');
    await assert.rejects(crawler("stranger", "denied/", { Role: "other" }), {
      name: "InvalidInputException",
      message: /unable to assume role/,
    });
    await crawler("denied", "denied/", { Role: "reader" });
    const done = await on.crawl("denied");
    assert.equal(done.LastCrawl?.Status, "FAILED");
    assert.match(done.LastCrawl?.ErrorMessage ?? "", /s3:ListBucket|AccessDenied/);
    assert.deepEqual(await tables("denied"), []);
  });

  it("refuses a second start, and what makes no crawler", async () => {
    for (let index = 0; index < 40; index += 1) await on.put(`many/${index}.json`, '{"a":1}\n');
    await crawler("many", "many/");
    await on.glue.send(new StartCrawlerCommand({ Name: "many" }));
    await assert.rejects(on.glue.send(new StartCrawlerCommand({ Name: "many" })), { name: "CrawlerRunningException" });
    await assert.rejects(on.glue.send(new DeleteCrawlerCommand({ Name: "many" })), { name: "CrawlerRunningException" });
    await assert.rejects(on.glue.send(new StartCrawlerCommand({ Name: "none" })), { name: "EntityNotFoundException" });
    const create = (input: object) =>
      on.glue.send(
        new CreateCrawlerCommand({
          Name: "bad",
          Role: "glue",
          DatabaseName: "d",
          Targets: { S3Targets: [{ Path: "s3://b" }] },
          ...input,
        }),
      );
    await assert.rejects(create({ Schedule: "rate(1 day)" }), { name: "InvalidInputException" });
    await assert.rejects(create({ Targets: { JdbcTargets: [{ ConnectionName: "c" }] } }), {
      message: /JdbcTargets is not supported by the local cloud/,
    });
    await assert.rejects(create({ RecrawlPolicy: { RecrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY" } }), {
      message: /can have only LOG/,
    });
  });
});
