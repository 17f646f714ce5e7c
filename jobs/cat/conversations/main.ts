// The generator as a command: conversations as lines of JSON, or right into a table.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import { conversations, type GeneratorOptions } from "./conversation.js";
import { loadConversations } from "./load.js";

const USAGE = `usage: node dist/jobs/cat/conversations/main.js --count N [options]
  --count N          how many conversations
  --messages A[-B]   messages of each (default 2-24)
  --seed S           whole number; the same seed gives the same conversations (default 1)
  --until DAY        they begin before this day (default today, UTC)
  --days D           and at most so many days before it (default 7)
  --every-large N    every N-th is almost as large as DynamoDB takes
  --table NAME       writes them to this table; without it they are printed, one a line`;

const count = z.coerce.number().int().min(1);
const schema = z.object({
  count,
  messages: z
    .string()
    .regex(/^\d+(-\d+)?$/, "must be a number or a range such as 2-24")
    .default("2-24"),
  seed: z.coerce.number().int().default(1),
  until: z.iso.date().optional(),
  days: z.coerce.number().positive().default(7),
  "every-large": count.optional(),
  table: z.string().optional(),
});

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const options = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, text]));
  const { values } = parseArgs({ options: { ...options, help: { type: "boolean" } } });
  if (values.help) return console.log(USAGE);
  const given = schema.parse(values);
  const [from = 2, to = from] = given.messages.split("-").map(Number);
  const today = new Date().toISOString().slice(0, 10);
  const generator: GeneratorOptions = {
    seed: given.seed,
    messages: { from, to },
    until: new Date(`${given.until ?? today}T00:00:00Z`),
    days: given.days,
    ...(given["every-large"] !== undefined && { everyLarge: given["every-large"] }),
  };
  const made = conversations(given.count, generator);
  if (given.table === undefined) return print(made);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 10 }));
  const started = Date.now();
  const written = await loadConversations(client, given.table, made);
  console.log(JSON.stringify({ table: given.table, ...written, seconds: (Date.now() - started) / 1000 }));
}

/** Waits whenever the reader is slower. */
async function print(lines: Iterable<unknown>): Promise<void> {
  for (const line of lines) if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, "drain");
}

main().catch((error: unknown) => {
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return;
  const reason = error instanceof z.ZodError ? z.prettifyError(error) : String((error as Error).message ?? error);
  console.error(`${reason}\n\n${USAGE}`);
  process.exitCode = 1;
});
