// The journal of a run: composed of the files that its attempts wrote, each of which has one writer, so that no update is lost.
import { join } from "node:path";
import { writeJson } from "../files/atomic.js";
import { isGone } from "../locks/owner.js";
import type { RunInfo, Workflow } from "../workflow.js";
import type { Attempt, RunRecord } from "./records.js";
import { unitsOf } from "./units.js";

/** `pending`: never tried. `interrupted`: its process was killed. `incomplete`: some of it is finished and nothing runs now. `finished` says nothing of whether inputs have changed since. */
export type State = "pending" | "running" | "interrupted" | "failed" | "stopped" | "incomplete" | "finished";

export interface UnitJournal {
  /** As `Unit.label`. */
  unit: string;
  state: State;
  attempts: Attempt[];
}

export interface StepJournal {
  step: string;
  state: State;
  units: UnitJournal[];
}

export interface Journal extends RunRecord {
  state: State;
  /** Relative to the data root. */
  folder: string;
  steps: StepJournal[];
}

interface JournaledRun {
  info: RunInfo<Record<string, unknown>>;
  record: RunRecord;
}

/** Reads the journal as it is now. */
export async function readJournal(workflow: Workflow, { info, record }: JournaledRun): Promise<Journal> {
  const steps: StepJournal[] = [];
  for (const step of workflow.steps) {
    const units: UnitJournal[] = [];
    for (const unit of unitsOf(info, step)) {
      const attempts = await unit.attempts();
      const state = stateOf(attempts.at(-1), (await unit.done()) !== undefined);
      units.push({ unit: unit.label, state, attempts });
    }
    steps.push({ step: step.name, state: combined(units.map((unit) => unit.state)), units });
  }
  const state = combined(steps.map((step) => step.state));
  return { ...record, state, folder: info.folder.slice(info.dataRoot.length + 1), steps };
}

/** Writes `journal.json`. Of several that do so at a time, the last one has seen what all have written. */
export async function composeJournal(workflow: Workflow, run: JournaledRun): Promise<void> {
  let composed = await readJournal(workflow, run);
  for (;;) {
    await writeJson(join(run.info.folder, "journal.json"), composed);
    const now = await readJournal(workflow, run);
    if (JSON.stringify(now) === JSON.stringify(composed)) return;
    composed = now;
  }
}

function stateOf(last: Attempt | undefined, isDone: boolean): State {
  if (!last) return "pending";
  if (last.outcome === "running") return isGone(last.owner) ? "interrupted" : "running";
  if (last.outcome === "succeeded") return isDone ? "finished" : "interrupted";
  return last.outcome;
}

/** State of a whole from those of its parts: what needs attention first. */
export function combined(states: State[]): State {
  for (const state of ["running", "failed", "interrupted", "stopped"] as const)
    if (states.includes(state)) return state;
  if (states.every((state) => state === "finished")) return "finished";
  return states.every((state) => state === "pending") ? "pending" : "incomplete";
}
