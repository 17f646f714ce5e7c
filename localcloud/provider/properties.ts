// The vocabulary in which a descriptor declares its resource's properties. One declaration serves every rule of the provider:
// what Check accepts, what Diff compares and replaces, what a preview leaves unknown, what is secret, what GetSchema says.

/** What any property can say about itself. */
export interface PropertyOptions<T> {
  /** The program must give it. */
  required?: boolean;
  /** What holds when the program leaves it out. */
  default?: T;
  /** May be left out, and AWS then chooses: leaving it out never is a change. */
  computed?: boolean;
  /** A change replaces the resource. */
  replace?: boolean;
  /** Kept as a secret in the state, always. */
  sensitive?: boolean;
  /** AWS does not give it back (or it only steers the provider): the state keeps what the program gave. */
  unread?: boolean;
  /** The only values allowed. */
  values?: readonly string[];
  /** Smallest length (text), number or count of items allowed. */
  min?: number;
  /** Greatest length (text), number or count of items allowed. */
  max?: number;
  /** Further rule: says what is wrong with a value, or nothing. */
  check?(value: T): string | undefined;
  /** Whether two values mean the same to AWS; by default they are compared by kind. */
  equals?(left: T, right: T): boolean;
  /** How a name is made where the program gives none. */
  autoName?: AutoName;
}

/** How a resource's name is made from its logical name: `<name>-<7 hex digits>`. */
export interface AutoName {
  /** Greatest length, in characters. */
  max: number;
  /** The logical name itself, without digits. */
  exact?: boolean;
  /** AWS allows small letters only. */
  lower?: boolean;
  /** Ending that AWS wants, by the other inputs, e.g. `.fifo`. */
  suffix?: (inputs: Record<string, unknown>) => string;
  /** Other properties that, when given, make the name (e.g. `namePrefix`, which precedes an own random part). */
  prefixFrom?: string;
}

export type Kind = "text" | "number" | "flag" | "json" | "list" | "set" | "map" | "object" | "asset" | "any";

/** A declared property. `T` is its value in TypeScript, `R` whether that value is always there. */
export interface Property<T = unknown, R extends boolean = boolean> extends PropertyOptions<T> {
  readonly kind: Kind;
  /** Set by AWS or the provider only; a program cannot give it. */
  readonly output?: boolean;
  /** An output that an update may change: unknown in the preview of one. */
  readonly volatile?: boolean;
  /** Of a list, set or map. */
  readonly item?: Property;
  /** Of an object. */
  readonly properties?: Properties;
  /** Whole numbers only. */
  readonly integer?: boolean;
  /** Never set: carries the types. */
  readonly type?: { value: T; present: R };
}

export type Properties = { readonly [name: string]: Property };

type Present<O> = O extends { required: true } ? true : O extends { default: unknown } ? true : false;

/** The value of a property, in TypeScript. */
export type Value<P> = P extends { type?: { value: infer T; present: boolean } } ? T : never;

type PresentKeys<S extends Properties> = {
  [K in keyof S]: S[K] extends { type?: { value: unknown; present: true } } ? K : never;
}[keyof S];

/** The checked inputs (or a nested object's fields): required and defaulted properties are there, others may be. */
export type Inputs<S extends Properties> = { [K in PresentKeys<S>]: Value<S[K]> } & {
  [K in Exclude<keyof S, PresentKeys<S>>]?: Value<S[K]>;
};

/** What the state of a resource holds: inputs as AWS has them, and outputs. */
export type State<S extends Properties> = { [K in keyof S]?: Value<S[K]> };

/** A string. */
export function text<const O extends PropertyOptions<string>>(options?: O): Property<string, Present<O>> {
  return { kind: "text", ...options } as Property<string, Present<O>>;
}

/** A number; `integer` unless said otherwise. */
export function number<const O extends PropertyOptions<number> & { integer?: boolean }>(
  options?: O,
): Property<number, Present<O>> {
  return { kind: "number", integer: true, ...options } as unknown as Property<number, Present<O>>;
}

/** A boolean. */
export function flag<const O extends PropertyOptions<boolean>>(options?: O): Property<boolean, Present<O>> {
  return { kind: "flag", ...options } as Property<boolean, Present<O>>;
}

/** JSON text, e.g. a policy; an object is taken too and becomes text. Compared by meaning, not by spelling. */
export function json<const O extends PropertyOptions<string>>(options?: O): Property<string, Present<O>> {
  return { kind: "json", ...options } as Property<string, Present<O>>;
}

/** A list whose order matters. */
export function list<T, const O extends PropertyOptions<T[]>>(
  item: Property<T>,
  options?: O,
): Property<T[], Present<O>> {
  return { kind: "list", item, ...options } as unknown as Property<T[], Present<O>>;
}

/** A list whose order means nothing. */
export function set<T, const O extends PropertyOptions<T[]>>(
  item: Property<T>,
  options?: O,
): Property<T[], Present<O>> {
  return { kind: "set", item, ...options } as unknown as Property<T[], Present<O>>;
}

/** Keys of the program's own choice. */
export function map<T, const O extends PropertyOptions<Record<string, T>>>(
  item: Property<T>,
  options?: O,
): Property<Record<string, T>, Present<O>> {
  return { kind: "map", item, ...options } as unknown as Property<Record<string, T>, Present<O>>;
}

/** A nested object. */
export function object<S extends Properties, const O extends PropertyOptions<Inputs<S>>>(
  properties: S,
  options?: O,
): Property<Inputs<S>, Present<O>> {
  return { kind: "object", properties, ...options } as unknown as Property<Inputs<S>, Present<O>>;
}

/** A file, archive or text that the program carries (`pulumi.asset`). */
export function asset<const O extends PropertyOptions<Asset>>(options?: O): Property<Asset, Present<O>> {
  return { kind: "asset", unread: true, ...options } as unknown as Property<Asset, Present<O>>;
}

/** Any JSON value. */
export function any<const O extends PropertyOptions<unknown>>(options?: O): Property<unknown, Present<O>> {
  return { kind: "any", ...options } as Property<unknown, Present<O>>;
}

/** Makes a property an output: AWS sets it, the program cannot. `volatile`: an update may change it. */
export function output<T>(property: Property<T>, options?: { volatile?: boolean }): Property<T, false> {
  return { ...property, output: true, ...options } as Property<T, false>;
}

/** `tags` as the program gives them (with the provider's default tags) and `tagsAll` as AWS has them. */
export const tagged = {
  tags: map(text()),
  tagsAll: output(map(text())),
};

/** A Pulumi asset or archive as it travels: one of path, text or (archives) assets, with its content hash. */
export interface Asset {
  readonly archive: boolean;
  /** SHA-256 of the content, hex, as the engine computed it. */
  readonly hash?: string;
  readonly text?: string;
  /** Local path. */
  readonly path?: string;
  /** URI to fetch. */
  readonly uri?: string;
  /** Members of an archive. */
  readonly assets?: { readonly [name: string]: Asset };
}
