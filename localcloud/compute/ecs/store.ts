// Everything ECS keeps, by account and region.
import type { Scope } from "../scope.js";
import type { Cluster, Service, Tags, Task, TaskDefinition } from "./model.js";

/** One account's ECS in one region. Resources are keyed by ARN. */
export interface EcsRegion extends Scope {
  readonly clusters: Map<string, Cluster>;
  /** Family → revisions in order; deregistered ones stay, INACTIVE. A number is never given twice. */
  readonly families: Map<string, { revisions: TaskDefinition[]; last: number }>;
  readonly tasks: Map<string, Task>;
  readonly services: Map<string, Service>;
  /** Answers of RunTask by cluster and client token. */
  readonly requests: Map<string, { request: string; taskArns: string[]; at: number }>;
  /** Account settings by principal, then by name. */
  readonly settings: Map<string, Map<string, string>>;
  /** Tasks started so far. */
  started: number;
}

/** A stopped task can be asked for this long; AWS says "at least one hour" (DescribeTasks, Amazon ECS API Reference). */
const STOPPED_KEPT_MS = 3_600_000;

export class EcsStore {
  readonly #regions = new Map<string, EcsRegion>();

  region({ account, region }: Scope): EcsRegion {
    const key = `${account}/${region}`;
    const found = this.#regions.get(key);
    if (found) return found;
    const created: EcsRegion = {
      account,
      region,
      clusters: new Map(),
      families: new Map(),
      tasks: new Map(),
      services: new Map(),
      requests: new Map(),
      settings: new Map(),
      started: 0,
    };
    this.#regions.set(key, created);
    return created;
  }

  regions(): Iterable<EcsRegion> {
    return this.#regions.values();
  }
}

/** Forgets tasks that stopped long ago. */
export function forgetStopped(region: EcsRegion, now: number): void {
  for (const [arn, { stoppedAt }] of region.tasks)
    if (stoppedAt && now - stoppedAt.getTime() > STOPPED_KEPT_MS) region.tasks.delete(arn);
}

/** Whatever of a region bears tags and has this ARN. */
export function taggedResource(region: EcsRegion, arn: string): { tags: Tags } | undefined {
  return (
    region.clusters.get(arn) ??
    region.services.get(arn) ??
    region.tasks.get(arn) ??
    [...region.families.values()].flatMap(({ revisions }) => revisions).find((definition) => definition.arn === arn)
  );
}
