// One configured provider: what Configure made of its settings, and the contexts in which its operations run.
import { ClientPool, type Credentials } from "./clients.js";
import { type Configuration, checkAccount } from "./configuration.js";
import type { ClientClass, Context, CreateContext } from "./descriptor.js";
import { retry, waitFor } from "./patience.js";
import { partitionOf } from "./regions.js";

export interface SessionSettings {
  endpoint?: string;
  credentials?: Credentials;
  region: string;
  configuration: Configuration;
}

/** Longest time of one operation when the program sets no `customTimeouts`, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 30 * 60;

const RETRY_SECONDS = 120;

function timeLimit(seconds: number): AbortSignal {
  const controller = new AbortController();
  const expire = () => controller.abort(new Error(`the operation took longer than its time limit of ${seconds} s`));
  setTimeout(expire, seconds * 1000).unref();
  return controller.signal;
}

export class Session {
  readonly clients: ClientPool;
  #account: Promise<string> | undefined;

  constructor(readonly settings: SessionSettings) {
    this.clients = new ClientPool(settings);
  }

  get region(): string {
    return this.settings.region;
  }

  get configuration(): Configuration {
    return this.settings.configuration;
  }

  /** The account, asked once. */
  accountId(): Promise<string> {
    this.#account ??= this.#askAccount().catch((error: unknown) => {
      this.#account = undefined;
      throw error;
    });
    return this.#account;
  }

  async #askAccount(): Promise<string> {
    const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    const identity = await this.clients.get(STSClient, this.region).send(new GetCallerIdentityCommand({}));
    if (!identity.Account) throw new Error("sts:GetCallerIdentity named no account");
    return identity.Account;
  }

  /** Whether the settings hold: the account is one that may be used. Asks AWS only where that decides something. */
  async verify(): Promise<void> {
    const { configuration, endpoint } = this.settings;
    const restricted =
      (configuration.allowedAccountIds ?? []).length + (configuration.forbiddenAccountIds ?? []).length > 0;
    const validated = endpoint === undefined && configuration.skipCredentialsValidation !== true;
    if (restricted || validated) checkAccount(await this.accountId(), configuration);
  }

  /** The context of one operation, which `cancelled` or the time limit ends. */
  context(options: { region?: string; timeoutSeconds?: number; cancelled: AbortSignal }): Context {
    const region = options.region ?? this.region;
    const seconds = options.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS;
    const signal = AbortSignal.any([options.cancelled, timeLimit(seconds)]);
    return {
      region,
      ...partitionOf(region),
      endpoint: this.settings.endpoint,
      signal,
      accountId: () => this.accountId(),
      client: <C extends object>(type: ClientClass<C>, other?: string) =>
        this.clients.bound(type, other ?? region, signal),
      retry: (attempt, transient, timeoutSeconds = RETRY_SECONDS) => retry(attempt, transient, timeoutSeconds, signal),
      waitFor: (what, probe, timeoutSeconds) => waitFor(what, probe, timeoutSeconds, signal),
    };
  }

  /** The context of a creation; `created` is told the id once the thing exists. */
  createContext(context: Context, name: string, created: (id: string) => void): CreateContext {
    return { ...context, name, created };
  }

  close(): void {
    this.clients.close();
  }
}
