import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConditionalCheckFailedException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { DynamoTable } from "../../../jobs/lib/dynamodb.js";
import { FileTable } from "../../../jobs/lib/filetable.js";
import { holds, type Item } from "../../../jobs/lib/tables.js";

const metadata = { message: "", $metadata: {} };

/** A client that answers what a test says; it fails on whatever the test does not expect. */
function client(answer: (command: unknown) => unknown) {
  return { send: async (command: unknown) => answer(command) } as never;
}

describe("tables of jobs", () => {
  it("decide by guard whether an item may be replaced", () => {
    const atMost = { test: "absentOrAtMost", attribute: "rank", value: 2 } as const;
    const items: (Item | undefined)[] = [undefined, { rank: 1 }, { rank: 2 }, { rank: 3 }, {}];
    assert.deepEqual(
      items.map((item) => holds(atMost, item)),
      [true, true, true, false, false],
    );
    assert.equal(holds({ test: "equals", attribute: "rank", value: 2 }, undefined), false);
    assert.equal(holds({ test: "missing", attribute: "rank" }, { rank: 0 }), false);
  });

  it("in a file: changes made at once are all there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "table-"));
    try {
      const table = new FileTable("t", join(folder, "t.json"), ["id"]);
      await Promise.all(Array.from({ length: 20 }, (_, id) => table.put([{ id, n: 1 }])));
      const kept = await table.remove(
        Array.from({ length: 20 }, (_, id) => ({ id })),
        { test: "equals", attribute: "n", value: 1 },
      );
      assert.deepEqual(kept, { written: 20, refused: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("on DynamoDB: a failed condition is a refusal, another error the run's", async () => {
    const table = new DynamoTable(
      client((command) => {
        assert.ok(command instanceof PutCommand);
        assert.equal(command.input.ConditionExpression, "attribute_not_exists(#key) OR #guarded <= :value");
        if (command.input.Item?.id === "2") throw new ConditionalCheckFailedException(metadata);
        return {};
      }),
      "t",
      { partitionKey: "id" },
    );
    const guard = { test: "absentOrAtMost", attribute: "rank", value: 2 } as const;
    assert.deepEqual(await table.put([{ id: "1" }, { id: "2" }, { id: "3" }], guard), { written: 2, refused: 1 });
    const missing = new DynamoTable(
      client(() => {
        throw new ResourceNotFoundException({ ...metadata, message: "Requested resource not found" });
      }),
      "t",
      { partitionKey: "id" },
    );
    await assert.rejects(missing.put([{ id: "1" }], guard), {
      code: "ResourceNotFoundException",
      message: "Writing to table t failed: ResourceNotFoundException: Requested resource not found",
    });
  });

  it("on DynamoDB: unguarded writes go in batches of 25, and what was not processed is sent again after a wait", async () => {
    const sizes: number[] = [];
    const waits: number[] = [];
    const table = new DynamoTable(
      client((command) => {
        assert.ok(command instanceof BatchWriteCommand);
        const requests = command.input.RequestItems?.t ?? [];
        sizes.push(requests.length);
        return { UnprocessedItems: requests.length > 10 ? { t: requests.slice(0, 3) } : {} };
      }),
      "t",
      { partitionKey: "id", wait: async (milliseconds) => void waits.push(milliseconds) },
    );
    assert.deepEqual(await table.put(Array.from({ length: 30 }, (_, id) => ({ id: String(id) }))), {
      written: 30,
      refused: 0,
    });
    assert.deepEqual(
      sizes.sort((a, b) => b - a),
      [25, 5, 3],
    );
    assert.equal(waits.length, 1);
  });

  it("on DynamoDB: a table that never takes the rest is an error, not an endless loop", async () => {
    const waits: number[] = [];
    const table = new DynamoTable(
      client((command) => ({ UnprocessedItems: (command as BatchWriteCommand).input.RequestItems })),
      "t",
      { partitionKey: "id", wait: async (milliseconds) => void waits.push(milliseconds) },
    );
    await assert.rejects(table.remove([{ id: "1" }]), { code: "UnprocessedItems" });
    assert.ok(waits.every((milliseconds) => milliseconds <= 5000));
  });
});
