// Rows that cannot be taken go to the quarantine, each with every reason; those around them are loaded.
import { defineTest } from "../test.js";
import { ask } from "./athena.js";
import { CAT, dayFolder, loaded, putCsv } from "./cat.js";

const DATE = "2026-02-09";
const KEY = `${dayFolder(DATE)}bad.csv`;
const GOOD = 100;

const HEADER = "conversation_id,message_id,role,sent_at,text,tokens,rating,tags";
const good = Array.from(
  { length: GOOD },
  (_, index) =>
    `c-${index},m-${index},user,2026-02-09T10:00:00.000Z,"row ${index},\nof two lines",${index},4.5,"[""a""]"`,
);
const bad = [
  ",m-1,user,2026-02-09T10:00:00Z,no conversation,1,4,[]",
  "b-1,m-1,user,9 February,no time,1,4,[]",
  "b-2,m-1,,2026-02-09T10:00:00Z,no role and half a token,0.5,4,[]",
  "b-3,m-1,user,2026-02-09T10:00:00Z,words for numbers,many,good,billing",
  "c-1,m-1,user,2026-02-09T10:00:00Z,a second time,1,4,[]",
  "b-4,m-1,user",
  "b-5,m-1,user,2026-02-09T10:00:00Z,one more,1,4,[],9",
];

export const catBadRows = defineTest({
  ...CAT,
  name: "cat-bad-rows",
  description: "Rows that cannot be taken are kept out of the table, with the reason, and the others are loaded",
  async run(context) {
    // The double comes last.
    await putCsv(context.env, KEY, `${[HEADER, ...good, ...bad].join("\n")}\n`);
    return await loaded(context, DATE, [KEY]);
  },
  async verify({ env, check }, { load, arrivals }) {
    check.equal(
      "how the execution ended",
      arrivals.map(({ status }) => status),
      ["SUCCEEDED"],
    );
    check.equal("rows loaded, and kept out", [load?.rows, load?.quarantined], [GOOD, bad.length]);
    const loadedRows = await ask(
      env,
      "loaded",
      `SELECT count(*) AS n, sum(tokens) AS tokens, min(length(text)) AS shortest FROM messages WHERE report_date = '${DATE}'`,
    );
    check.equal("what is in the table", loadedRows.rows, [{ n: GOOD, tokens: (GOOD * (GOOD - 1)) / 2, shortest: 19 }]);
    const table = await ask(
      env,
      "quarantine",
      `SELECT coalesce(conversation_id, '') AS conversation_id, reason, record FROM quarantine WHERE report_date = '${DATE}' ORDER BY 1, 2, 3`,
    );
    check.equal("rows with a reason", table.rows.length, bad.length);
    return [{ table, key: ["conversation_id", "reason"] }];
  },
});
