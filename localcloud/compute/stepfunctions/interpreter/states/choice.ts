// Choice: the first rule that holds names the next state.

import type { Choice } from "../../definition/types.js";
import { holds } from "../../language/choice.js";
import { StatesError } from "../../language/errors.js";
import { evaluateExpression, unexpectedType } from "../../language/jsonata.js";
import type { Visit } from "../fields.js";
import type { Result } from "../machine.js";

export async function choose(visit: Visit): Promise<Result> {
  const payload = visit.effectiveInput();
  const scope = visit.scope(payload.value);
  for (const [index, choice] of (visit.state.Choices ?? []).entries()) {
    const isChosen = visit.isJsonata ? await condition(visit, choice, index) : holds(choice, scope);
    if (isChosen) return { payload, next: choice.Next, fields: choice };
  }
  if (visit.state.Default !== undefined) return { payload, next: visit.state.Default };
  throw new StatesError("States.NoChoiceMatched", "No choice rule matched, and the state has no Default.");
}

async function condition(visit: Visit, choice: Choice, index: number): Promise<boolean> {
  if (typeof choice.Condition !== "string") return choice.Condition === true;
  const field = `Choices[${index}]/Condition`;
  const value = await evaluateExpression(choice.Condition, field, visit.bindings());
  if (typeof value !== "boolean") throw unexpectedType(choice.Condition, field, "boolean", value);
  return value;
}
