// Nothing but uploads: three files at once. Nobody starts anything.
import { defineTest } from "../test.js";
import { ask } from "./athena.js";
import { CAT, dayFolder, loaded, putCsv, runsOf } from "./cat.js";

const DATE = "2026-02-10";
const FILES = ["a", "b", "c"].map((name) => `${dayFolder(DATE)}${name}.csv`);
const ROWS = 50;

const HEADER = "conversation_id,message_id,role,sent_at,text";
const file = (name: string, text: string) =>
  `${[HEADER, ...Array.from({ length: ROWS }, (_, index) => `${name},${index},user,2026-02-10T10:00:00Z,${text}`)].join("\n")}\n`;

export const catEvent = defineTest({
  ...CAT,
  name: "cat-event",
  description: "Files that are only uploaded, several at once, are loaded and can be asked for",
  async run(context) {
    const { env } = context;
    await Promise.all(FILES.map((key, index) => putCsv(env, key, file(`f${index}`, "first"))));
    return await loaded(context, DATE, FILES);
  },
  async verify({ env, check }, { load, arrivals }) {
    check.equal(
      "how the executions ended",
      arrivals.map(({ status }) => status),
      ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
    );
    const runs = await runsOf(env, DATE);
    check.that("runs of the job for three files", runs >= 1 && runs <= 2, runs, "one, or two");
    check.equal("rows loaded", [load?.rows, load?.sources.length], [3 * ROWS, 3]);
    const table = await ask(
      env,
      "files",
      `SELECT source_file, text, count(*) AS n FROM messages WHERE report_date = '${DATE}' GROUP BY source_file, text ORDER BY 1, 2`,
    );
    check.equal(
      "messages of each file",
      table.rows.map(({ n }) => n),
      [ROWS, ROWS, ROWS],
    );
    return [{ table, key: ["source_file", "text"] }];
  },
});
