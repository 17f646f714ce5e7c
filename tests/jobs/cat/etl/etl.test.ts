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

  it("quarantines each row that cannot be taken, with every reason, and takes a message once", async () => {
    const date = "2026-02-08";
    const good = { "c1:m1": {}, "c1:m2": {} };
    const bad = {
      ":m1": {},
      "c3:m1": { sent_at: "yesterday", rating: "good" },
      "c3:m2": { role: "", tokens: "1.5", attachment_count: "9999999999" },
      "c3:m3": { tags: "billing", metadata: "{", confidence: "0.1234567890123456789" },
    };
    const broken = 'P2124,"two fields"\n';
    await etl.put(`${dayFolder(date)}a.csv`, csv({ ...good, ...bad }) + broken);
    await etl.put(`${dayFolder(date)}b.csv`, csv(good));
    // Neither is a message's file: of another kind, and empty.
    await etl.put(`${dayFolder(date)}c.csv`, "id;name\n1;Ana\n");
    await etl.put(`${dayFolder(date)}d.csv`, "");
    const { state, message, days } = await etl.load({ "--date": date });
    assert.equal(state, "SUCCEEDED", message);
    assert.deepEqual(days, [{ date, rows: 2, quarantined: 8, files: 4 }]);
    const rows = await etl.ask(
      date,
      "SELECT coalesce(conversation_id, '-') || ':' || coalesce(message_id, '-') AS row, right(source_file, 5) AS file, reason FROM quarantine ORDER BY ALL",
    );
    const missing = ["conversation_id", "message_id", "role", "sent_at"].map((name) => `${name} is missing`).join("; ");
    assert.deepEqual(
      rows.map(({ row, file, reason }) => [row, file, reason]),
      [
        ["-:-", "a.csv", "the row has more or fewer fields than the header"],
        ["-:-", "c.csv", missing],
        [":m1", "a.csv", "conversation_id is missing"],
        ["c1:m1", "b.csv", "the message is there more than once"],
        ["c1:m2", "b.csv", "the message is there more than once"],
        ["c3:m1", "a.csv", "rating is not a number: good; sent_at is not a timestamp in ISO 8601: yesterday"],
        [
          "c3:m2",
          "a.csv",
          "role is missing; tokens is not a whole number: 1.5; attachment_count is not a whole number: 9999999999",
        ],
        [
          "c3:m3",
          "a.csv",
          "tags is not a JSON list: billing; confidence is not a number of at most 20 digits before and 18 after the point: " +
            "0.1234567890123456789; metadata is not JSON: {",
        ],
      ],
    );
    const records = await etl.ask(
      date,
      "SELECT record FROM quarantine WHERE message_id = 'm3' OR conversation_id IS NULL ORDER BY 1",
    );
    assert.equal(
      JSON.parse(String(records.find(({ record }) => String(record).includes("c3"))?.record)).tags,
      "billing",
    );
    assert.ok(
      records.some(({ record }) => record === broken.trim()),
      JSON.stringify(records),
    );
    assert.ok(!(await etl.ask(date, "DESCRIBE messages")).some(({ column_name }) => column_name === "id_name"));
  });

  it("merges columns of files, loads what a manifest names, and comes to the same however often it runs", async () => {
    const [evolving, exported, emptied] = ["2026-02-09", "2026-02-10", "2026-02-11"];
    const without = COLUMNS.filter((name) => name !== "rating" && name !== "metadata");
    await etl.put(`${dayFolder(evolving)}a.csv`, csv({ "c1:m1": {} }));
    await etl.put(
      `${dayFolder(evolving)}b.csv`,
      csv({ "c2:m1": { x_sentiment: "good", "X Score": "7" } }, [...without, "x_sentiment", "X Score", "x_sentiment"]),
    );
    const part = (run: string, index: number) => `${dayFolder(exported)}conversations-${run}-0-${index}.csv`;
    const [first, second] = ["20260210T043000Z", "20260210T050000Z"];
    await etl.put(part(first, 0), csv({ "c1:m1": {}, "c1:m2": {} }));
    await etl.put(part(first, 1), csv({ "c2:m1": {} }));
    await etl.manifest(exported, first, { [part(first, 0)]: 2, [part(first, 1)]: 1 });
    // Of an export that has not come to its end.
    await etl.put(part(second, 0), csv({ "c1:m1": {}, "c1:m2": { text: "changed" }, "c1:m3": {} }));
    await etl.put(`${dayFolder(exported)}by-hand.csv`, csv({ "c9:m1": {} }));
    await etl.put(`${dayFolder(emptied)}a.csv`, csv({ "c1:m1": {} }));
    const all = await etl.load();
    assert.equal(all.state, "SUCCEEDED", all.message);
    assert.deepEqual(all.days, [
      { date: evolving, rows: 2, quarantined: 0, files: 2 },
      { date: exported, rows: 4, quarantined: 0, files: 3 },
      { date: emptied, rows: 1, quarantined: 0, files: 1 },
    ]);
    const merged = "SELECT conversation_id, rating, metadata, x_sentiment, x_score FROM messages ORDER BY 1";
    assert.deepEqual(await etl.ask(evolving, merged), [
      { conversation_id: "c1", rating: 4.5, metadata: "{}", x_sentiment: null, x_score: null },
      { conversation_id: "c2", rating: null, metadata: null, x_sentiment: "good", x_score: "7" },
    ]);
    const record = JSON.parse(await etl.text(`${CURATED}_loads/${exported}.json`));
    assert.deepEqual(
      record.setAside.map(({ key }: { key: string }) => key),
      [part(second, 0)],
    );

    const before = await etl.keys(`${CURATED}messages/report_date=${evolving}/`);
    await etl.manifest(exported, second, { [part(second, 0)]: 3 });
    for (const key of [part(first, 0), part(first, 1), `${dayFolder(emptied)}a.csv`]) await etl.remove(key);
    const again = await etl.load();
    assert.deepEqual(
      again.days,
      [
        { date: exported, rows: 4, quarantined: 0, files: 2 },
        { date: emptied, rows: 0, quarantined: 0, files: 0 },
      ],
      again.message,
    );
    assert.deepEqual(await etl.keys(`${CURATED}messages/report_date=${evolving}/`), before);
    assert.deepEqual(await etl.keys(`${CURATED}messages/report_date=${emptied}/`), []);
    const loaded = "SELECT conversation_id || ':' || message_id || ' ' || text AS message FROM messages ORDER BY 1";
    assert.deepEqual(
      (await etl.ask(exported, loaded)).map(({ message }) => message),
      ["c1:m1 hello", "c1:m2 changed", "c1:m3 hello", "c9:m1 hello"],
    );

    await etl.manifest(exported, second, { [part(second, 0)]: 5 });
    const lost = await etl.load({ "--date": exported });
    assert.equal(lost.state, "FAILED");
    assert.match(lost.message, /RowsLost: .*2026-02-10\.json says that 5 rows were written, but 3 were read/);
    assert.equal((await etl.ask(exported, loaded)).length, 4);
  });
});
