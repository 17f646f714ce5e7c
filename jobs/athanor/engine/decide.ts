// Whether a unit has to run again, and why: a comparison of what was recorded when it was done with what is now. Pure.
import type { Attempt, Conditions, Done } from "../run/records.js";

/** What is there now. */
export interface Present {
  conditions: Conditions;
  /** Digest of each declared output; absent when there is nothing. */
  outputs: Record<string, string | undefined>;
  /** The same of what was published. */
  published: Record<string, string | undefined>;
}

/**
 * @param attempts all there were, first to last
 * @returns why it has to run; empty when it need not
 */
export function reasonsToRun(present: Present, done: Done | undefined, attempts: Attempt[]): string[] {
  if (!done) return [unfinished(attempts.at(-1))];
  const { inputs, parameters, code, partitions } = present.conditions;
  const reasons = [
    ...changes(done.inputs, inputs).map((path) => `input ${path} ${howChanged(done.inputs[path], inputs[path])}`),
    ...changes(done.parameters, parameters).map(
      (name) => `parameter ${name} changed ${show(done.parameters[name])} → ${show(parameters[name])}`,
    ),
    ...(done.partitions === partitions ? [] : [`partitions changed ${show(done.partitions)} → ${show(partitions)}`]),
  ];
  const files = changes(done.code, code);
  if (files.length > 0) reasons.push(`code changed: ${listed(files)}`);
  for (const [name, digest] of Object.entries(present.outputs))
    if (digest === undefined) {
      if (!done.released?.includes(name)) reasons.push(`output ${name} is missing`);
    } else if (!done.outputs[name]) reasons.push(`output ${name} is new`);
    else if (done.outputs[name]?.digest !== digest) reasons.push(`output ${name} is not as it was written`);
  for (const [path, before] of Object.entries(done.published ?? {})) {
    const now = present.published[path];
    if (now === undefined) reasons.push(`published ${path} is missing`);
    else if (before !== null && now !== before) reasons.push(`published ${path} is not as it was written`);
  }
  return reasons;
}

function unfinished(last: Attempt | undefined): string {
  if (!last) return "has not run yet";
  const how =
    last.outcome === "failed" || last.outcome === "stopped"
      ? `${last.outcome}${last.error ? `: ${last.error.message}` : ""}`
      : last.outcome === "succeeded"
        ? "succeeded, but its record is gone"
        : "was interrupted";
  return `did not finish: attempt ${last.attempt} ${how}`;
}

function changes(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
}

function howChanged(before: string | undefined, now: string | undefined): string {
  if (before === undefined) return "is new";
  return now === undefined ? "is not an input any more" : "changed";
}

const NAMED = 3;

function listed(names: string[]): string {
  if (names.length <= NAMED) return names.join(", ");
  return `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
}

function show(value: unknown): string {
  if (value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}
