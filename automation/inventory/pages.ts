// Every page of an AWS list operation.
import { codeOf } from "../errors.js";

/** How an endpoint says that it has no such operation: then it has nothing that the operation would list. */
const UNKNOWN_OPERATION = new Set([
  "InvalidAction",
  "UnknownOperationException",
  "NotImplemented",
  "UnsupportedOperation",
]);

/** Calls `next` with the token of each page until there is none; returns the items of all. */
export async function allPages<T>(
  next: (token: string | undefined) => Promise<{ items: (T | undefined)[] | undefined; token: string | undefined }>,
): Promise<T[]> {
  const found: T[] = [];
  let token: string | undefined;
  do {
    const page = await next(token).catch((error: unknown) => {
      if (UNKNOWN_OPERATION.has(codeOf(error) ?? "")) return { items: [], token: undefined };
      throw error;
    });
    for (const item of page.items ?? []) if (item !== undefined) found.push(item);
    token = page.token || undefined;
  } while (token);
  return found;
}

/** A tag's value from the list forms that AWS uses. */
export const tagValue = (tags: { Key?: string; Value?: string }[] | undefined, key: string): string | undefined =>
  tags?.find((tag) => tag.Key === key)?.Value;
