// A workflow as it is described: what it is given, and steps that each run a Batch job of some size, one after the other.
import type { InputSchema } from "./input.js";

/** One step: a job, or as many jobs side by side as the input says, with one more that puts together what they made. */
export interface WorkflowStep<Tier extends string> {
  /** Name of the state, e.g. `TrainSelect`; at most 60 characters: letters, digits, hyphens and underscores. */
  name: string;
  /** For whoever looks at the state machine. */
  description?: string;
  /** Size of its machine, by name. */
  tier: Tier;
  /** What the container runs. */
  command: readonly string[];
  /** How long it may take with queueing and all attempts, seconds. */
  timeoutSeconds: number;
  /** How often it is tried again when it failed by itself. A host that failed is replaced in any case. @default 0 */
  retries?: number;
  /**
   * The member of the input (a whole number from 2 to 10,000) that says into how many partitions the step is cut. Each job then has
   * its own `AWS_BATCH_JOB_ARRAY_INDEX`, and `PARTITIONS`.
   */
  partitions?: string;
  /** Runs when all partitions are done. */
  merge?: { tier: Tier; command: readonly string[]; timeoutSeconds: number };
}

export interface WorkflowDescription<Tier extends string> {
  /** What it does, in a sentence. */
  description: string;
  input: InputSchema;
  /** In order. */
  steps: readonly WorkflowStep<Tier>[];
}

/** The sizes of machine that a workflow's jobs run on, each once. */
export function tiersOf<Tier extends string>(steps: readonly WorkflowStep<Tier>[]): Tier[] {
  return [...new Set(steps.flatMap(({ tier, merge }) => (merge ? [tier, merge.tier] : [tier])))];
}

/**
 * What is wrong with a description, one sentence each; empty when nothing is. (What is wrong with the states made of it, the
 * linter of state machines says.)
 */
export function lintWorkflow({ input, steps }: WorkflowDescription<string>): string[] {
  return steps.flatMap(({ name, partitions, merge, retries = 0, timeoutSeconds }) => {
    const findings: string[] = [];
    if (!/^[\w-]{1,60}$/.test(name))
      findings.push(`the name of the step '${name}' is not 1 to 60 letters, digits, hyphens and underscores`);
    if (timeoutSeconds < 1) findings.push(`${name} has no time to run in`);
    if (retries < 0 || retries > 9) findings.push(`${name} can be tried again from 0 to 9 times`);
    if (merge && partitions === undefined) findings.push(`${name} merges partitions, but has none`);
    if (partitions === undefined) return findings;
    const field = input[partitions];
    if (field?.type !== "integer" || (field.min ?? 0) < 2 || (field.max ?? Number.POSITIVE_INFINITY) > 10_000)
      findings.push(
        `${name} is cut by the input's '${partitions}', which has to be a whole number from at least 2 to at most 10000`,
      );
    else if (field.optional) findings.push(`${name} is cut by the input's '${partitions}', which may be missing`);
    return findings;
  });
}
