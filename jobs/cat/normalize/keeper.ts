// Keeps a run's state in the bucket. Whoever saves over a state that another has saved since is superseded, and stops.

import { parseState, type State } from "./state.js";
import { Conflict, type ReportStore } from "./store.js";

/** Another invocation has taken the run over. What this one has not saved does not count. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

export class StateKeeper {
  /** What is being saved, and what is waiting for it. */
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(
    private readonly store: ReportStore,
    private readonly key: string,
    private current: State,
    private etag: string | undefined,
  ) {}

  /** The state of the day's last run, if it had one, and how to go on from there. */
  static async open(
    store: ReportStore,
    key: string,
  ): Promise<{ last?: State; begin(state: State): Promise<StateKeeper> }> {
    const found = await store.read(key);
    return {
      last: found && parseState(found.text),
      async begin(state) {
        const keeper = new StateKeeper(store, key, state, found?.etag);
        await keeper.update((same) => same);
        return keeper;
      },
    };
  }

  get state(): State {
    return this.current;
  }

  /**
   * Changes the state at once, and resolves when the change is saved. Changes that come while one is being saved are saved together.
   *
   * @throws Superseded when another invocation has saved since
   */
  update(change: (state: State) => State): Promise<void> {
    this.current = change(this.current);
    if (this.#saving === undefined && this.#next === undefined) return this.#save();
    this.#next ??= (this.#saving ?? Promise.resolve()).then(() => this.#save());
    return this.#next;
  }

  async #save(): Promise<void> {
    this.#next = undefined;
    this.#saving = this.store.replace(this.key, JSON.stringify(this.current), this.etag).then(
      (etag) => {
        this.etag = etag;
        this.#saving = undefined;
      },
      (cause) => {
        if (!(cause instanceof Conflict)) throw cause;
        throw new Superseded(`${this.current.runId} was taken over by another invocation`, { cause });
      },
    );
    return this.#saving;
  }
}
