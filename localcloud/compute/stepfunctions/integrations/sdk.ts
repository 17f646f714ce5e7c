// The AWS SDK's packages, loaded when a task first needs them, and clients that are kept for the next one.

import { Agent } from "node:http";
import type { SessionCredentials } from "../../service.js";
import { CLIENTS, type ClientPackage } from "./clients.js";
import type { SchemaRef } from "./schema.js";

interface SdkCommand {
  schema: SchemaRef;
  middlewareStack: {
    add(middleware: unknown, options: { step: "deserialize"; priority: "low"; name: string }): void;
  };
}

interface SdkClient {
  config: { serviceId: string; requestHandler: unknown };
  send(command: SdkCommand, options?: { abortSignal?: AbortSignal }): Promise<Record<string, unknown>>;
}

type Constructor<Made, Input> = new (input: Input) => Made;

/** A client package of the SDK. */
export class SdkModule {
  private readonly base: { prototype: object } | undefined;
  private readonly clientClass: Constructor<SdkClient, object>;

  constructor(private readonly exports: ClientPackage) {
    const named = (pattern: RegExp) => Object.keys(exports).find((name) => pattern.test(name)) ?? "";
    this.base = exports[named(/ServiceException$/)] as typeof this.base;
    this.clientClass = exports[named(/^[A-Z]\w*Client$/)] as typeof this.clientClass;
  }

  /** Whether the API's model has an error of this name. */
  models(error: string): boolean {
    const found = Object.hasOwn(this.exports, error) ? (this.exports[error] as { prototype?: unknown }) : undefined;
    return found?.prototype instanceof Object && this.base !== undefined && this.isError(found.prototype);
  }

  private isError(prototype: object): boolean {
    return this.base !== undefined && Object.prototype.isPrototypeOf.call(this.base.prototype, prototype);
  }

  /** The command of an operation; undefined when the service has no such one. */
  command(operation: string): Constructor<SdkCommand, object> | undefined {
    const name = `${operation}Command`;
    return Object.hasOwn(this.exports, name) ? (this.exports[name] as Constructor<SdkCommand, object>) : undefined;
  }

  newClient(configuration: object): SdkClient {
    return new this.clientClass(configuration);
  }

  /** The service's own name, e.g. `CloudWatch Logs`. */
  get serviceId(): string {
    return this.newClient({ region: "us-east-1" }).config.serviceId;
  }
}

/** A response as it came over HTTP. */
export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string>;
  requestId: string;
}

const modules = new Map<string, Promise<SdkModule>>();

/** The package of a service by its name in `aws-sdk` resources; undefined when there is none. */
export function sdkModule(service: string): Promise<SdkModule> | undefined {
  const load = Object.hasOwn(CLIENTS, service) ? CLIENTS[service] : undefined;
  if (!load) return undefined;
  const module = modules.get(service) ?? load().then((exports) => new SdkModule(exports));
  modules.set(service, module);
  return module;
}

/** Whose session requests are made with. */
export interface ClientIdentity {
  region: string;
  credentials: SessionCredentials;
}

/** Clients by service, region and session; the ones used longest ago are forgotten. They share connections. */
export class SdkClients {
  private readonly clients = new Map<string, SdkClient>();
  private requestHandler: unknown;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 512 });

  /** @param most how many are kept */
  constructor(
    private readonly endpoint: string,
    private readonly most = 256,
  ) {}

  /** @param module of the service of this name */
  get(service: string, module: SdkModule, { region, credentials }: ClientIdentity): SdkClient {
    const key = `${service} ${region} ${credentials.accessKeyId}`;
    const known = this.clients.get(key);
    this.clients.delete(key);
    const client = known ?? this.open(module, region, credentials);
    this.clients.set(key, client);
    for (const oldest of this.clients.keys()) {
      if (this.clients.size <= this.most) break;
      this.clients.delete(oldest);
    }
    return client;
  }

  private open(module: SdkModule, region: string, credentials: SessionCredentials): SdkClient {
    const client = module.newClient({
      endpoint: this.endpoint,
      region,
      credentials,
      forcePathStyle: true,
      // Retrying is the state machine's matter: what the service says is what the task fails with.
      maxAttempts: 1,
      requestHandler: this.requestHandler ?? { httpAgent: this.agent, socketAcquisitionWarningTimeout: 60_000 },
    });
    this.requestHandler ??= client.config.requestHandler;
    return client;
  }

  /** Ends the connections. */
  close(): void {
    this.clients.clear();
    this.agent.destroy();
  }
}

/** Sends a command and gives, beside its output, the response that it was read from. */
export async function sendCommand(
  client: SdkClient,
  command: SdkCommand,
  abortSignal?: AbortSignal,
): Promise<{ output: Record<string, unknown>; http: HttpAnswer }> {
  let response: { statusCode: number; headers: Record<string, string> } | undefined;
  command.middlewareStack.add(
    (next: (args: unknown) => Promise<{ response: typeof response }>) => async (args: unknown) => {
      const result = await next(args);
      response = result.response;
      return result;
    },
    { step: "deserialize", priority: "low", name: "keepResponse" },
  );
  const { $metadata, ...output } = await client.send(command, abortSignal ? { abortSignal } : {});
  const { requestId } = $metadata as { requestId?: string };
  return {
    output,
    http: { statusCode: response?.statusCode ?? 0, headers: response?.headers ?? {}, requestId: requestId ?? "" },
  };
}
