// Everything Glue keeps besides the Data Catalog, by account and region.
import type {
  Bookmark,
  Crawl,
  Run,
  Scope,
  StoredCrawler,
  StoredJob,
  StoredTrigger,
  StoredWorkflow,
  StoredWorkflowRun,
} from "./model.js";

/** One account's Glue in one region; everything by name. */
export interface GlueRegion extends Scope {
  readonly jobs: Map<string, StoredJob>;
  /** Job → runs, the oldest first. */
  readonly runs: Map<string, Run[]>;
  readonly bookmarks: Map<string, Bookmark>;
  readonly crawlers: Map<string, StoredCrawler>;
  /** Crawler → crawls, the oldest first. */
  readonly crawls: Map<string, Crawl[]>;
  readonly triggers: Map<string, StoredTrigger>;
  readonly workflows: Map<string, StoredWorkflow>;
  /** Workflow → runs, the oldest first. */
  readonly workflowRuns: Map<string, StoredWorkflowRun[]>;
}

export class GlueStore {
  readonly #regions = new Map<string, GlueRegion>();

  region({ account, region }: Scope): GlueRegion {
    const key = `${account}/${region}`;
    const found = this.#regions.get(key);
    if (found) return found;
    const created: GlueRegion = {
      account,
      region,
      jobs: new Map(),
      runs: new Map(),
      bookmarks: new Map(),
      crawlers: new Map(),
      crawls: new Map(),
      triggers: new Map(),
      workflows: new Map(),
      workflowRuns: new Map(),
    };
    this.#regions.set(key, created);
    return created;
  }
}

/** What is kept by name and in a list, oldest first; an empty list when there is none. */
export function listOf<T>(map: Map<string, T[]>, name: string): T[] {
  const found = map.get(name) ?? [];
  map.set(name, found);
  return found;
}
