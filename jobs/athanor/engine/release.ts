// Removes what nobody needs any more once a step is done. A crash at any moment is made good by the next one who finds the step done.
import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { composeJournal } from "../run/journal.js";
import { type Unit, unitsOf } from "../run/units.js";
import type { Workflow } from "../workflow.js";
import { inputPaths, isWithin } from "./inspect.js";
import { withLocks } from "./locking.js";
import type { Engine } from "./unit.js";

type AnyUnit = Unit<Record<string, unknown>>;

/**
 * Removes what a unit's step releases, as far as it is there. Of each output it is written down first that it was released, then it goes
 * in one move: it is there as a whole or not at all.
 * @throws Error when a step reads only a part of what is released: how that was could not be known any more
 */
export async function releaseAfter(unit: AnyUnit, engine: Engine): Promise<void> {
  if (unit.partition || !unit.step.releases) return;
  let changed = false;
  for (const { maker, outputs } of releasedBy(unit, engine.workflow)) {
    if ((await thereOf(maker, outputs)).length === 0) continue;
    // Nobody may be reading it. Others hold one unit's lock at a time, so that the order of these is enough to never wait in a circle.
    const users = [maker, ...readersOf(engine.workflow, maker, outputs)].map((user) => user.folder).sort();
    const wanted = users.map((path) => ({ path, mode: "EXCLUSIVE" as const }));
    const released = await withLocks(unit, wanted, engine, () => release(unit, maker, outputs));
    if (released.length === 0) continue;
    changed = true;
    const details = { step: unit.label, of: maker.label, outputs: released };
    engine.log.info(
      `${unit.label} removed ${released.join(", ")} of ${maker.label}: nobody needs it any more`,
      details,
    );
    engine.onEvent?.({ type: "released", unit: unit.label, of: maker.label, outputs: released });
  }
  if (changed) await composeJournal(engine.workflow, engine.open);
}

/** @returns names of the outputs that were removed */
async function release(unit: AnyUnit, maker: AnyUnit, outputs: string[]): Promise<string[]> {
  const done = await maker.done();
  // What is not known to be whole is made again anyhow; and as long as the unit itself is not done, nothing is released.
  if (!done || !(await unit.done())) return [];
  const names = (await thereOf(maker, outputs)).filter((name) => done.outputs[name]);
  if (names.length === 0) return [];
  await maker.saveDone({ ...done, released: [...new Set([...(done.released ?? []), ...names])].sort() });
  await mkdir(maker.asideFolder, { recursive: true });
  for (const name of names) await rename(maker.outputPath(name), join(maker.asideFolder, `released-${randomUUID()}`));
  await rm(maker.asideFolder, { recursive: true, force: true, maxRetries: 3 });
  return names;
}

/** Units whose outputs a unit's step releases, with the names of these. */
function releasedBy({ step, run }: AnyUnit, workflow: Workflow): { maker: AnyUnit; outputs: string[] }[] {
  return (step.releases ?? []).flatMap((release) => {
    const makers = unitsOf(
      run,
      workflow.steps.find(({ name }) => name === release.step) as Workflow["steps"][number],
    ).map((maker) => ({ maker, outputs: maker.partition ? maker.outputs : (release.outputs ?? []) }));
    return makers.filter(({ maker, outputs }) => outputs.length > 0 && (!maker.partition || release.partitions));
  });
}

function readersOf(workflow: Workflow, maker: AnyUnit, outputs: string[]): AnyUnit[] {
  const paths = outputs.map((name) => maker.outputPath(name));
  const others = workflow.steps
    .flatMap((step) => unitsOf(maker.run, step))
    .filter(({ folder }) => folder !== maker.folder);
  return others.filter((other) => {
    const read = inputPaths(other);
    for (const path of paths) {
      const part = read.find((input) => input !== path && (isWithin(input, path) || isWithin(path, input)));
      if (part !== undefined)
        throw new Error(`${path} cannot be released: ${other.label} reads ${part}, not it as a whole`);
    }
    return paths.some((path) => read.includes(path));
  });
}

async function thereOf(maker: AnyUnit, outputs: string[]): Promise<string[]> {
  const found = await Promise.all(
    outputs.map(async (name) => ((await stat(maker.outputPath(name)).catch(() => undefined)) ? [name] : [])),
  );
  return found.flat();
}
