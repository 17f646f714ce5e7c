// Behaviours of the states language, each one sentence and one small state machine, run through the API of a real local cloud.
import assert from "node:assert/strict";
import { type StatesAccount, statesAccount } from "../service/fixture.js";

export interface Behaviour {
  /** What happens, as the test's name. */
  does: string;
  /** The first of them is where it starts. */
  states: Record<string, object>;
  /** @default JSONPath */
  language?: "JSONata";
  /** Seconds of the whole machine. */
  timeoutSeconds?: number;
  input?: unknown;
  /** The output. */
  gives?: unknown;
  /** How it fails instead; a text is the whole cause. */
  fails?: { error: string; cause?: string | RegExp };
  status?: "TIMED_OUT";
  /** States that are entered, in order. */
  through?: string[];
  /** Types of all events but the first and the last, in order. */
  records?: string[];
}

let opened: Promise<StatesAccount> | undefined;

/** One account for all behaviours, with a role that may read parameters and do nothing else. */
export function account(): Promise<StatesAccount> {
  opened ??= statesAccount();
  return opened;
}

/** Declares the behaviours of a theme as tests. */
export function behaviours(theme: string, list: Behaviour[]): void {
  describe(`states language: ${theme}`, () => {
    let roleArn: string;
    before(async () => {
      const states = await account();
      const name = `reader-${theme.replace(/\W/g, "-")}`;
      roleArn = await states.role(name, "states.amazonaws.com", [{ Action: "ssm:GetParameter", Resource: "*" }]);
    });
    for (const behaviour of list) it(behaviour.does, () => check(behaviour, roleArn));
  });
}

async function check(behaviour: Behaviour, roleArn: string): Promise<void> {
  const states = await account();
  const definition = {
    StartAt: Object.keys(behaviour.states)[0],
    States: behaviour.states,
    ...(behaviour.language ? { QueryLanguage: behaviour.language } : {}),
    ...(behaviour.timeoutSeconds ? { TimeoutSeconds: behaviour.timeoutSeconds } : {}),
  };
  const executionArn = await states.start(await states.create(definition, { roleArn }), behaviour.input ?? {});
  const { status, output, error, cause } = await states.ended(executionArn);
  const events = await states.history(executionArn);
  if ("gives" in behaviour) {
    assert.equal(status, "SUCCEEDED", `${error}: ${cause}`);
    assert.deepEqual(JSON.parse(output ?? "null"), behaviour.gives);
  }
  if (behaviour.fails) {
    assert.deepEqual([status, error], ["FAILED", behaviour.fails.error], cause);
    const wanted = behaviour.fails.cause;
    if (wanted instanceof RegExp) assert.match(cause ?? "", wanted);
    else if (wanted !== undefined) assert.equal(cause, wanted);
  }
  if (behaviour.status) assert.equal(status, behaviour.status);
  if (behaviour.through)
    assert.deepEqual(
      events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []),
      behaviour.through,
    );
  if (behaviour.records)
    assert.deepEqual(
      events.slice(1, -1).map(({ type }) => type),
      behaviour.records,
    );
}

/** How a cause begins: with the state, and the event with which it was entered. */
export const at = (state: string, event: number): string =>
  `An error occurred while executing the state '${state}' (entered at the event id #${event}). `;
