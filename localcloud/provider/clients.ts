// Clients of the AWS SDK: one per service and region, on connections that are kept alive.
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type Configuration, configuredEndpoint, durationSeconds } from "./configuration.js";
import type { ClientClass } from "./descriptor.js";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Every client of the SDK has this much. */
interface AnyClient {
  send(command: unknown, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

/** How often a throttled or failed call is sent at most, unless `aws:maxRetries` says otherwise. */
const DEFAULT_ATTEMPTS = 12;

/** Names that the official provider's `endpoints` has for a client, where the client's own name is another. */
const ENDPOINT_NAMES: Readonly<Record<string, readonly string[]>> = {
  cloudwatchlogs: ["logs", "cloudwatchlog"],
  sfn: ["stepfunctions"],
  eventbridge: ["events", "cloudwatchevents"],
};

/** The clients of one provider configuration. */
export class ClientPool {
  readonly #clients = new Map<string, AnyClient>();
  readonly #httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  readonly #httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 64 });

  constructor(
    private readonly settings: {
      endpoint?: string;
      credentials?: Credentials;
      region: string;
      configuration: Configuration;
    },
  ) {}

  /** The shared client of a service for a region. */
  get<C extends object>(type: ClientClass<C>, region: string): C {
    const key = `${type.name} ${region}`;
    let client = this.#clients.get(key);
    if (!client) {
      client = new type(this.#configure(type.name, region)) as unknown as AnyClient;
      this.#clients.set(key, client);
    }
    return client as unknown as C;
  }

  /** The same client, with everything it sends ended by `signal`. */
  bound<C extends object>(type: ClientClass<C>, region: string, signal: AbortSignal): C {
    const client = this.get(type, region) as unknown as AnyClient;
    const bound: AnyClient = Object.create(client);
    bound.send = async (command, options) => {
      signal.throwIfAborted();
      try {
        return await client.send(command, { abortSignal: signal, ...options });
      } catch (error) {
        // The SDK says only "Request aborted"; the signal knows why.
        throw signal.aborted ? signal.reason : error;
      }
    };
    return bound as unknown as C;
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  #configure(className: string, region: string): Record<string, unknown> {
    const { configuration } = this.settings;
    const service = className.replace(/Client$/, "").toLowerCase();
    const own = configuredEndpoint(configuration, [service, ...(ENDPOINT_NAMES[service] ?? [])]);
    const endpoint = this.settings.endpoint ?? own;
    const credentials = this.#credentials();
    return {
      region,
      maxAttempts: configuration.maxRetries === undefined ? DEFAULT_ATTEMPTS : configuration.maxRetries + 1,
      requestHandler: { httpAgent: this.#httpAgent, httpsAgent: this.#httpsAgent },
      ...(endpoint && { endpoint }),
      ...(credentials !== undefined && { credentials }),
      ...(configuration.profile && { profile: configuration.profile }),
      // Buckets as host names need a DNS that only AWS has.
      ...(className === "S3Client" && { forcePathStyle: configuration.s3UsePathStyle ?? endpoint !== undefined }),
    };
  }

  /** Static credentials, or a provider of a role's session; absent for the SDK's default chain. */
  #credentials(): unknown {
    const { configuration, credentials } = this.settings;
    const { accessKey: accessKeyId, secretKey: secretAccessKey, token, assumeRoles } = configuration;
    // What the program says of a provider precedes what its surroundings do.
    const base =
      accessKeyId && secretAccessKey
        ? { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) }
        : configuration.profile
          ? undefined
          : credentials;
    if (!assumeRoles || assumeRoles.length === 0) return base;
    this.#session ??= this.#assume(assumeRoles, base);
    return this.#session;
  }

  #session: (() => Promise<Credentials>) | undefined;

  /** Assumes the roles one after the other, each with the session of the one before. */
  #assume(roles: NonNullable<Configuration["assumeRoles"]>, base: Credentials | undefined): () => Promise<Credentials> {
    const { endpoint, region, configuration } = this.settings;
    const stsEndpoint = endpoint ?? configuredEndpoint(configuration, ["sts"]);
    return roles.reduce<(() => Promise<Credentials>) | undefined>(
      (master, role) => {
        let provider: (() => Promise<Credentials>) | undefined;
        return async () => {
          if (!provider) {
            const { fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
            provider = fromTemporaryCredentials({
              params: {
                RoleArn: role.roleArn,
                RoleSessionName: role.sessionName ?? "pulumi",
                ...(role.externalId && { ExternalId: role.externalId }),
                ...(role.duration && { DurationSeconds: durationSeconds(role.duration) }),
                ...(role.policy && { Policy: role.policy }),
              },
              ...(master && { masterCredentials: master }),
              clientConfig: { region, ...(stsEndpoint && { endpoint: stsEndpoint }) },
            });
          }
          return provider();
        };
      },
      base && (async () => base),
    ) as () => Promise<Credentials>;
  }
}
