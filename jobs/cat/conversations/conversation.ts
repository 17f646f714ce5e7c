// Conversations of a shop's support chat, as its system keeps them: made up, alike in shape and wording to real ones.
import { CITIES, LANGUAGES, NAMES, OPENINGS, PRODUCTS, REPLIES, TOPICS } from "./phrases.js";
import { type Random, randomOf } from "./random.js";

export interface Message {
  messageId: string;
  role: "user" | "assistant" | "agent" | "system";
  /** ISO 8601, UTC. */
  sentAt: string;
  text: string;
  tokens?: number;
  latencyMs?: number;
  /** From 0 to 1. */
  confidence?: number;
  attachments?: { type: string; url: string; bytes: number }[];
}

export interface Conversation {
  conversationId: string;
  client: string;
  projectId: string;
  channel: "web" | "whatsapp" | "voice" | "email";
  startedAt: string;
  /** Absent while it is open. */
  endedAt?: string;
  status: "open" | "closed" | "escalated";
  user: { id: string; name: string; phone?: string };
  tags: string[];
  /** From 1 to 5, as the user rated it. */
  rating?: number;
  metadata: Record<string, unknown>;
  messages: Message[];
}

export interface GeneratorOptions {
  /** The same seed gives the same conversations. */
  seed: number;
  /** How many messages a conversation has. */
  messages: { from: number; to: number };
  /** Conversations begin within the `days` before this day (UTC midnight). */
  until: Date;
  days: number;
  /** Every how manieth has a text that makes its item almost as large as DynamoDB takes (400 KB). @default none */
  everyLarge?: number;
}

const CLIENTS = ["acme", "globex", "initech"];
const CHANNELS = ["web", "whatsapp", "voice", "email"] as const;
const DAY_MS = 86_400_000;
/** What a large item comes to, bytes: near the 400 KB that DynamoDB takes. */
const LARGE_BYTES = 400_000;
const FILLING = 'a line of a log, "quoted"; and more\n';

/** The how manieth conversation of a series. Each can be made without those before it. */
export function conversationOf(index: number, options: GeneratorOptions): Conversation {
  const random = randomOf(options.seed, index);
  const language = random.pick(LANGUAGES);
  const topic = random.pick(TOPICS);
  const name = `${random.pick(NAMES.first)} ${random.pick(NAMES.last)}`;
  const start = options.until.getTime() - Math.floor(random.next() * options.days * DAY_MS) - 1;
  const count = random.between(options.messages.from, options.messages.to);
  const isEscalated = random.chance(0.15);
  const status = isEscalated ? "escalated" : random.chance(0.85) ? "closed" : "open";
  const fill = filler(random, name);
  const conversationId = `c-${options.seed.toString(36)}-${String(index).padStart(9, "0")}`;
  const messages: Message[] = [];
  let sent = start;
  for (let at = 0; at < count; at += 1) {
    const role = roleOf(at, isEscalated, random);
    const text = fill(random.pick(at === 0 ? OPENINGS[language][topic] : REPLIES[language][role]));
    messages.push({
      messageId: `${conversationId}-${at}`,
      role,
      sentAt: new Date(sent).toISOString(),
      text,
      ...measures(role, text, random),
      ...(role === "user" && random.chance(0.05) && { attachments: attachments(random, conversationId) }),
    });
    sent += random.between(800, 90_000);
  }
  const [first] = messages;
  if (first && options.everyLarge && index % options.everyLarge === options.everyLarge - 1) {
    const left = LARGE_BYTES - Buffer.byteLength(JSON.stringify(messages)) - 1000;
    first.text = `${first.text}\n${FILLING.repeat(Math.max(0, Math.floor(left / FILLING.length)))}`;
  }
  return {
    conversationId,
    client: random.pick(CLIENTS),
    projectId: "P2124",
    channel: random.pick(CHANNELS),
    startedAt: new Date(start).toISOString(),
    ...(status !== "open" && { endedAt: new Date(sent).toISOString() }),
    status,
    user: {
      id: `u-${random.between(1, 50_000)}`,
      name,
      ...(random.chance(0.6) && { phone: `+57 3${random.between(10, 99)} ${random.between(1_000_000, 9_999_999)}` }),
    },
    tags: [topic, language, ...(random.chance(0.1) ? ["vip"] : [])],
    ...(status === "closed" && random.chance(0.5) && { rating: random.between(1, 5) }),
    metadata: {
      language,
      city: random.pick(CITIES),
      device: { os: random.pick(["ios", "android", "web"]), version: random.between(9, 19) / 2 },
    },
    messages,
  };
}

/** Conversations one after the other, as they are asked for. */
export function* conversations(count: number, options: GeneratorOptions): Generator<Conversation> {
  for (let index = 0; index < count; index += 1) yield conversationOf(index, options);
}

function roleOf(at: number, isEscalated: boolean, random: Random): Message["role"] {
  if (at % 2 === 0) return "user";
  if (random.chance(0.03)) return "system";
  return isEscalated && at > 2 ? "agent" : "assistant";
}

/** What is measured of an assistant's messages. */
function measures(role: Message["role"], text: string, random: Random): Partial<Message> {
  if (role !== "assistant") return {};
  return {
    tokens: Math.ceil(text.length / 4),
    latencyMs: random.between(180, 6_500),
    confidence: random.between(5_000, 9_999) / 10_000,
  };
}

function attachments(random: Random, conversationId: string): Message["attachments"] {
  return Array.from({ length: random.between(1, 2) }, (_, at) => ({
    type: random.pick(["image/jpeg", "application/pdf", "audio/ogg"]),
    url: `https://files.example.com/${conversationId}/${at}?sig=${random.between(1000, 9999)}&v=1`,
    bytes: random.between(2_000, 9_000_000),
  }));
}

function filler(random: Random, name: string): (text: string) => string {
  return (text) =>
    text.replace(/\{(\w+)\}/g, (_, slot: string) => {
      switch (slot) {
        case "order":
          return `#${random.between(100_000, 999_999)}`;
        case "amount":
          return `$ ${random.between(9, 999)}.${random.between(100, 999)},00`;
        case "product":
          return random.pick(PRODUCTS);
        case "city":
          return random.pick(CITIES);
        case "name":
          return name.split(" ")[0] ?? name;
        default:
          return String(random.between(2, 9));
      }
    });
}
