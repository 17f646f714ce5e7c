// What a file of `workflows/` says: one workflow, the unit that it is deployed as, its input and its steps.
import type { WorkflowDescription } from "../../components/workflow/description.js";
import type { InputSchema } from "../../components/workflow/input.js";
import type { Tier } from "./tiers.js";

export interface BackendStep {
  /** Name of the step, which is Athanor's too, e.g. `TrainSelect`. */
  name: string;
  /** For whoever looks at the state machine. */
  description: string;
  tier: Tier;
  /** How long it may take with queueing and all attempts, minutes. */
  minutes: number;
  /**
   * How often it is tried again when it failed by itself, which a step has to be able to bear: it makes the same again, or nothing when it
   * was done. Not what fails again in any case: a wrong request, data that do not allow it (both exit code 2), too little memory. Batch counts
   * these attempts and those that a lost host costs together: with one retry there are three. @default 0
   */
  retries?: number;
  /** The member of the input that says into how many partitions the step is cut; they are merged afterwards. @default not cut */
  partitions?: string;
  /** Where the partitions are merged. Needed with `partitions`. */
  merge?: { tier: Tier; minutes: number };
  /** What the container runs. @default the step of this name, `["step", <workflow>, <step>]` */
  command?: readonly string[];
}

export interface BackendWorkflow {
  /** The unit: what is deployed with `crucible up <unit>`. */
  unit: string;
  /** Name of the workflow, as `crucible run` and Athanor know it. */
  workflow: string;
  /** Name of the state machine, less system and environment. */
  stateMachine: string;
  /** What it does, in a sentence. */
  description: string;
  input: InputSchema;
  steps: readonly BackendStep[];
}

/** A workflow, checked by the compiler and nothing else; see docs/adding-a-workflow.md. */
export function defineWorkflow(workflow: BackendWorkflow): BackendWorkflow {
  return workflow;
}

/** Key of the stack output that holds the state machine's ARN. */
export function outputOf({ stateMachine }: Pick<BackendWorkflow, "stateMachine">): string {
  return `${stateMachine.replace(/[^A-Za-z0-9]/g, "")}StateMachineARN`;
}

/**
 * The workflow as the builder takes it.
 *
 * @param limits step → how long it may take, seconds, where that is not what the workflow says
 * @throws naming a limit of a step that there is not
 */
export function describeWorkflow(
  { workflow, description, input, steps }: BackendWorkflow,
  limits: Readonly<Record<string, number>> = {},
): WorkflowDescription<Tier> {
  const unknown = Object.keys(limits).filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new Error(
      `The workflow ${workflow} has no step ${unknown.join(", ")}; it has ${steps.map(({ name }) => name).join(", ")}`,
    );
  return {
    description,
    input,
    steps: steps.map(({ minutes, merge, command, ...step }) => ({
      ...step,
      command: command ?? ["step", workflow, step.name],
      timeoutSeconds: limits[step.name] ?? 60 * minutes,
      ...(merge && {
        merge: { tier: merge.tier, timeoutSeconds: 60 * merge.minutes, command: ["merge", workflow, step.name] },
      }),
    })),
  };
}
