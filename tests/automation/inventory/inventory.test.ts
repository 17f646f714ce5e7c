import assert from "node:assert/strict";
import { isAdopted } from "../../../automation/inventory/adopted.js";
import { bySuffix, reap, summarize, takeInventory, wholeAccount } from "../../../automation/inventory/inventory.js";
import type { InventoryItem } from "../../../automation/inventory/item.js";
import { allPages } from "../../../automation/inventory/pages.js";

const item = (
  type: string,
  id: string,
  remove: () => Promise<unknown> = async () => {},
  name?: string,
): InventoryItem => ({
  type,
  id,
  ...(name && { name }),
  remove,
});
const source = (service: string, items: () => Promise<InventoryItem[]>) => ({ service, list: items });
const noClient = () => assert.fail("no client is needed");
const here = new Map([["eu-central-1", noClient]]);

describe("the inventory", () => {
  it("holds what every service answers", async () => {
    const sources = [
      source("sqs", async () => [item("AWS::SQS::Queue", "planted")]),
      source("logs", async () => [item("AWS::Logs::LogGroup", "/planted")]),
    ];
    const items = await takeInventory(sources, here, wholeAccount);
    assert.deepEqual(summarize(items), ["AWS::Logs::LogGroup /planted", "AWS::SQS::Queue planted"]);
  });

  it("proves nothing when a service does not answer, and says which", async () => {
    const sources = [
      source("sqs", async () => []),
      source("ec2", () => Promise.reject(new Error("connection refused"))),
    ];
    await assert.rejects(takeInventory(sources, here, wholeAccount), /ec2: connection refused/);
  });

  it("asks every region, and global services once", async () => {
    const asked: string[] = [];
    const answering = (service: string, isGlobal: boolean) => ({
      service,
      isGlobal,
      async list(client: unknown) {
        asked.push(`${service} ${client === noClient ? "here" : "there"}`);
        return [item("T", service)];
      },
    });
    const clients = new Map([...here, ["us-east-1", () => assert.fail()]]);
    const items = await takeInventory([answering("sqs", false), answering("s3", true)], clients, wholeAccount);
    assert.deepEqual(asked, ["sqs here", "s3 here", "sqs there"]);
    assert.deepEqual(summarize(items), ["T s3", "T sqs", "T sqs in us-east-1"]);
  });

  it("of a shared account has what bears the suffix as a word", () => {
    const scope = bySuffix("k3x9");
    for (const id of ["sanders-platform-dev-k3x9", "sanders_features_dev_k3x9", "k3x9/logs"])
      assert.ok(scope({ type: "t", id }), id);
    for (const id of ["sanders-dev", "ak3x9", "k3x9a-bucket"]) assert.ok(!scope({ type: "t", id }), id);
    assert.ok(scope({ type: "t", id: "vpc-123", name: "sanders-vpc-dev-k3x9" }));
  });

  it("knows the log groups that AWS makes by itself from planted ones", () => {
    const group = (id: string) => isAdopted({ type: "AWS::Logs::LogGroup", id });
    assert.ok(group("/aws/batch/job"));
    assert.ok(group("/aws/lambda/convert"));
    assert.ok(!group("/aws/batch/job-of-mine"));
    assert.ok(!group("/planted"));
    assert.ok(!isAdopted({ type: "AWS::SQS::Queue", id: "/aws/batch/job" }));
  });

  it("reads every page, and takes an operation that the cloud does not have for empty", async () => {
    const pages = [["a", undefined], ["b"], ["c"]];
    let at = 0;
    const read = () =>
      allPages(async (token) => {
        assert.equal(token, at === 0 ? undefined : String(at));
        at += 1;
        return { items: pages[at - 1], token: at < pages.length ? String(at) : undefined };
      });
    assert.deepEqual(await read(), ["a", "b", "c"]);
    const failing = (name: string) => allPages(() => Promise.reject(Object.assign(new Error(name), { name })));
    assert.deepEqual(await failing("InvalidAction"), []);
    await assert.rejects(failing("AccessDenied"), /AccessDenied/);
  });
});

describe("reaping", () => {
  /** Things that can go only after those that they name. */
  function world(dependencies: Record<string, string[]>) {
    const left = new Set(Object.keys(dependencies));
    const take = async () =>
      [...left].map((id) =>
        item("T", id, async () => {
          const inTheWay = (dependencies[id] ?? []).filter((other) => left.has(other));
          if (inTheWay.length > 0) throw new Error(`DependencyViolation: ${inTheWay.join(", ")}`);
          left.delete(id);
        }),
      );
    return { take, left };
  }

  it("goes on as long as something goes", async () => {
    const { take, left } = world({ vpc: ["subnet"], subnet: ["interface"], interface: [] });
    const result = await reap(take, async () => assert.fail("there was progress in every round"));
    assert.equal(left.size, 0);
    assert.deepEqual(result.removed.map(({ id }) => id).sort(), ["interface", "subnet", "vpc"]);
    assert.deepEqual(result.left, []);
  });

  it("does not wait for what only its own service can remove", async () => {
    const { take } = world({ free: [] });
    const orders = { type: "rds", id: "cluster/orders", byHand: true as const };
    const remove = () => Promise.reject(new Error("crucible has no way to delete it"));
    const result = await reap(
      async () => [...(await take()), { ...orders, remove }],
      async () => assert.fail("it cannot go however long one waits"),
    );
    assert.deepEqual(summarize(result.removed), ["T free"]);
    assert.deepEqual(result.left, [{ item: orders, reason: "crucible has no way to delete it" }]);
  });

  it("names what will not go, and why", async () => {
    const { take } = world({ free: [], bound: ["bound"] });
    const result = await reap(take, async (round) => round < 3);
    assert.deepEqual(
      result.removed.map(({ id }) => id),
      ["free"],
    );
    assert.deepEqual(result.left, [{ item: { type: "T", id: "bound" }, reason: "DependencyViolation: bound" }]);
  });
});
