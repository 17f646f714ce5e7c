// What is known of a service's API: its commands and its errors, from a client package of the AWS SDK or from a model of botocore's.
import { CLIENTS, type ClientPackage } from "./clients.js";
import type { SchemaRef } from "./schema.js";

export interface SdkCommand {
  schema: SchemaRef;
  middlewareStack: {
    add(middleware: unknown, options: { step: "deserialize"; priority: "low"; name: string }): void;
  };
}

export interface SdkClient {
  config: { serviceId: string; requestHandler: unknown };
  send(command: SdkCommand, options?: { abortSignal?: AbortSignal }): Promise<Record<string, unknown>>;
}

export type Constructor<Made, Input> = new (input: Input) => Made;

export interface SdkModule {
  /** The service's own name, e.g. `CloudWatch Logs`. */
  readonly serviceId: string;
  /** The API's name of an error as a response names it; undefined when its model has none of this name. */
  error(name: string): string | undefined;
  /** The command of an operation; undefined when the service has no such one. */
  command(operation: string): Constructor<SdkCommand, object> | undefined;
  /** Names of the service's operations. */
  operations(): string[];
  newClient(configuration: object): SdkClient;
  /** An operation's output as the service's SDK hands it on, where that is not what the response says. */
  handOn?(operation: string, output: Record<string, unknown>): Record<string, unknown>;
}

/** A client package of the SDK. */
class PackagedModule implements SdkModule {
  private readonly base: { prototype: object } | undefined;
  private readonly clientClass: Constructor<SdkClient, object>;

  constructor(private readonly exports: ClientPackage) {
    const named = (pattern: RegExp) => Object.keys(exports).find((name) => pattern.test(name)) ?? "";
    this.base = exports[named(/ServiceException$/)] as typeof this.base;
    this.clientClass = exports[named(/^[A-Z]\w*Client$/)] as typeof this.clientClass;
  }

  error(name: string): string | undefined {
    const found = Object.hasOwn(this.exports, name) ? (this.exports[name] as { prototype?: unknown }) : undefined;
    return found?.prototype instanceof Object && this.isError(found.prototype) ? name : undefined;
  }

  private isError(prototype: object): boolean {
    return this.base !== undefined && Object.prototype.isPrototypeOf.call(this.base.prototype, prototype);
  }

  command(operation: string): Constructor<SdkCommand, object> | undefined {
    const name = `${operation}Command`;
    return Object.hasOwn(this.exports, name) ? (this.exports[name] as Constructor<SdkCommand, object>) : undefined;
  }

  operations(): string[] {
    return Object.keys(this.exports).flatMap((name) => /^([A-Z]\w*)Command$/.exec(name)?.[1] ?? []);
  }

  newClient(configuration: object): SdkClient {
    return new this.clientClass(configuration);
  }

  get serviceId(): string {
    return this.newClient({ region: "us-east-1" }).config.serviceId;
  }
}

const modules = new Map<string, Promise<SdkModule | undefined>>();

/** What is known of a service, by its name in `aws-sdk` resources; undefined when AWS has no such service. */
export function sdkModule(service: string): Promise<SdkModule | undefined> {
  const module = modules.get(service) ?? load(service);
  modules.set(service, module);
  return module;
}

async function load(service: string): Promise<SdkModule | undefined> {
  if (Object.hasOwn(CLIENTS, service)) {
    const exports = await CLIENTS[service]?.();
    return exports && new PackagedModule(exports);
  }
  const { modelledModule } = await import("./models/module.js");
  return modelledModule(service);
}
