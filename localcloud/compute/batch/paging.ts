// Pages of a list, by an opaque token that stays good while entries come and go.
import { invalidRequest } from "./errors.js";

export interface Page<T> {
  readonly items: T[];
  readonly nextToken?: string;
}

/**
 * The page that a request asks for.
 *
 * @param keyOf a key by which the list is sorted ascending; the token names the last one given out
 * @param limit the largest page, and its size when the request states none
 * @throws ClientException for maxResults out of range or a token that is none of ours
 */
export function paginate<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { maxResults?: number; nextToken?: string | null },
  limit: number,
): Page<T> {
  const size = request.maxResults ?? limit;
  if (size < 1 || size > limit) throw invalidRequest(`maxResults must be between 1 and ${limit}.`);
  const after = request.nextToken ? readToken(request.nextToken) : undefined;
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
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
    // Falls through to the refusal: a damaged token and a foreign one are the same to the caller.
  }
  throw invalidRequest("Invalid nextToken.");
}
