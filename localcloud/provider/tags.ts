// Tags between their three spellings: Pulumi's map, AWS's list of keys and values, and the calls that a change needs.
import type { Values } from "./wire.js";

export type Tags = Record<string, string>;

/** AWS's usual form: `[{Key, Value}]`. */
export function tagList(tags: Tags | undefined): { Key: string; Value: string }[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** `tags` and `tagsAll` of a state, from AWS's list or map in any letter case; tags that AWS itself sets (`aws:…`) are left out. */
export function tagState(
  given: readonly { Key?: string; Value?: string; key?: string; value?: string }[] | Tags | undefined,
): { tags: Tags; tagsAll: Tags } {
  const pairs: [string, string][] = Array.isArray(given)
    ? given.map((tag) => [tag.Key ?? tag.key ?? "", tag.Value ?? tag.value ?? ""])
    : Object.entries(given ?? {});
  const tags = Object.fromEntries(pairs.filter(([key]) => !key.startsWith("aws:")));
  return { tags, tagsAll: { ...tags } };
}

/** What turns the tags `old` into `tags`: those to set and the keys to remove. */
export function tagChange(old: Tags | undefined, tags: Tags | undefined): { set: Tags; remove: string[] } {
  const before = old ?? {};
  const after = tags ?? {};
  return {
    set: Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value)),
    remove: Object.keys(before).filter((key) => !(key in after)),
  };
}

/**
 * Makes the calls for a change of tags, none where nothing changes.
 *
 * @param remove called with the keys to remove, before `set`
 */
export async function applyTags(
  old: Tags | undefined,
  tags: Tags | undefined,
  calls: { set(tags: Tags): Promise<unknown>; remove(keys: string[]): Promise<unknown> },
): Promise<void> {
  const change = tagChange(old, tags);
  if (change.remove.length > 0) await calls.remove(change.remove);
  if (Object.keys(change.set).length > 0) await calls.set(change.set);
}

/** A resource's inputs with the provider's default tags, which its own override. */
export function withDefaultTags(inputs: Values, defaults: Tags | undefined): Values {
  if (!defaults || Object.keys(defaults).length === 0) return inputs;
  const own = inputs.tags;
  if (own !== undefined && (typeof own !== "object" || own === null)) return inputs;
  return { ...inputs, tags: { ...defaults, ...own } };
}
