import assert from "node:assert/strict";
import {
  AthenaClient,
  DeleteNamedQueryCommand,
  GetWorkGroupCommand,
  ListDatabasesCommand,
  ListNamedQueriesCommand,
  ListWorkGroupsCommand,
  UpdateWorkGroupCommand,
} from "@aws-sdk/client-athena";
import { Database } from "@pulumi/aws/athena/database.js";
import { NamedQuery } from "@pulumi/aws/athena/namedQuery.js";
import { Workgroup } from "@pulumi/aws/athena/workgroup.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { type Bench, type Life, startBench, testLives } from "../lifecycle.js";
import { by } from "../versions.js";

const lives: Life[] = [
  {
    name: "group",
    declare: (version, options) =>
      new Workgroup(
        "group",
        {
          name: by(version, "group", "group", "group-2"),
          description: by(version, "first", "second"),
          configuration: {
            enforceWorkgroupConfiguration: by(version, true, false),
            bytesScannedCutoffPerQuery: by<number | undefined>(version, 20_000_000, undefined),
            resultConfiguration: {
              outputLocation: `s3://results/${by(version, "a", "b")}/`,
              encryptionConfiguration: { encryptionOption: "SSE_S3" },
            },
          },
          forceDestroy: true,
          tags: by<Record<string, string>>(version, { a: "1", b: "1" }, { a: "2" }),
        },
        options,
      ),
    unimportable: ["forceDestroy"],
    verify: {
      updated: async (WorkGroup, { client }) => {
        const found = await new AthenaClient(client).send(new GetWorkGroupCommand({ WorkGroup }));
        const { Configuration, Description } = found.WorkGroup ?? {};
        assert.deepEqual([Description, Configuration?.EnforceWorkGroupConfiguration], ["second", false]);
        assert.equal(Configuration?.BytesScannedCutoffPerQuery, undefined);
        assert.match(Configuration?.ResultConfiguration?.OutputLocation ?? "", /\/b\/$/);
      },
    },
    disturb: async (WorkGroup, { client }) => {
      await new AthenaClient(client).send(new UpdateWorkGroupCommand({ WorkGroup, State: "DISABLED" }));
    },
  },
  {
    name: "query",
    declare: (version, options, others) =>
      new NamedQuery(
        "query",
        {
          name: "all",
          database: "shop",
          workgroup: (others.group as Workgroup).name,
          query: by(version, "SELECT 1", "SELECT 2"),
          description: "what there is",
        },
        options,
      ),
    updated: "replace",
    disturb: async (NamedQueryId, { client }) => {
      await new AthenaClient(client).send(new DeleteNamedQueryCommand({ NamedQueryId }));
    },
  },
];

testLives("provider: athena", lives, async ({ client }) => {
  const athena = new AthenaClient(client);
  const [groups, databases, queries] = await Promise.all([
    athena.send(new ListWorkGroupsCommand({})),
    athena.send(new ListDatabasesCommand({ CatalogName: "AwsDataCatalog" })),
    athena.send(new ListNamedQueriesCommand({})),
  ]);
  return [
    ...(groups.WorkGroups ?? []).map(({ Name = "" }) => Name).filter((name) => name !== "primary"),
    ...(databases.DatabaseList ?? []).map(({ Name = "" }) => Name),
    ...(queries.NamedQueryIds ?? []),
  ];
});

// Not with the other lives: making and removing a database writes to a bucket, which an import then cannot remove.
describe("provider: athena database", () => {
  let bench: Bench;
  before(async () => {
    bench = await startBench();
  });
  after(() => bench?.close());

  const program = (name: string, comment: string) => async () => {
    const results = new Bucket("results", { forceDestroy: true });
    new Database("database", { name, bucket: results.id, comment, forceDestroy: true });
  };
  const databases = async () => {
    const request = new ListDatabasesCommand({ CatalogName: "AwsDataCatalog" });
    const { DatabaseList = [] } = await new AthenaClient(bench.client).send(request);
    return DatabaseList.map(({ Name, Description }) => [Name, Description]);
  };

  it("is made, replaced and removed by queries", async () => {
    await bench.up(program("shop", "it's one"));
    assert.deepEqual(await databases(), [["shop", "it's one"]]);
    assert.deepEqual((await bench.preview(program("shop", "it's one"))).operations, {});
    assert.deepEqual((await bench.up(program("shop_2", "two"))).operations, { database: "replace" });
    assert.deepEqual(await databases(), [["shop_2", "two"]]);
    await bench.refresh(program("shop_2", "two"));
    assert.deepEqual((await bench.preview(program("shop_2", "two"))).operations, {});
    await bench.destroy();
    assert.deepEqual(await databases(), []);
  });
});
