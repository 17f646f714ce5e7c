// The usual questions about conversations, saved in the workgroup. Every export holds all conversations, so most ask of the last one.
import type { SavedQuery } from "../../../components/athena/query-workgroup.js";

/** The last export's messages. */
const LATEST = "latest AS (SELECT * FROM messages WHERE report_date = (SELECT max(report_date) FROM messages))";

export const QUERIES: readonly SavedQuery[] = [
  {
    name: "messages-by-day-and-channel",
    description: "How many messages and conversations there were each day on each channel",
    sql: `WITH ${LATEST}
SELECT date(sent_at) AS day, channel, count(*) AS messages, count(DISTINCT conversation_id) AS conversations
FROM latest
GROUP BY date(sent_at), channel
ORDER BY day, channel`,
  },
  {
    name: "conversations-by-status",
    description: "How many conversations each client has in each status",
    sql: `WITH ${LATEST}
SELECT client, status, count(DISTINCT conversation_id) AS conversations
FROM latest
GROUP BY client, status
ORDER BY client, status`,
  },
  {
    name: "ratings-by-client",
    description: "How each client's conversations were rated, each conversation once",
    sql: `WITH ${LATEST},
conversations AS (SELECT client, conversation_id, max(rating) AS rating FROM latest GROUP BY client, conversation_id)
SELECT client, count(*) AS conversations, count(rating) AS rated, round(avg(rating), 2) AS average_rating
FROM conversations
GROUP BY client
ORDER BY average_rating DESC NULLS LAST, client`,
  },
  {
    name: "answer-times",
    description: "How long the assistant took to answer, by channel: median and 95th percentile, milliseconds",
    sql: `WITH ${LATEST}
SELECT channel, count(*) AS answers, round(approx_percentile(latency_ms, 0.5), 1) AS median_ms, round(approx_percentile(latency_ms, 0.95), 1) AS p95_ms
FROM latest
WHERE role = 'assistant' AND latency_ms IS NOT NULL
GROUP BY channel
ORDER BY channel`,
  },
  {
    name: "tokens-by-day",
    description: "How many tokens each client's messages took each day",
    sql: `WITH ${LATEST}
SELECT date(sent_at) AS day, client, sum(tokens) AS tokens
FROM latest
WHERE tokens IS NOT NULL
GROUP BY date(sent_at), client
ORDER BY day, client`,
  },
  {
    name: "unanswered-conversations",
    description: "Conversations whose last message is the user's, the longest waiting first",
    sql: `WITH ${LATEST},
last AS (
  SELECT conversation_id, client, channel, status, max(sent_at) AS last_at, max_by(role, message_index) AS last_role
  FROM latest
  GROUP BY conversation_id, client, channel, status
)
SELECT conversation_id, client, channel, status, last_at
FROM last
WHERE last_role = 'user' AND status <> 'closed'
ORDER BY last_at, conversation_id
LIMIT 100`,
  },
  {
    name: "tags",
    description: "How many conversations have each tag",
    sql: `WITH ${LATEST}
SELECT tag, count(DISTINCT conversation_id) AS conversations
FROM latest CROSS JOIN UNNEST(tags) AS t(tag)
GROUP BY tag
ORDER BY conversations DESC, tag`,
  },
  {
    name: "exports",
    description: "How many messages and conversations each day's export holds",
    sql: `SELECT report_date, count(*) AS messages, count(DISTINCT conversation_id) AS conversations, count(DISTINCT source_file) AS files
FROM messages
GROUP BY report_date
ORDER BY report_date`,
  },
  {
    name: "quarantine-by-reason",
    description: "Which rows could not be taken, and why",
    sql: `SELECT report_date, reason, count(*) AS rows, min(source_file) AS first_file
FROM quarantine
GROUP BY report_date, reason
ORDER BY report_date, rows DESC, reason`,
  },
];
