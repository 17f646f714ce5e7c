// What is written is read back by readers that are not ours: DuckDB's and Python's.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { Part } from "../../../../jobs/cat/normalize/part.js";
import { COLUMNS, rowsOf } from "../../../../jobs/cat/normalize/rows.js";
import { projectRoot } from "../../../../localcloud/server/paths.js";

const ORIGIN = { environment: "test", projectId: "P2124", client: "cat" };

const TEXTS = [
  "plain",
  "",
  'quotes " and "" and "',
  "comma, semicolon; tab\tend",
  "one\ntwo\r\nthree\rfour\n",
  " spaces around ",
  "emoji 😀👩‍👩‍👧‍👦 and ñ 日本語 ‮rtl",
  "\u0085 next line \u2028 separators",
  "null",
  "NULL",
  "\\N",
  "back\\slash\\",
  "=1+1",
  "'single'",
  `large ${'x"y,\n'.repeat(80_000)}`,
];

/** A file of messages with these texts, null for none, and their numbers. */
function fileOf(messages: { text: string | null; tokens: string }[]): Buffer {
  const part = new Part();
  part.add(
    rowsOf(
      {
        conversationId: { S: "c1" },
        metadata: { M: { quote: { S: '"' } } },
        messages: {
          L: messages.map(({ text, tokens }) => ({
            M: { ...(text === null ? {} : { text: { S: text }, moodNote: { S: text } }), tokens: { N: tokens } },
          })),
        },
      },
      ORIGIN,
    ),
  );
  return part.file();
}

describe("CSV files", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "crucible-csv-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const messages = [
    ...TEXTS.map((text, at) => ({ text, tokens: String(at) })),
    { text: null, tokens: "-0.00000000000000000000000000000000000012345" },
    { text: "digits", tokens: "12345678901234567890123456789012345678" },
  ];

  it("are read by Python's csv as they were", () => {
    const path = join(folder, "python.csv");
    writeFileSync(path, fileOf(messages));
    const program = `import csv, json, sys
csv.field_size_limit(10**9)
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file, strict=True))
print(json.dumps([[row["text"], row["tokens"], row["x_mood_note"], row["metadata"]] for row in rows]))`;
    const python = join(projectRoot, ".venv", "bin", "python");
    const options = { encoding: "utf8", maxBuffer: 1e8 } as const;
    const read = JSON.parse(execFileSync(python, ["-c", program, path], options));
    assert.deepEqual(
      read,
      messages.map(({ text, tokens }) => [text ?? "", tokens, text ?? "", '{"quote":"\\""}']),
    );
  });

  it("are read by DuckDB as they were, an empty text apart from none", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            text: fc.option(fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "grapheme" })), { freq: 4 }),
            tokens: fc.bigInt().map(String),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        async (some) => {
          assert.deepEqual(
            await withDuckDb(join(folder, "duck.csv"), fileOf(some)),
            some.map(({ text, tokens }) => [text, tokens]),
          );
        },
      ),
      { numRuns: 40, examples: [[messages]] },
    );
  });

  it("have one header, and as many fields in every row", async () => {
    const text = fileOf([{ text: null, tokens: "1" }]).toString();
    assert.equal(text.split("\n")[0], COLUMNS.join(","), "columns that no row has are not there");
    assert.equal(text.at(-1), "\n");
    assert.equal(text.split("\n")[1]?.split(",").length, COLUMNS.length);
  });
});

/** Text and tokens of every row, in order. */
async function withDuckDb(path: string, file: Buffer): Promise<unknown[][]> {
  writeFileSync(path, file);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const options =
      "header = true, all_varchar = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, max_line_size = 10000000, strict_mode = true, new_line = '\\n'";
    const [header = ""] = file.toString().split("\n");
    const columns = `{${header.split(",").map((name) => `'${name}': 'VARCHAR'`)}}`;
    const reader = await connection.runAndReadAll(
      `SELECT text, tokens FROM read_csv('${path}', ${options}, columns = ${columns}, parallel = false) ORDER BY message_index::INT`,
    );
    return reader.getRows() as unknown[][];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
