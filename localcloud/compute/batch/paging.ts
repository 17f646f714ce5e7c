// Pages of AWS Batch's lists.
import { type Page, pageOf } from "../paging.js";
import { invalidRequest } from "./errors.js";

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
  const page = pageOf(items, keyOf, { size, nextToken: request.nextToken });
  if (!page) throw invalidRequest("Invalid nextToken.");
  return page;
}
