// Pages of Amazon ECS's lists.
import { type Page, pageOf } from "../paging.js";
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
): Page<T> {
  const size = request.maxResults ?? limit;
  if (size < 1 || size > limit) throw invalidParameter(`Max results must be between 1 and ${limit}.`);
  const isBefore = (one: string, other: string) => (descending ? one > other : one < other);
  const sorted = [...items].sort((one, other) => (isBefore(keyOf(one), keyOf(other)) ? -1 : 1));
  const page = pageOf(sorted, keyOf, { size, nextToken: request.nextToken, descending });
  if (!page) throw invalidParameter("Invalid token.");
  return page;
}
