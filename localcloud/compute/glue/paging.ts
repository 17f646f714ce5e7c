// Pages of lists: a token is the place where the next page begins.
import { invalidInput } from "./errors.js";

/** The items of one page, and the token of the next. @throws InvalidInputException for a token that is none */
export function page<T>(items: readonly T[], token: string | undefined, size: number): { items: T[]; next?: string } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(start) || start < 0) throw invalidInput("The next token is not valid.");
  const end = start + size;
  const taken = items.slice(start, end);
  return end < items.length ? { items: taken, next: Buffer.from(String(end)).toString("base64url") } : { items: taken };
}
