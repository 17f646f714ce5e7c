// A conversation as rows: one for each message, with what its conversation has repeated.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { field, fields } from "./csv.js";
import { type Attributes, cellText, jsonCell, jsonText } from "./values.js";

/** The columns that every file has, in this order. */
export const COLUMNS = [
  ...["project_id", "client", "environment", "conversation_id", "channel", "status", "started_at", "ended_at"],
  ...["user_id", "user_name", "rating", "tags"],
  ...["message_index", "message_id", "role", "sent_at", "text", "tokens", "latency_ms", "confidence"],
  ...["attachment_count", "attachments", "metadata"],
] as const;

const CONVERSATION: ReadonlySet<string> = new Set([
  ...["conversationId", "client", "projectId", "channel", "startedAt", "endedAt", "status"],
  ...["user", "tags", "rating", "metadata", "messages"],
]);
const MESSAGE: ReadonlySet<string> = new Set([
  ...["messageId", "role", "sentAt", "text", "tokens", "latencyMs", "confidence", "attachments"],
]);
/** The telephone number is known, and left out: whose it is needs no report. */
const USER: ReadonlySet<string> = new Set(["id", "name", "phone"]);

/** Where messages that are not in a list, or are no map, are kept as they were. */
const MALFORMED = "x_malformed_messages";
const NO_EXTRAS: ReadonlyMap<string, string> = new Map();

export interface Row {
  /** The fields of {@link COLUMNS}, as they stand in a file. */
  fields: string;
  /** Columns beyond those → field, as it stands in a file. Nulls are left out. */
  extras: ReadonlyMap<string, string>;
}

/** What rows say of where they come from. */
export interface Origin {
  environment: string;
  /** Of conversations that name none. */
  projectId: string;
  client: string;
}

/**
 * The rows of a conversation, in the order of its messages; none when it has none.
 *
 * Attributes that the columns do not have become columns `x_<name>`. What a conversation and its message both have is the message's
 * there, and the conversation's is `x_conversation_<name>`.
 */
export function rowsOf(item: Attributes, origin: Origin): Row[] {
  const { messages } = item;
  if (messages === undefined || messages.NULL !== undefined) return [];
  const user = item.user?.M;
  const before = fields([
    cellText(item.projectId) ?? origin.projectId,
    cellText(item.client) ?? origin.client,
    origin.environment,
    cellText(item.conversationId),
    ...[item.channel, item.status, item.startedAt, item.endedAt].map(cellText),
    // A user who is no map may be an identifier.
    user ? cellText(user.id) : cellText(item.user),
    cellText(user?.name),
    cellText(item.rating),
    jsonCell(item.tags),
  ]);
  const after = field(jsonCell(item.metadata));
  const ownExtras = [...extrasOf(item, CONVERSATION, ""), ...extrasOf(user ?? {}, USER, "user_")];
  const row = (index: number, message: Attributes, malformed?: AttributeValue): Row => ({
    fields: `${before},${index},${messageFields(message)},${after}`,
    extras: merged(ownExtras, extrasOf(message, MESSAGE, ""), malformed),
  });
  if (messages.L === undefined) return [row(0, {}, messages)];
  return messages.L.map((message, index) => (message.M ? row(index, message.M) : row(index, {}, message)));
}

function messageFields(message: Attributes): string {
  const { attachments } = message;
  const count = attachments?.L?.length ?? (attachments === undefined || attachments.NULL !== undefined ? 0 : 1);
  return fields([
    cellText(message.messageId),
    cellText(message.role),
    cellText(message.sentAt),
    cellText(message.text),
    cellText(message.tokens),
    cellText(message.latencyMs),
    cellText(message.confidence),
    String(count),
    jsonCell(attachments),
  ]);
}

/** Column without its `x_` → field, for every attribute that is not known. */
function extrasOf(attributes: Attributes, known: ReadonlySet<string>, prefix: string): [string, string][] {
  const found: [string, string][] = [];
  for (const name of Object.keys(attributes)) {
    if (known.has(name)) continue;
    const text = cellText(attributes[name]);
    if (text !== null) found.push([name, text]);
  }
  if (found.length === 0) return found;
  const taken = new Map<string, number>();
  return found
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, text]) => {
      const column = `${prefix}${snakeCase(name)}`;
      const copies = (taken.get(column) ?? 0) + 1;
      taken.set(column, copies);
      return [copies === 1 ? column : `${column}_${copies}`, field(text)];
    });
}

function merged(
  conversation: readonly [string, string][],
  message: readonly [string, string][],
  malformed: AttributeValue | undefined,
): ReadonlyMap<string, string> {
  if (conversation.length === 0 && message.length === 0 && malformed === undefined) return NO_EXTRAS;
  const extras = new Map(message.map(([column, text]) => [`x_${column}`, text]));
  for (const [column, text] of conversation)
    extras.set(extras.has(`x_${column}`) ? `x_conversation_${column}` : `x_${column}`, text);
  if (malformed) extras.set(MALFORMED, field(jsonText(malformed)));
  return extras;
}

/** `customerTier` and `Customer-Tier` as `customer_tier`: small letters, digits and underscores, as columns of tables are called. */
export function snakeCase(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return words === "" ? "column" : words;
}
