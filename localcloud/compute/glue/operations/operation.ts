// What an operation of the API is given.
import type { ComputeContext } from "../../service.js";
import type { CrawlerEngine } from "../crawlers/engine.js";
import type { RunEngine } from "../runs/engine.js";
import type { GlueRegion } from "../store.js";
import type { TagWriter } from "../tags.js";
import type { TriggerEngine } from "../triggers/engine.js";
import type { WorkflowEngine } from "../workflows/engine.js";

export interface OperationWorld {
  readonly context: Pick<ComputeContext, "now">;
  readonly runs: RunEngine;
  readonly crawlers: CrawlerEngine;
  readonly triggers: TriggerEngine;
  readonly workflows: WorkflowEngine;
  readonly tags: TagWriter;
}

export interface OperationInput {
  readonly region: GlueRegion;
  /** The request, not checked yet. */
  readonly body: unknown;
  readonly world: OperationWorld;
}

/** One operation: answers with the response's members. @throws GlueError or ZodError */
export type Operation = (input: OperationInput) => unknown;
