import assert from "node:assert/strict";
import { COLUMNS, CURATED, csv, dayFolder, type Etl, etlAccount } from "./fixture.js";

const DATE = "2026-02-07";

describe("CAT: the ETL's script on Glue", function () {
  this.timeout(300_000);
  let etl: Etl;
  before(async () => {
    etl = await etlAccount();
  });

  it("makes typed Parquet of CSV; nothing of a text is lost, and null is not an empty text", async () => {
    const text = 'she said "yes",\r\nthen 🙂 and\n"", \\ and \ttab ';
    await etl.put(
      `${dayFolder(DATE)}upload 1+2.csv`,
      csv({
        "c1:m1": { text, ended_at: "2026-02-07T10:30:00.5+02:00", tags: '["a","b \\"c\\""]' },
        "c1:m2": { text: "", user_name: null, rating: null, tokens: "9007199254740993", metadata: '{"a":{"b":[1,2]}}' },
        "c2:m1": { text: "x".repeat(400_000), role: "assistant" },
      }),
    );
    const { state, message, days } = await etl.load();
    assert.equal(state, "SUCCEEDED", message);
    assert.deepEqual(days, [{ date: DATE, rows: 3, quarantined: 0, files: 1 }]);
    const types = await etl.ask(DATE, "SELECT column_name AS name, column_type AS type FROM (DESCRIBE messages)");
    const special: Record<string, string> = {
      started_at: "TIMESTAMP WITH TIME ZONE",
      ended_at: "TIMESTAMP WITH TIME ZONE",
      sent_at: "TIMESTAMP WITH TIME ZONE",
      rating: "DOUBLE",
      tags: "VARCHAR[]",
      message_index: "INTEGER",
      tokens: "BIGINT",
      latency_ms: "DOUBLE",
      confidence: "DECIMAL(38,18)",
      attachment_count: "INTEGER",
    };
    assert.deepEqual(
      types,
      [...COLUMNS, "source_file"].map((name) => ({ name, type: special[name] ?? "VARCHAR" })),
    );
    const rows = await etl.ask(
      DATE,
      `SELECT message_id, text, user_name, rating, tokens::VARCHAR AS tokens, epoch_ms(ended_at)::VARCHAR AS ended_at, tags, metadata,
         confidence::VARCHAR AS confidence, source_file FROM messages WHERE conversation_id = 'c1' ORDER BY message_index`,
    );
    const source_file = `${dayFolder(DATE)}upload 1+2.csv`;
    const same = { confidence: "0.123456789012345678", source_file };
    assert.deepEqual(rows, [
      {
        message_id: "m1",
        text,
        user_name: "Ana",
        rating: 4.5,
        tokens: "3",
        ended_at: String(Date.parse("2026-02-07T08:30:00.500Z")),
        tags: ["a", 'b "c"'],
        metadata: "{}",
        ...same,
      },
      {
        message_id: "m2",
        text: "",
        user_name: null,
        rating: null,
        tokens: "9007199254740993",
        ended_at: null,
        tags: ["billing"],
        metadata: '{"a":{"b":[1,2]}}',
        ...same,
      },
    ]);
    assert.deepEqual(await etl.ask(DATE, "SELECT length(text)::INT AS n FROM messages WHERE conversation_id = 'c2'"), [
      { n: 400_000 },
    ]);
    assert.deepEqual(await etl.keys(`${CURATED}quarantine/`), []);
  });
});
