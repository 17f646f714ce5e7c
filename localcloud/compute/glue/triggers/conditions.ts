// When a conditional trigger fires: pure, over what has ended since it fired last.
import type { Condition, Predicate } from "@aws-sdk/client-glue";

/** What has ended: a run of a job or of a crawler, with the state it ended in. */
export type Ended = { jobName: string; state: string } | { crawlerName: string; state: string };

/** Whether a condition is about what has ended, and met by it. */
export function isMet(condition: Condition, ended: Ended): boolean {
  if ("jobName" in ended) return condition.JobName === ended.jobName && condition.State === ended.state;
  return condition.CrawlerName === ended.crawlerName && condition.CrawlState === ended.state;
}

/**
 * Takes note of what has ended.
 *
 * @param met places of the conditions that were met so far
 * @returns those met now, and whether the trigger fires; then nothing is met any more
 */
export function observe(
  predicate: Predicate | undefined,
  met: ReadonlySet<number>,
  ended: Ended,
): { met: Set<number>; fires: boolean } {
  const conditions = predicate?.Conditions ?? [];
  const now = new Set(met);
  for (const [index, condition] of conditions.entries()) if (isMet(condition, ended)) now.add(index);
  const changed = now.size > met.size;
  const fires = changed && (predicate?.Logical === "ANY" ? now.size > 0 : now.size === conditions.length);
  return fires ? { met: new Set(), fires } : { met: now, fires };
}
