// The table of conversations → CSV → Parquet → crawler → Athena, whose answers are those that the conversations themselves give.
import { query, sqlText } from "../../evidence/tables.js";
import { defineTest } from "../test.js";
import { ask, askSaved } from "./athena.js";
import { CAT, exportDay, loaded, manifestKey, manifestOf, runsOf, seedConversations } from "./cat.js";

/** The day of the first export. */
export const DAILY = "2026-02-07";
const CONVERSATIONS = 200;

export const catDaily = defineTest({
  ...CAT,
  name: "cat-daily",
  description: "A day's export of the conversations is loaded by itself, and Athena answers as the conversations do",
  async seed(context) {
    await seedConversations(context, CONVERSATIONS);
  },
  async run(context) {
    const answer = await exportDay(context, DAILY);
    return { answer, ...(await loaded(context, DAILY, [manifestKey(DAILY)])) };
  },
  async verify({ env, evidence, check }, { answer, load, arrivals }) {
    const source = `(SELECT conversation, unnest(conversation.messages) AS message
      FROM read_ndjson_auto(${sqlText(evidence.pathOf("data/conversations.jsonl"))}, maximum_object_size = 16777216) AS conversation)`;
    const [put] = (await query("put", `SELECT count(*)::INT AS rows FROM ${source}`)).rows;
    const rows = Number(put?.rows);
    const manifest = await manifestOf(env, DAILY);
    check.equal("how the export ended", answer.status, "COMPLETE");
    check.equal("messages and conversations exported", [manifest.rows, manifest.conversations], [rows, CONVERSATIONS]);
    check.equal("rows loaded, and kept out", [load?.rows, load?.quarantined], [rows, 0]);
    check.equal(
      "how the manifest's execution ended",
      arrivals.map(({ status }) => status),
      ["SUCCEEDED"],
    );
    const runs = await runsOf(env, DAILY);
    check.that("runs of the job for four files and a manifest", runs >= 1 && runs <= 2, runs, "one, or two");

    const measures = `count(*) AS messages, count(DISTINCT conversation_id) AS conversations, sum(tokens) AS tokens, sum(latency_ms) AS latency_ms,
      sum(confidence) AS confidence, sum(length(text)) AS characters, min(sent_at) AS first, max(text) AS last_text`;
    const here = await query(
      "here",
      `SELECT channel, role, ${measures.replace("min(sent_at)", "strftime(min(sent_at), '%Y-%m-%d %H:%M:%S.%g')")} FROM (
         SELECT conversation.conversationId AS conversation_id, conversation.channel AS channel, message.role AS role, message.tokens AS tokens,
           message.latencyMs::DOUBLE AS latency_ms, message.confidence::DECIMAL(38, 18) AS confidence, message.text AS text,
           message.sentAt::TIMESTAMP AS sent_at FROM ${source}) GROUP BY ALL ORDER BY channel, role`,
    );
    const table = await ask(
      env,
      "messages",
      `SELECT channel, role, ${measures} FROM messages WHERE report_date = '${DAILY}' GROUP BY channel, role ORDER BY channel, role`,
    );
    // Decimals come as text here.
    const asNumbers = (rows: typeof table.rows) =>
      rows.map((row) => ({ ...row, confidence: row.confidence === null ? null : Number(row.confidence) }));
    check.equal("what Athena says of messages, by channel and role", asNumbers(table.rows), asNumbers(here.rows));

    const answers = await askSaved(env);
    const sum = (name: string, column: string) =>
      answers.get(name)?.rows.reduce((total, row) => total + Number(row[column]), 0);
    check.equal("messages by day and channel, saved", sum("messages-by-day-and-channel", "messages"), rows);
    check.equal("conversations by status, saved", sum("conversations-by-status", "conversations"), CONVERSATIONS);
    check.equal("rows in quarantine, saved", answers.get("quarantine-by-reason")?.rows, []);
    check.that("all saved queries run", answers.size >= 9, answers.size, "nine");
    return [{ table, key: ["channel", "role"] }];
  },
});
