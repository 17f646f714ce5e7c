// CAT's first half: conversations into the table, and from there into CSV files.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Environment } from "../automation/index.js";
import { conversations, type GeneratorOptions } from "../jobs/cat/conversations/conversation.js";
import { loadConversations } from "../jobs/cat/conversations/load.js";

export interface NormalizeFigures {
  conversations: number;
  messages: number;
  /** Making conversations up and writing them into the table. */
  loadSeconds: number;
  /** One export of the whole table. */
  normalizeSeconds: number;
  rows: number;
  files: number;
  /** What the function used at most, MiB. */
  memoryMiB: number;
}

/** What an environment needs for it: time for a table that takes long, on this machine. */
export const NORMALIZE_SETTINGS = { cat: { normalize: { lambda: { timeout: 900, memorySize: 1024 } } } };

/**
 * Fills the table of an environment with the unit cat-normalize, and exports it.
 *
 * @param date the day whose files are written
 * @throws when the export does not say that it wrote as many rows as messages were stored
 */
export async function normalizeFigures(
  env: Environment,
  count: number,
  generator: GeneratorOptions,
  date: string,
): Promise<NormalizeFigures> {
  const dynamo = DynamoDBDocumentClient.from(env.aws(DynamoDBClient));
  const begin = performance.now();
  const stored = await loadConversations(
    dynamo,
    String(env.outputs.CatConversationsTableName),
    conversations(count, generator),
  );
  const loaded = performance.now();
  const { Payload, FunctionError, LogResult } = await env.aws(LambdaClient).send(
    new InvokeCommand({
      FunctionName: String(env.outputs.CatNormalizeFunctionName),
      Payload: JSON.stringify({ date }),
      LogType: "Tail",
    }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  const { status, rows, files } = JSON.parse(text);
  if (FunctionError || status !== "COMPLETE" || rows !== stored.messages)
    throw new Error(`${stored.messages} messages were stored, and the export ended with ${text}`);
  const report = Buffer.from(LogResult ?? "", "base64").toString();
  const [, memory] = /Max Memory Used: (\d+) MB/.exec(report) ?? [];
  return {
    ...stored,
    loadSeconds: (loaded - begin) / 1000,
    normalizeSeconds: (performance.now() - loaded) / 1000,
    rows,
    files,
    memoryMiB: Number(memory),
  };
}
