// Everything Batch keeps, by account and region.
import type { Scope } from "./arn.js";
import type { ComputeEnvironment, JobDefinition, JobQueue, SchedulingPolicy, Tags } from "./model.js";
import { type JobTable, newJobTable } from "./scheduler/lifecycle.js";

/** One account's Batch in one region. Resources are keyed by ARN. */
export interface BatchRegion extends Scope {
  readonly computeEnvironments: Map<string, ComputeEnvironment>;
  readonly jobQueues: Map<string, JobQueue>;
  readonly schedulingPolicies: Map<string, SchedulingPolicy>;
  /** Name → revisions in order; a deregistered one stays, INACTIVE. */
  readonly jobDefinitions: Map<string, JobDefinition[]>;
  readonly table: JobTable;
}

export class BatchStore {
  readonly #regions = new Map<string, BatchRegion>();

  region({ account, region }: Scope): BatchRegion {
    const key = `${account}/${region}`;
    const found = this.#regions.get(key);
    if (found) return found;
    const created: BatchRegion = {
      account,
      region,
      computeEnvironments: new Map(),
      jobQueues: new Map(),
      schedulingPolicies: new Map(),
      jobDefinitions: new Map(),
      table: newJobTable(),
    };
    this.#regions.set(key, created);
    return created;
  }

  regions(): Iterable<BatchRegion> {
    return this.#regions.values();
  }
}

/** Whatever of a region bears tags and has this ARN; jobs are not among them, their values never change in place. */
export function taggedResource(region: BatchRegion, arn: string): { tags: Tags } | undefined {
  return (
    region.computeEnvironments.get(arn) ??
    region.jobQueues.get(arn) ??
    region.schedulingPolicies.get(arn) ??
    [...region.jobDefinitions.values()].flat().find((definition) => definition.arn === arn)
  );
}
