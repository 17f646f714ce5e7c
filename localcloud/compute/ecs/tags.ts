// Tags: as requests give them, as the API shows them, and those that a task starts with.
import type { z } from "zod";
import { invalidParameter } from "./errors.js";
import type { Tags } from "./model.js";
import type { tagList } from "./requests.js";

/** "Tagging your resources", Amazon ECS Developer Guide. */
export const MOST_TAGS = 50;
export const TOO_MANY_TAGS = `A resource can have at most ${MOST_TAGS} tags.`;

type TagItems = z.infer<typeof tagList>;

/** @throws InvalidParameterException for more than AWS's 50, or a key that is not one */
export function toTags(items: TagItems | undefined): Tags {
  const tags: Tags = new Map();
  for (const { key, value = "" } of items ?? []) {
    if (!key || key.length > 128 || value.length > 256) throw invalidParameter("Tag key or value is not valid.");
    if (/^aws:/i.test(key)) throw invalidParameter("Tag keys must not begin with aws:.");
    tags.set(key, value);
  }
  if (tags.size > MOST_TAGS) throw invalidParameter(TOO_MANY_TAGS);
  return tags;
}

/** As the API shows them. */
export const tagsView = (tags: Tags): { key: string; value: string }[] =>
  [...tags].map(([key, value]) => ({ key, value }));

/** A task's own tags win over propagated ones; managed ones are AWS's. */
export function taskTags(parts: {
  tags?: Tags;
  propagated?: Tags;
  managed?: { clusterName: string; serviceName?: string };
}): Tags {
  const { clusterName, serviceName } = parts.managed ?? {};
  const managed: [string, string][] = [
    ...(clusterName ? [["aws:ecs:clusterName", clusterName] as [string, string]] : []),
    ...(serviceName ? [["aws:ecs:serviceName", serviceName] as [string, string]] : []),
  ];
  return new Map([...(parts.propagated ?? []), ...(parts.tags ?? []), ...managed]);
}
