// What a run would do, and why: looked at, nothing changed.
import type { Digests } from "../files/digest.js";
import { type Unit, unitsOf } from "../run/units.js";
import type { RunInfo, Workflow } from "../workflow.js";
import { reasonsToRun } from "./decide.js";
import { inputPaths, inspect, makersOf, nameOf, type Removed } from "./inspect.js";

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
  /** Steps whose outputs will, or may, be other than they are. */
  const moving = new Set<string>();
  const looks: Look[][] = [];
  for (const step of workflow.steps) {
    const own: Look[] = [];
    for (const unit of unitsOf(run, step)) own.push(await look(workflow, unit, digests, assets, moving));
    if (own.some(({ action }) => action !== "skip")) moving.add(step.name);
    looks.push(own);
  }
  demandRemoved(looks.flat());
  return workflow.steps.map((step, index) => planned(step, looks[index] ?? []));
}

function planned(step: Workflow["steps"][number], looks: Look[]): PlannedStep {
  const partitions = looks.filter(({ unit }) => unit.partition);
  const running = partitions.filter(({ action }) => action !== "skip");
  return {
    step: step.name,
    description: step.description,
    tier: step.tier,
    action: looks.map(({ action }) => action).sort((a, b) => RANK[a] - RANK[b])[0] as Action,
    reasons: summarized(looks),
    ...(partitions.length > 0 ? { partitions: { count: partitions.length, run: running.length } } : {}),
  };
}

/** Who has to read what was removed has it made again: from the last unit to the first, as who makes it may itself have to read such. */
function demandRemoved(looks: Look[]): void {
  for (const reader of [...looks].reverse())
    for (const { unit, output } of reader.action === "skip" || reader.action === "blocked" ? [] : reader.removed) {
      const maker = looks.find((candidate) => candidate.unit.folder === unit.folder);
      if (!maker || RANK[maker.action] <= RANK[reader.action]) continue;
      maker.action = reader.action;
      maker.reasons = [
        reader.action === "run"
          ? `output ${output}, which was removed, is needed by ${reader.unit.label}`
          : `if ${reader.unit.label} runs, which needs the output ${output} that was removed`,
      ];
    }
}

const RANK: Record<Action, number> = { blocked: 0, run: 1, depends: 2, skip: 3 };

interface Look {
  unit: Unit<Record<string, unknown>>;
  action: Action;
  reasons: string[];
  /** Inputs that were removed. */
  removed: Removed<Record<string, unknown>>[];
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
  const { missing, removed, ...present } = await inspect(workflow, unit, digests, assets);
  const as = (action: Action, reasons: string[]): Look => ({ unit, action, reasons, removed });
  const nobodys = missing.filter((path) => !makers.has(path));
  if (nobodys.length > 0)
    return as(
      "blocked",
      nobodys.map((path) => `input ${nameOf(path, unit.run)} is missing`),
    );
  const making = new Set(makers.values());
  const makes = workflow.steps.map((step) => step.name).filter((name) => making.has(name));
  const reasons = reasonsToRun(present, await unit.done(), await unit.attempts());
  // What will be made again may come out as it was; that an input is missing now says the same of it.
  const certain = reasons.filter(
    (reason) => !missing.some((path) => reason.startsWith(`input ${nameOf(path, unit.run)} `)),
  );
  if (certain.length > 0) return as("run", certain);
  const changing = makes.filter((name) => moving.has(name) && name !== unit.step.name);
  if (changing.length > 0) return as("depends", [`if what ${changing.join(", ")} makes comes out otherwise`]);
  return missing.length > 0 ? as("depends", ["if its partitions come out otherwise"]) : as("skip", []);
}

/** Reasons of a step from those of its units, each once, saying of how many partitions it is true. */
function summarized(looks: Look[]): string[] {
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
