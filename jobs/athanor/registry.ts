// Which workflows there are: by name, loaded when they are asked for.
import { UsageError } from "../lib/errors.js";
import type { AnyWorkflow, Workflow } from "./workflow.js";

/** A workflow, and the folder of the image that it belongs to. */
export interface Registered {
  workflow: Workflow;
  /** See StepContext. */
  assets: URL;
}

export interface RegistryEntry {
  load(): Promise<AnyWorkflow>;
  assets: URL;
}

export class Registry {
  constructor(private readonly entries: Record<string, RegistryEntry>) {}

  get names(): string[] {
    return Object.keys(this.entries).sort();
  }

  /** @throws UsageError listing the workflows when there is none of that name */
  async load(name: string): Promise<Registered> {
    const entry = Object.hasOwn(this.entries, name) ? this.entries[name] : undefined;
    if (!entry) throw new UsageError(`There is no workflow '${name}'. Workflows: ${this.names.join(", ")}`);
    return { workflow: await entry.load(), assets: entry.assets };
  }
}

/** @throws UsageError listing the steps when there is none of that name */
export function stepOf<P>(workflow: Workflow<P>, name: string) {
  const step = workflow.steps.find((candidate) => candidate.name === name);
  if (!step)
    throw new UsageError(
      `Workflow ${workflow.name} has no step '${name}'. Steps: ${workflow.steps.map((known) => known.name).join(", ")}`,
    );
  return step;
}

/**
 * The workflows of the backend.
 * @param assets folder of the backend's image, with a slash at its end
 */
export function backendWorkflows(assets: URL): Registry {
  const p2a3 = () => import("../backend/p2a3/workflow.js");
  const entry = (load: () => Promise<AnyWorkflow>): RegistryEntry => ({ load, assets });
  return new Registry({
    p2a3xgb: entry(async () => (await p2a3()).p2a3xgb),
    "p2a3xgb-mcmc": entry(async () => (await p2a3()).p2a3xgbMcmc),
    "p2a3-counts-only": entry(async () => (await import("../backend/counts/workflow.js")).p2a3CountsOnly),
    "hotline-site-visitor-prospects": entry(async () => (await import("../backend/hotline/workflow.js")).hotline),
    template: entry(async () => (await import("../backend/template/workflow.js")).template),
  });
}
