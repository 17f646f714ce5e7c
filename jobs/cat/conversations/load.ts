// Puts conversations into a table, as fast as it takes them.
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { DynamoTable } from "../../lib/dynamodb.js";
import type { Item } from "../../lib/tables.js";
import type { Conversation } from "./conversation.js";

/** Conversations in memory at once; DynamoTable sends them in batches of 25, many at a time. */
const AT_ONCE = 1000;

/**
 * Writes every conversation; one of the same identifier is replaced.
 *
 * @param onProgress hears how many are written
 * @returns how many conversations and messages were written
 * @throws StorageError naming the table when it does not take them
 */
export async function loadConversations(
  client: Pick<DynamoDBDocumentClient, "send">,
  table: string,
  conversations: Iterable<Conversation>,
  onProgress?: (conversations: number) => void,
): Promise<{ conversations: number; messages: number }> {
  const target = new DynamoTable(client, table, { partitionKey: "conversationId" });
  const written = { conversations: 0, messages: 0 };
  const flush = async (items: Conversation[]) => {
    await target.put(items as unknown as Item[]);
    written.conversations += items.length;
    written.messages += items.reduce((total, { messages }) => total + messages.length, 0);
    onProgress?.(written.conversations);
  };
  let items: Conversation[] = [];
  for (const conversation of conversations) {
    items.push(conversation);
    if (items.length < AT_ONCE) continue;
    await flush(items);
    items = [];
  }
  if (items.length > 0) await flush(items);
  return written;
}
