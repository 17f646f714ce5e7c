// What a run would do, and why: looked at, nothing changed.
import type { Digests } from "../files/digest.js";
import { type Unit, unitsOf } from "../run/units.js";
import type { RunInfo, Workflow } from "../workflow.js";
import { reasonsToRun } from "./decide.js";
import { inputPaths, inspect, makersOf, nameOf } from "./inspect.js";

/**
 * `run`: for the reasons given. `skip`: it is done. `depends`: it is done, but reads what steps before it will make again, and runs if that
 * comes out other than it was. `blocked`: an input is missing that no step makes.
 */
export type Action = "run" | "skip" | "depends" | "blocked";

export interface PlannedStep {
  step: string;
  description: string;
  tier?: string;
  action: Action;
  reasons: string[];
  /** Of a partitioned step: number of partitions, and how many of them run. */
  partitions?: { count: number; run: number };
}

/** Plans all steps in order. */
export async function planRun(
  workflow: Workflow,
  run: RunInfo<Record<string, unknown>>,
  digests: Digests,
  assets: URL,
): Promise<PlannedStep[]> {
  const planned: PlannedStep[] = [];
  /** Steps whose outputs will, or may, be other than they are. */
  const moving = new Set<string>();
  for (const step of workflow.steps) {
    const units = unitsOf(run, step);
    const looks = [];
    for (const unit of units) looks.push({ unit, ...(await look(workflow, unit, digests, assets, moving)) });
    const partitions = looks.filter(({ unit }) => unit.partition);
    const running = partitions.filter(({ action }) => action !== "skip");
    const worst = looks.map(({ action }) => action).sort((a, b) => RANK[a] - RANK[b])[0] as Action;
    if (worst !== "skip") moving.add(step.name);
    planned.push({
      step: step.name,
      description: step.description,
      tier: step.tier,
      action: worst,
      reasons: summarized(looks),
      ...(partitions.length > 0 ? { partitions: { count: partitions.length, run: running.length } } : {}),
    });
  }
  return planned;
}

const RANK: Record<Action, number> = { blocked: 0, run: 1, depends: 2, skip: 3 };

interface Look {
  action: Action;
  reasons: string[];
}

async function look(
  workflow: Workflow,
  unit: Unit<Record<string, unknown>>,
  digests: Digests,
  assets: URL,
  moving: Set<string>,
): Promise<Look> {
  const paths = inputPaths(unit);
  const makers = makersOf(workflow, unit, paths);
  const { missing, ...present } = await inspect(unit, digests, assets);
  const nobodys = missing.filter((path) => !makers.has(path));
  if (nobodys.length > 0)
    return { action: "blocked", reasons: nobodys.map((path) => `input ${nameOf(path, unit.run)} is missing`) };
  const making = new Set(makers.values());
  const makes = workflow.steps.map((step) => step.name).filter((name) => making.has(name));
  const reasons = reasonsToRun(present, await unit.done(), await unit.attempts());
  // What will be made again may come out as it was; that an input is missing now says the same of it.
  const certain = reasons.filter(
    (reason) => !missing.some((path) => reason.startsWith(`input ${nameOf(path, unit.run)} `)),
  );
  if (certain.length > 0) return { action: "run", reasons: certain };
  const changing = makes.filter((name) => moving.has(name) && name !== unit.step.name);
  if (changing.length > 0)
    return { action: "depends", reasons: [`if what ${changing.join(", ")} makes comes out otherwise`] };
  return missing.length > 0
    ? { action: "depends", reasons: ["if its partitions come out otherwise"] }
    : { action: "skip", reasons: [] };
}

/** Reasons of a step from those of its units, each once, saying of how many partitions it is true. */
function summarized(looks: (Look & { unit: Unit<Record<string, unknown>> })[]): string[] {
  const units = new Map<string, Unit<Record<string, unknown>>[]>();
  for (const { unit, reasons } of looks)
    for (const reason of reasons) units.set(reason, [...(units.get(reason) ?? []), unit]);
  return [...units].map(([reason, those]) => {
    if (looks.length === 1 || those.length === looks.length) return reason;
    return `${reason} (${those.map(partName).join(", ")})`;
  });
}

function partName(unit: Unit<Record<string, unknown>>): string {
  return unit.partition ? `partition ${unit.partition.index}` : "merge";
}
