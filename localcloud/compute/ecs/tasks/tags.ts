// The tags that a task starts with.
import type { Tags } from "../model.js";

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
