// Pages of a list with opaque tokens.
import { invalidToken, validation } from "./errors.js";

/**
 * The page that `maxResults` (0 and none: `standard`) and `nextToken` ask for.
 *
 * @param keyOf what a token remembers of the last item, so that items which come meanwhile shift nothing; without it its position
 * @throws ApiError InvalidToken, ValidationException
 */
export function page<T>(
  items: readonly T[],
  request: { maxResults?: unknown; nextToken?: unknown },
  { standard = 100, most = 1000, keyOf = undefined as ((item: T) => string) | undefined } = {},
): { items: T[]; nextToken?: string } {
  const { maxResults = 0, nextToken } = request;
  if (typeof maxResults !== "number" || maxResults < 0 || maxResults > most)
    throw validation(
      `1 validation error detected: Value '${String(maxResults)}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
    );
  const start = nextToken === undefined || nextToken === null ? 0 : after(items, nextToken, keyOf);
  const chosen = items.slice(start, start + (maxResults || standard));
  const end = start + chosen.length;
  if (end >= items.length) return { items: chosen };
  const last = keyOf ? keyOf(chosen.at(-1) as T) : String(end);
  return { items: chosen, nextToken: Buffer.from(`after:${last}`).toString("base64") };
}

function after<T>(items: readonly T[], token: unknown, keyOf: ((item: T) => string) | undefined): number {
  const text = typeof token === "string" ? Buffer.from(token, "base64").toString() : "";
  const key = /^after:(.+)$/.exec(text)?.[1];
  const index =
    key === undefined ? Number.NaN : keyOf ? items.findIndex((item) => keyOf(item) === key) + 1 : Number(key);
  if (!(index > 0)) throw invalidToken();
  return index;
}
