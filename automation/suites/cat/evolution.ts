// A second day: messages with attributes that nobody knew, others without some, and a file that lacks columns. One table has them all.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { defineTest } from "../test.js";
import { ask } from "./athena.js";
import { CAT, catOf, dayFolder, exportDay, loaded, manifestKey, manifestOf, putCsv } from "./cat.js";
import { DAILY } from "./daily.js";

const DATE = "2026-02-08";
const UPLOAD = `${dayFolder(DATE)}partner.csv`;

const conversation = (conversationId: string, message: Record<string, unknown>, own: Record<string, unknown> = {}) => ({
  conversationId,
  client: "acme",
  projectId: "P2124",
  channel: "web",
  startedAt: "2026-02-08T08:00:00.000Z",
  status: "open",
  user: { id: "u-1", name: "Ana" },
  ...own,
  messages: [
    { messageId: `${conversationId}-0`, role: "user", sentAt: "2026-02-08T08:00:01.000Z", text: "hello", ...message },
  ],
});

export const catEvolution = defineTest({
  ...CAT,
  name: "cat-evolution",
  description:
    "New attributes of a second day become columns of the one table, missing ones are null, the first day stays",
  dependsOn: ["cat-daily"],
  async seed({ env }) {
    const table = DynamoDBDocumentClient.from(env.aws(DynamoDBClient));
    for (const Item of [
      conversation("n-1", { sentiment: "good", tokens: 7 }, { tags: ["new"], rating: 5, metadata: {}, priority: 2 }),
      conversation("n-2", { sentiment: "bad", detectedLanguage: "es" }),
    ])
      await table.send(new PutCommand({ TableName: catOf(env).table, Item }));
  },
  async run(context) {
    await exportDay(context, DATE);
    await putCsv(
      context.env,
      UPLOAD,
      'conversation_id,message_id,role,sent_at,text,Campaign Id\np-1,p-1-0,user,2026-02-08T09:00:00Z,"from ""outside""",spring\n',
    );
    return await loaded(context, DATE, [manifestKey(DATE), UPLOAD]);
  },
  async verify({ env, check }, { load, arrivals }) {
    const [first, second] = [await manifestOf(env, DAILY), await manifestOf(env, DATE)];
    check.equal("messages exported", second.rows, first.rows + 2);
    check.equal("rows loaded, and kept out", [load?.rows, load?.quarantined], [second.rows + 1, 0]);
    check.equal("how the executions ended", new Set(arrivals.map(({ status }) => status)), new Set(["SUCCEEDED"]));
    const counts = await ask(
      env,
      "counts",
      "SELECT report_date, count(*) AS n FROM messages GROUP BY report_date ORDER BY 1",
    );
    check.equal(
      "messages of both days in the table",
      counts.rows.filter(({ report_date }) => report_date === DAILY || report_date === DATE),
      [
        { report_date: DAILY, n: first.rows },
        { report_date: DATE, n: second.rows + 1 },
      ],
    );
    const old = await ask(
      env,
      "old",
      `SELECT count(x_sentiment) AS sentiments, count(campaign_id) AS campaigns FROM messages WHERE report_date = '${DAILY}'`,
    );
    check.equal("new columns are null on the first day", old.rows, [{ sentiments: 0, campaigns: 0 }]);
    const table = await ask(
      env,
      "new",
      `SELECT message_id, text, cardinality(tags) AS tags, rating, tokens, metadata, x_sentiment, x_detected_language, x_priority, campaign_id
       FROM messages WHERE report_date = '${DATE}' AND (x_sentiment IS NOT NULL OR campaign_id IS NOT NULL) ORDER BY message_id`,
    );
    return [{ table, key: ["message_id"] }];
  },
});
