// Which session a call belongs to. The engine configures one provider per provider resource of the program, all on this one
// server; each talks over a connection of its own, by which its calls are told apart.
import { Session, type SessionSettings } from "./session.js";

/** One configured provider of an engine. */
interface Connection {
  session: Session;
  cancellation: AbortController;
}

export class Sessions {
  readonly #bySettings = new Map<string, Session>();
  readonly #byPeer = new Map<string, Connection>();

  /** Configures the provider at `peer`. Equal settings share a session, and so its clients. */
  configure(peer: string, settings: SessionSettings): Session {
    const key = JSON.stringify(settings);
    let session = this.#bySettings.get(key);
    if (!session) {
      session = new Session(settings);
      this.#bySettings.set(key, session);
    }
    this.#byPeer.set(peer, { session, cancellation: new AbortController() });
    return session;
  }

  /**
   * The connection that a call came by. One that was made anew after Configure is taken to be of the only session there is.
   *
   * @throws when nothing is configured, or it cannot be told which one is meant.
   */
  of(peer: string): Connection {
    const own = this.#byPeer.get(peer);
    if (own) return own;
    const [only, ...others] = this.#bySettings.values();
    if (!only) throw new Error("the provider was not configured");
    if (others.length > 0)
      throw new Error(`a call over an unknown connection (${peer}), and several configurations to choose from`);
    const connection = { session: only, cancellation: new AbortController() };
    this.#byPeer.set(peer, connection);
    return connection;
  }

  /** Ends what the engine at `peer` has in flight, and refuses what else it asks over this connection. */
  cancel(peer: string): void {
    this.#byPeer.get(peer)?.cancellation.abort(new CancelledError());
  }

  /** Ends everything. */
  close(): void {
    for (const { cancellation } of this.#byPeer.values()) cancellation.abort(new CancelledError());
    for (const session of this.#bySettings.values()) session.close();
    this.#byPeer.clear();
    this.#bySettings.clear();
  }
}

/** The engine (or its user) called the operation off. */
export class CancelledError extends Error {
  constructor() {
    super("cancelled");
    this.name = "CancelledError";
  }
}
