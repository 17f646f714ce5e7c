import assert from "node:assert/strict";
import { COLUMNS, type Row, rowsOf, snakeCase } from "../../../../jobs/cat/normalize/rows.js";
import { cellText, jsonText } from "../../../../jobs/cat/normalize/values.js";

const ORIGIN = { environment: "test", projectId: "P2124", client: "cat" };

/** Column → field, of what a file would hold. Only for fields without commas. */
function columns(row: Row | undefined): Record<string, string> {
  const fields = row?.fields.split(",") ?? [];
  assert.equal(fields.length, COLUMNS.length);
  return Object.fromEntries(COLUMNS.map((name, at) => [name, fields[at] ?? ""]));
}

describe("Rows of a conversation", () => {
  it("repeat what is the conversation's for each of its messages", () => {
    const rows = rowsOf(
      {
        conversationId: { S: "c1" },
        client: { S: "acme" },
        channel: { S: "web" },
        status: { S: "closed" },
        startedAt: { S: "2026-11-20T10:00:00Z" },
        user: { M: { id: { S: "u1" }, name: { S: "Zoë" }, phone: { S: "+57 300" } } },
        rating: { N: "4.50" },
        messages: {
          L: [
            { M: { messageId: { S: "m1" }, role: { S: "user" }, sentAt: { S: "t1" }, text: { S: "hi" } } },
            { M: { messageId: { S: "m2" }, tokens: { N: "7" }, latencyMs: { N: "20" }, confidence: { N: "0.5" } } },
          ],
        },
      },
      ORIGIN,
    );
    const conversation = {
      ...{ project_id: "P2124", client: "acme", environment: "test", conversation_id: "c1", channel: "web" },
      ...{ status: "closed", started_at: "2026-11-20T10:00:00Z", ended_at: "", user_id: "u1", user_name: "Zoë" },
      ...{ rating: "4.50", tags: "", attachment_count: "0", attachments: "", metadata: "" },
    };
    const nothing = { role: "", sent_at: "", text: "", tokens: "", latency_ms: "", confidence: "" };
    assert.deepEqual(rows.map(columns), [
      { ...conversation, ...nothing, message_index: "0", message_id: "m1", role: "user", sent_at: "t1", text: "hi" },
      {
        ...conversation,
        ...nothing,
        message_index: "1",
        message_id: "m2",
        tokens: "7",
        latency_ms: "20",
        confidence: "0.5",
      },
    ]);
    assert.ok(!rows.some(({ fields }) => fields.includes("+57")), "telephone numbers stay where they are");
  });

  it("have columns for attributes that are not known, of conversation, user and message", () => {
    const [row] = rowsOf(
      {
        conversationId: { S: "c1" },
        customerTier: { S: "gold" },
        sentiment: { S: "calm" },
        closed: { NULL: true },
        user: { M: { id: { S: "u" }, homeCity: { S: "Cali" } } },
        messages: { L: [{ M: { sentiment: { S: "angry" }, modelVersion: { N: "3" }, "model-version": { N: "4" } } }] },
      },
      ORIGIN,
    );
    assert.deepEqual(Object.fromEntries(row?.extras ?? []), {
      x_customer_tier: "gold",
      x_user_home_city: "Cali",
      x_sentiment: "angry",
      x_conversation_sentiment: "calm",
      x_model_version: "4",
      x_model_version_2: "3",
    });
  });

  it("keep messages that are none as they were", () => {
    const odd = rowsOf({ conversationId: { S: "c1" }, messages: { L: [{ S: "text only" }] } }, ORIGIN);
    assert.deepEqual([...(odd[0]?.extras ?? [])], [["x_malformed_messages", '"""text only"""']]);
    const none = rowsOf({ conversationId: { S: "c1" }, messages: { M: { a: { N: "1" } } } }, ORIGIN);
    assert.deepEqual([...(none[0]?.extras ?? [])], [["x_malformed_messages", '"{""a"":1}"']]);
    assert.deepEqual(rowsOf({ conversationId: { S: "c1" } }, ORIGIN), []);
  });

  it("call columns as tables do", () => {
    const names = ["customerTier", "HTTPStatus", "Customer-Tier", "año", "__x", "日本", "a1B2"];
    assert.deepEqual(names.map(snakeCase), [
      ...["customer_tier", "http_status", "customer_tier", "ano", "x", "column", "a1_b2"],
    ]);
  });
});

describe("Values of DynamoDB as text", () => {
  it("have all digits of numbers, names in order, and sets as lists", () => {
    const long = "12345678901234567890123456789012345678";
    assert.equal(cellText({ N: long }), long);
    assert.equal(
      jsonText({
        M: { z: { N: long }, a: { L: [{ NULL: true }, { BOOL: false }, { S: 'a"b\n' }] }, s: { NS: ["1", "2"] } },
      }),
      `{"a":[null,false,"a\\"b\\n"],"s":[1,2],"z":${long}}`,
    );
    assert.equal(jsonText({ B: new Uint8Array([1, 2, 255]) }), '"AQL/"');
    assert.equal(cellText({ SS: ["a", "b"] }), '["a","b"]');
    assert.deepEqual([cellText(undefined), cellText({ NULL: true }), cellText({ S: "" })], [null, null, ""]);
  });
});
