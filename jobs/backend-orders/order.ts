// An order: what a customer asks the co-operative for. It is checked here before any workflow is started for it.
import { z } from "zod";
import { STATES } from "../backend/data/states.js";
import { calendarDate } from "../lib/environment.js";

/** An order that cannot be carried out; the message names everything that is wrong with it. */
export class InvalidOrder extends Error {
  /** Lambda gives it as `errorType`, by which a state machine catches it. */
  override readonly name = "InvalidOrder";
}

const CODES = new Set(STATES.map(({ code }) => code));

const stateCode = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .refine((code) => CODES.has(code), "is no state's code");

const schema = z.strictObject({
  orderId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "must be 1 to 64 letters, digits, - and _"),
  /** A department. */
  title: z
    .string()
    .transform((text) => text.trim().toUpperCase())
    .refine(
      (text) => /^[A-Z][A-Z0-9 &/.,'-]{0,59}$/.test(text),
      "must be a department of at most 60 characters, e.g. GROCERY",
    ),
  /** The day as of which households are looked at. */
  hhDate: calendarDate,
  /** States to take households from; all when left out. */
  states: z.array(stateCode).min(1, "must name a state, or be left out").optional(),
  /** Days after `hhDate` in which a response counts. */
  windowDays: z.int().min(1).max(365).default(28),
  /** Households that are wanted, best first. */
  quantity: z.int().min(1).max(200_000_000),
});

export interface Order {
  orderId: string;
  quantity: number;
  /** What the P2A3 workflows are given. */
  input: { title: string; hhDate: string; states?: string[]; windowDays: number };
}

/**
 * Checks an order and writes it in one way: title in capitals, states in lower case, sorted, each once.
 * @throws InvalidOrder naming every part that is wrong, or not known
 */
export function parseOrder(order: unknown): Order {
  const parsed = schema.safeParse(order);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => [path.join("."), message].filter(Boolean).join(" "));
    throw new InvalidOrder(`The order cannot be carried out: ${wrong.join("; ")}`);
  }
  const { orderId, quantity, states, ...input } = parsed.data;
  return { orderId, quantity, input: { ...input, ...(states ? { states: [...new Set(states)].sort() } : {}) } };
}
