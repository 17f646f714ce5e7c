// Pages of a list, by an opaque token that names the last entry given out.
import { invalidParameter } from "./errors.js";

/**
 * The page of `items` that a request asks for, in the order of their keys or against it.
 *
 * @throws InvalidParameterException for maxResults out of range or a token that is none of ours
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { maxResults?: number; nextToken?: string },
  { limit = 100, descending = false }: { limit?: number; descending?: boolean } = {},
): { items: T[]; nextToken?: string } {
  const size = request.maxResults ?? limit;
  if (!Number.isInteger(size) || size < 1 || size > limit)
    throw invalidParameter(`Max results must be between 1 and ${limit}.`);
  const isBefore = (one: string, other: string) => (descending ? one > other : one < other);
  const sorted = [...items].sort((one, other) => (isBefore(keyOf(one), keyOf(other)) ? -1 : 1));
  const after = request.nextToken ? readToken(request.nextToken) : undefined;
  const rest = after === undefined ? sorted : sorted.filter((item) => isBefore(after, keyOf(item)));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  if (rest.length <= size || last === undefined) return { items: page };
  return { items: page, nextToken: Buffer.from(JSON.stringify({ after: keyOf(last) })).toString("base64url") };
}

function readToken(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, "base64url").toString()) as { after?: unknown };
    if (typeof after === "string") return after;
  } catch {
    // A damaged token and a foreign one are the same to the caller.
  }
  throw invalidParameter("Invalid token.");
}
