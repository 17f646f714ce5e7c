// The units of the program, as far as the driver has to know them.
import type { Unit } from "../../stacks/unit.js";
import { selectUnits, units } from "../../stacks/units.js";
import { messageOf, UsageError } from "../errors.js";

export type { Unit };

export const allUnits = (): readonly Unit[] => units;

/**
 * The units named, with all that they depend on: what is depended on comes first.
 *
 * @throws UsageError naming the units that there are
 */
export function resolveUnits(names: readonly string[]): Unit[] {
  try {
    return selectUnits(names);
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/** ARNs of the workflows of the units, from the stack's outputs. */
export function workflowArns(units: readonly Unit[], outputs: Record<string, unknown>): Record<string, string> {
  const arns: Record<string, string> = {};
  for (const unit of units)
    for (const [workflow, output] of Object.entries(unit.workflows)) {
      const arn = outputs[output];
      if (typeof arn === "string") arns[workflow] = arn;
    }
  return arns;
}
