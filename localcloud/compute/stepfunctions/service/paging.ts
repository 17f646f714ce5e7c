// Pages of a list with opaque tokens.
import { ApiError, invalidToken } from "./errors.js";

/** The page that `maxResults` (0 and none: `standard`) and `nextToken` ask for. @throws ApiError InvalidToken */
export function page<T>(
  items: readonly T[],
  request: { maxResults?: unknown; nextToken?: unknown },
  { standard = 100, most = 1000 } = {},
): { items: T[]; nextToken?: string } {
  const { maxResults = 0, nextToken } = request;
  if (typeof maxResults !== "number" || maxResults < 0 || maxResults > most)
    throw new ApiError(
      "ValidationException",
      `1 validation error detected: Value '${String(maxResults)}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
    );
  const start = nextToken === undefined || nextToken === null ? 0 : read(nextToken);
  const end = start + (maxResults || standard);
  return {
    items: items.slice(start, end),
    ...(end < items.length ? { nextToken: Buffer.from(`page:${end}`).toString("base64") } : {}),
  };
}

function read(token: unknown): number {
  const match = typeof token === "string" ? /^page:(\d+)$/.exec(Buffer.from(token, "base64").toString()) : null;
  if (!match) throw invalidToken();
  return Number(match[1]);
}
