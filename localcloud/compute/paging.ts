// Pages of a list by a token that names the last entry given out, so that it stays good while entries come and go.

export interface Page<T> {
  readonly items: T[];
  readonly nextToken?: string;
}

export interface PageRequest {
  /** Entries of the page. */
  readonly size: number;
  readonly nextToken?: string | null;
  /** Whether the list is sorted against its keys. @default false */
  readonly descending?: boolean;
}

/**
 * The page that a request asks for; undefined when its token is none of ours.
 *
 * @param items sorted by their keys
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { size, nextToken, descending = false }: PageRequest,
): Page<T> | undefined {
  const after = nextToken ? readToken(nextToken) : undefined;
  if (nextToken && after === undefined) return undefined;
  const isLater = (key: string, than: string) => (descending ? key < than : key > than);
  const rest = after === undefined ? items : items.filter((item) => isLater(keyOf(item), after));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  if (rest.length <= size || last === undefined) return { items: page };
  return { items: page, nextToken: Buffer.from(JSON.stringify({ after: keyOf(last) })).toString("base64url") };
}

/** A damaged token and a foreign one are the same to the caller. */
function readToken(token: string): string | undefined {
  try {
    const { after } = JSON.parse(Buffer.from(token, "base64url").toString()) as { after?: unknown };
    return typeof after === "string" ? after : undefined;
  } catch {
    return undefined;
  }
}
