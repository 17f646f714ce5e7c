// Putting states in order without writing every Next by hand.
import type { State, StateGroup } from "./asl.js";

/**
 * States in the order in which they are given: each goes on to the one after it and the last one ends, unless a state says
 * otherwise itself (`Next`, `End`) or by its nature (Choice, Succeed, Fail).
 *
 * @param states name → state, in order
 * @param aside groups that the sequence jumps to from its choices and catchers (a failure path); their own order holds
 * @throws when there is no state, or a name is used twice
 * @example
 * ```ts
 * sequence({ "Say hello": task, Wait: { Type: "Wait", Seconds: 5 } }, sequence({ Failed: { Type: "Fail" } }))
 * ```
 */
export function sequence(states: Record<string, State>, ...aside: StateGroup[]): StateGroup {
  const names = Object.keys(states);
  const [first] = names;
  if (first === undefined) throw new Error("A sequence needs at least one state");
  const linked = Object.fromEntries(
    Object.entries(states).map(([name, state], at) => [name, goingOn(state, names[at + 1])]),
  );
  return { StartAt: first, States: aside.reduce((all, group) => merged(all, group.States), linked) };
}

function goingOn(state: State, next: string | undefined): State {
  switch (state.Type) {
    case "Choice":
    case "Succeed":
    case "Fail":
      return state;
    default:
      if (state.Next !== undefined || state.End) return state;
      return next === undefined ? { ...state, End: true } : { ...state, Next: next };
  }
}

function merged(left: Record<string, State>, right: Record<string, State>): Record<string, State> {
  const twice = Object.keys(right).find((name) => name in left);
  if (twice !== undefined) throw new Error(`Two states are named '${twice}'`);
  return { ...left, ...right };
}
