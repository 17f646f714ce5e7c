// A resource type (or a function) of the provider, described. Everything a type has in common with all others (the protocol,
// validation, naming, diffing, previews, secrets, tags, retries of throttled calls) is the core's; a descriptor says only what
// its properties are and which AWS calls make, read, change and remove the thing.
import type { Inputs, Properties, State } from "./properties.js";

/** A client class of the AWS SDK. */
// biome-ignore lint/suspicious/noExplicitAny: each client class has a configuration type of its own.
export type ClientClass<C> = new (configuration: any) => C;

/** What an operation may use. Everything of it obeys cancellation and the operation's time limit. */
export interface Context {
  /** The resource's region (its `region` property, else the provider's). */
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, by the region. */
  readonly partition: string;
  /** e.g. `amazonaws.com`. */
  readonly dnsSuffix: string;
  /** Endpoint of an AWS-compatible cloud; absent on AWS itself. */
  readonly endpoint?: string;
  /** Aborted when the engine cancels, or the operation's `customTimeouts` have passed. */
  readonly signal: AbortSignal;
  /** The account that the provider acts in, 12 digits. Asked once. */
  accountId(): Promise<string>;
  /**
   * A client of the AWS SDK for the resource's region (or another), shared and kept alive; what it sends ends with `signal`.
   * Throttling and server errors are retried by the client itself.
   */
  client<C extends object>(type: ClientClass<C>, region?: string): C;
  /**
   * Repeats `attempt` with growing pauses (50 ms to 5 s) while it fails with an error that `transient` recognises: for AWS's
   * eventual consistency, e.g. a role that cannot be assumed yet.
   *
   * @throws the last error when `timeoutSeconds` (default 120) have passed or the error is another one.
   */
  retry<T>(attempt: () => Promise<T>, transient: (error: Error) => boolean, timeoutSeconds?: number): Promise<T>;
  /**
   * Asks `probe` with growing pauses (20 ms to 5 s) until it gives a value.
   *
   * @param what what is waited for, for the error, e.g. `table orders to be ACTIVE`
   * @throws when `timeoutSeconds` have passed, naming `what`; or whatever `probe` throws.
   */
  waitFor<T>(what: string, probe: () => Promise<T | undefined>, timeoutSeconds: number): Promise<T>;
}

/** What a creation has besides. */
export interface CreateContext extends Context {
  /** The resource's logical name. */
  readonly name: string;
  /**
   * Tells that the thing exists from now on. If creation fails later on, the resource is kept in the state as it then is, with
   * the failure, so that the next update can finish it or destroy can remove it.
   */
  created(id: string): void;
}

/** One update in place. */
export interface Change<S extends Properties> {
  readonly id: string;
  /** The state before. */
  readonly old: State<S>;
  /** Inputs as they shall be. */
  readonly inputs: Inputs<S>;
  /** Whether one of the named properties changes. */
  changes(...names: (keyof S & string)[]): boolean;
}

/** What is wrong with inputs. */
export interface CheckFailure {
  /** Path of the property, e.g. `rules[0].status`. */
  property: string;
  reason: string;
}

/** One resource type. `resource({…})` makes one, inferring the types of inputs and state from `properties`. */
export interface ResourceDescriptor<S extends Properties = Properties> {
  /** Pulumi's type token, e.g. `aws:s3/bucket:Bucket`. */
  readonly type: string;
  /** Inputs and outputs, named as `@pulumi/aws` names them. `region` is added by the core (unless `global`). */
  readonly properties: S;
  /** A service without regions (IAM, Budgets): the resource has no `region` property. */
  readonly global?: boolean;
  /**
   * Properties that make up the thing's identity in AWS. A replacement that keeps them all must delete first.
   * Default: the property with `autoName`, if any.
   */
  readonly identity?: readonly (keyof S & string)[];
  /** Rules over several properties. A value that a preview does not know yet is the `UNKNOWN` symbol: ask `isKnown` first. */
  check?(inputs: State<S>): CheckFailure[];
  /** Properties whose change, as it is this time, replaces the resource (besides those marked `replace`). */
  replaceWhen?(old: State<S>, inputs: State<S>): (keyof S & string)[];
  /** Makes the thing and returns its id. The state is then read with `read`. */
  create(inputs: Inputs<S>, context: CreateContext): Promise<string>;
  /**
   * Reads everything that the state holds, or `undefined` when the thing is gone (an error that says "not found" means the same).
   *
   * @param known what is known of it: the state before, or the inputs after a change; empty when the thing is imported.
   *   Properties marked `unread` need not be copied from it: the core does.
   * @returns the state; with `id`, where the thing was imported by another id than its own
   */
  read(id: string, context: Context, known: State<S>): Promise<(State<S> & { id?: string }) | undefined>;
  /** Changes the thing in place. Without it, every change replaces. */
  update?(change: Change<S>, context: Context): Promise<void>;
  /** Removes the thing and returns when it is gone. An error that says "not found" is success. */
  delete(id: string, state: State<S>, context: Context): Promise<void>;
  /** Whether an error of this service says that the thing is gone, besides the names the core knows (see `isNotFound`). */
  isGone?(error: Error): boolean;
}

/** A function (data source) of the provider. `func({…})` makes one. */
export interface FunctionDescriptor<S extends Properties = Properties> {
  /** Pulumi's token, e.g. `aws:iam/getPolicyDocument:getPolicyDocument`. */
  readonly token: string;
  /** Arguments and (marked `output`) results. */
  readonly properties: S;
  readonly global?: boolean;
  run(args: Inputs<S>, context: Context): Promise<State<S>>;
}

/** What each service's folder exports from its index. */
export interface Service {
  readonly resources: readonly ResourceDescriptor[];
  readonly functions?: readonly FunctionDescriptor[];
}

/** A resource type's descriptor, with the types of its inputs and state inferred from `properties`. */
export function resource<const S extends Properties>(descriptor: ResourceDescriptor<S>): ResourceDescriptor {
  return descriptor as unknown as ResourceDescriptor;
}

/** A function's descriptor, likewise. */
export function func<const S extends Properties>(descriptor: FunctionDescriptor<S>): FunctionDescriptor {
  return descriptor as unknown as FunctionDescriptor;
}
