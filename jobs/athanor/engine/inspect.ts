// What a unit looks like now: digests of its inputs, parameters, code and outputs, and of what it has published.
import { isAbsolute, relative, sep } from "node:path";
import { JobError } from "../../lib/errors.js";
import { codeDigests } from "../files/code.js";
import type { Digests } from "../files/digest.js";
import type { Conditions } from "../run/records.js";
import { type Unit, unitsOf } from "../run/units.js";
import type { RunInfo, Workflow } from "../workflow.js";
import type { Present } from "./decide.js";

/** An input that was removed because nobody needed it any more: an output of an earlier unit, of which the digest is still known. */
export interface Removed<P> {
  unit: Unit<P>;
  /** Name of the output. */
  output: string;
  digest: string;
}

export interface Inspection<P> extends Present {
  /** Declared inputs that are not there and that nobody has removed, absolute. */
  missing: string[];
  /** Declared inputs that were removed. They count with the digests that they had. */
  removed: Removed<P>[];
}

/** Absolute paths of what a unit reads. A merge reads what its partitions wrote, too. */
export function inputPaths<P>(unit: Unit<P>): string[] {
  const declared = unit.step.inputs(unit.run, unit.partition);
  for (const path of declared)
    if (!isAbsolute(path))
      throw new Error(`${unit.label}: input '${path}' is not an absolute path; see run.file and run.data`);
  if (unit.part !== "merge") return declared;
  const partitions = unitsOf(unit.run, unit.step).filter((other) => other.partition);
  return [...declared, ...partitions.flatMap((other) => other.outputs.map((name) => other.outputPath(name)))];
}

/** Looks at a unit; nothing is changed. */
export async function inspect<P>(
  workflow: Workflow<P>,
  unit: Unit<P>,
  digests: Digests,
  assets: URL,
): Promise<Inspection<P>> {
  const { run, step } = unit;
  const paths = [...new Set(inputPaths(unit))].sort();
  const inputs: Record<string, string> = {};
  const missing: string[] = [];
  const removed: Removed<P>[] = [];
  for (const path of paths) {
    const found = (await digests.of(path)) ?? (await removedFrom(workflow, unit, path));
    if (!found) missing.push(path);
    else inputs[nameOf(path, run)] = found.digest;
    if (found && "output" in found) removed.push(found);
  }
  const outputs: Record<string, string | undefined> = {};
  for (const name of unit.outputs) outputs[name] = (await digests.of(unit.outputPath(name)))?.digest;
  const published: Record<string, string | undefined> = {};
  for (const path of Object.keys((await unit.done())?.published ?? {}))
    published[path] = (await digests.of(run.data(path)))?.digest;
  const all = run.parameters as Record<string, unknown>;
  const names = step.parameters ?? Object.keys(all);
  const conditions: Conditions = {
    inputs,
    parameters: Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))),
    code: await codeDigests(step.code, assets),
    ...(unit.part === "whole" ? {} : { partitions: step.partitions?.(run) }),
  };
  return { conditions, outputs, published, missing, removed };
}

/** What was at a path until it was removed as no longer needed. */
async function removedFrom<P>(workflow: Workflow<P>, unit: Unit<P>, path: string): Promise<Removed<P> | undefined> {
  const earlier = workflow.steps.slice(0, workflow.steps.indexOf(unit.step));
  const steps = unit.part === "merge" ? [...earlier, unit.step] : earlier;
  for (const maker of steps.flatMap((step) => unitsOf(unit.run, step))) {
    const output = maker.outputs.find((name) => maker.outputPath(name) === path);
    if (output === undefined) continue;
    const done = await maker.done();
    const digest = done?.released?.includes(output) ? done.outputs[output]?.digest : undefined;
    return digest === undefined ? undefined : { unit: maker, output, digest };
  }
  return undefined;
}

/** Names of steps before this one that make one of these paths, by path. */
export function makersOf<P>(workflow: Workflow<P>, unit: Unit<P>, paths: string[]): Map<string, string> {
  const { run, step } = unit;
  const before = workflow.steps.slice(0, workflow.steps.indexOf(step));
  const makers = new Map<string, string>();
  for (const path of paths) {
    if (unit.part === "merge" && isWithin(path, unit.run.file(`steps/${step.name}`))) makers.set(path, step.name);
    for (const other of before)
      if (other.outputs.some((name) => isWithin(path, run.file(name)) || isWithin(run.file(name), path)))
        makers.set(path, other.name);
  }
  return makers;
}

/** The error of a unit whose inputs are not there. */
export function missingInputs<P>(workflow: Workflow<P>, unit: Unit<P>, missing: string[]): JobError {
  const makers = makersOf(workflow, unit, missing);
  const parts = missing.map((path) => {
    const maker = makers.get(path);
    return `${nameOf(path, unit.run)}${maker ? ` (made by ${maker}, which has not finished)` : ""}`;
  });
  return new JobError(
    `${unit.label} cannot run: input ${parts.join(", input ")} is missing below ${unit.run.dataRoot}`,
  );
}

/** A path as records name it: from the data root, wherever that is mounted. */
export function nameOf<P>(path: string, run: RunInfo<P>): string {
  const name = relative(run.dataRoot, path);
  return name.startsWith("..") || isAbsolute(name) ? path : name.split(sep).join("/");
}

/** Whether `path` is `folder` or something in it. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
