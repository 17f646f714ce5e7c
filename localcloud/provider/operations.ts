// The life of a resource by its descriptor: check, diff, create, read, update, delete, and functions. Values here are plain; what
// travels on the wire and which session acts is the server's.
import { type Checked, checkInputs } from "./check.js";
import type { Context, FunctionDescriptor, ResourceDescriptor } from "./descriptor.js";
import { diffResource, type ResourceDiff } from "./diff.js";
import { explain, isNotFound, OperationError } from "./errors.js";
import { type NamingRequest, nameInputs } from "./naming.js";
import { rootOf } from "./paths.js";
import { type Property, text } from "./properties.js";
import type { Session } from "./session.js";
import { importedInputs, previewCreate, previewUpdate, refreshedInputs, settle } from "./state.js";
import { withDefaultTags } from "./tags.js";
import { DEFAULTS, hasUnknown, isRecord, UNKNOWN, type Values } from "./wire.js";

/** What an operation leaves: `undefined` where the thing is gone. */
export interface Outcome {
  id: string;
  state: Values;
  inputs: Values;
  /** Why it is not as it should be, although it is there: the engine keeps the resource and reports this. */
  failure?: Error;
}

const REGION: Property = text({ computed: true, replace: true });

/** A descriptor with the properties that the core adds. */
export function complete(descriptor: ResourceDescriptor): ResourceDescriptor {
  if (descriptor.global) return descriptor;
  return { ...descriptor, properties: { ...descriptor.properties, region: REGION } };
}

/** Checks inputs, fills in names and the provider's default tags. */
export function check(
  descriptor: ResourceDescriptor,
  session: Session,
  request: { inputs: Values; secrets: ReadonlySet<string>; old: Values; naming: NamingRequest },
): Checked {
  const { properties } = descriptor;
  const { [DEFAULTS]: _, ...given } = request.inputs;
  const tagged = properties.tags ? withDefaultTags(given, session.configuration.defaultTags?.tags) : given;
  const named = nameInputs(properties, tagged, request.old, request.naming);
  const { [DEFAULTS]: defaults, ...candidate } = named;
  const { inputs, failures } = checkInputs(properties, candidate, request.secrets);
  if (failures.length === 0) failures.push(...(descriptor.check?.(inputs) ?? []));
  return { inputs: { ...inputs, [DEFAULTS]: defaults }, failures };
}

/** Compares, with the provider's region standing in where the inputs name none; changes within `ignored` paths do not count. */
export function diff(
  descriptor: ResourceDescriptor,
  session: Session,
  state: Values,
  inputs: Values,
  ignored: readonly string[],
): ResourceDiff {
  const wanted = descriptor.global ? inputs : { ...inputs, region: inputs.region ?? session.region };
  return diffResource(descriptor, state, wanted, ignored);
}

/** The expected state of a creation or of an update of `old`. */
export function preview(descriptor: ResourceDescriptor, session: Session, inputs: Values, old?: Values): Values {
  const expected = old ? previewUpdate(descriptor, old, inputs) : previewCreate(descriptor, inputs);
  if (!descriptor.global && (expected.region === UNKNOWN || expected.region === undefined))
    expected.region = session.region;
  return expected;
}

/** Makes the thing and reads it. If it exists but something failed after that, the outcome tells. */
export async function create(
  descriptor: ResourceDescriptor,
  session: Session,
  context: Context,
  name: string,
  inputs: Values,
): Promise<Outcome> {
  let id: string | undefined;
  try {
    const creation = session.createContext(context, name, (created) => {
      id = created;
    });
    id = await descriptor.create(resolve(descriptor, inputs), creation);
    return { id, state: await readBack(descriptor, context, id, inputs), inputs };
  } catch (error) {
    const failure = new OperationError("creating", descriptor.type, name, error);
    if (id === undefined) throw failure;
    return {
      id,
      state: await lastKnown(descriptor, context, id, inputs, previewCreate(descriptor, inputs)),
      inputs,
      failure,
    };
  }
}

/** Changes the thing in place and reads it. A change that failed half-way leaves the state that AWS then has. */
export async function update(
  descriptor: ResourceDescriptor,
  context: Context,
  id: string,
  old: Values,
  inputs: Values,
): Promise<Outcome> {
  try {
    const { changes } = diffResource(descriptor, old, inputs);
    const changed = new Set(changes.map(({ path }) => rootOf(path)));
    await descriptor.update?.(
      { id, old, inputs: resolve(descriptor, inputs), changes: (...names) => names.some((each) => changed.has(each)) },
      context,
    );
    return { id, state: await readBack(descriptor, context, id, inputs), inputs };
  } catch (error) {
    const failure = new OperationError("updating", descriptor.type, id, error);
    return { id, state: await lastKnown(descriptor, context, id, old, old), inputs, failure };
  }
}

/** Reads the thing: for a refresh, with what is known of it, or for an import, with nothing. `undefined`: it is gone. */
export async function read(
  descriptor: ResourceDescriptor,
  context: Context,
  id: string,
  known: { state: Values; inputs: Values | undefined },
): Promise<Outcome | undefined> {
  const isImport = known.inputs === undefined;
  const found = await readUnlessGone(descriptor, context, id, known.state).catch((error: unknown) => {
    throw new OperationError("reading", descriptor.type, id, error);
  });
  if (!found) return undefined;
  const state = withRegion(descriptor, context, settle(descriptor.properties, known.state, found));
  const inputs = known.inputs ? refreshedInputs(descriptor, known.inputs, state) : importedInputs(descriptor, state);
  if (isImport && context.region && !descriptor.global && known.state.region !== undefined)
    inputs.region = context.region;
  const actualId = typeof found.id === "string" ? found.id : id;
  delete state.id;
  return { id: actualId, state, inputs };
}

/** Removes the thing; one that is gone already is removed. */
export async function remove(
  descriptor: ResourceDescriptor,
  context: Context,
  id: string,
  state: Values,
): Promise<void> {
  try {
    await descriptor.delete(id, state, context);
  } catch (error) {
    if (!isGone(descriptor, error)) throw new OperationError("deleting", descriptor.type, id, error);
  }
}

/** Runs a function. @throws when an argument is wrong, naming it. */
export async function invoke(
  descriptor: FunctionDescriptor,
  context: Context,
  given: { values: Values; secrets: ReadonlySet<string> },
): Promise<Values | Checked["failures"]> {
  const properties = descriptor.global ? descriptor.properties : { ...descriptor.properties, region: REGION };
  const { inputs, failures } = checkInputs(properties, given.values, given.secrets);
  if (failures.length > 0) return failures;
  try {
    return await descriptor.run(withDefaults(properties, inputs), context);
  } catch (error) {
    throw new Error(`${descriptor.token}: ${explain(error)}`, { cause: error });
  }
}

function isGone(descriptor: ResourceDescriptor, error: unknown): boolean {
  return isNotFound(error) || (error instanceof Error && descriptor.isGone?.(error) === true);
}

/** Inputs with defaults, as AWS calls need them. */
function resolve(descriptor: ResourceDescriptor, inputs: Values): Values {
  if (hasUnknown(inputs)) throw new Error("an input is still unknown, although this is not a preview");
  return withDefaults(descriptor.properties, inputs);
}

function withDefaults(properties: ResourceDescriptor["properties"], inputs: Values): Values {
  const result: Values = {};
  for (const [name, property] of Object.entries(properties)) {
    if (property.output) continue;
    const value = fillDefaults(property, inputs[name] ?? property.default);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function fillDefaults(property: Property, value: unknown): unknown {
  const { item } = property;
  if (item && Array.isArray(value)) return value.map((each) => fillDefaults(item, each));
  if (property.kind === "object" && isRecord(value)) return withDefaults(property.properties ?? {}, value);
  return value;
}

/**
 * The state right after a change. What was just made may not be visible everywhere yet, and what was just changed may still be
 * told as it was: so it is read until it agrees with the inputs, but not for long, since AWS may see a value its own way.
 */
async function readBack(descriptor: ResourceDescriptor, context: Context, id: string, inputs: Values): Promise<Values> {
  let firstSeenAt: number | undefined;
  return await context.waitFor(
    `${descriptor.type} ${id} to be readable after the change`,
    async () => {
      const found = await readUnlessGone(descriptor, context, id, inputs);
      if (!found) return undefined;
      const { id: _, ...settled } = settle(descriptor.properties, inputs, found);
      const state = withRegion(descriptor, context, settled);
      firstSeenAt ??= performance.now();
      const isPatient = performance.now() - firstSeenAt < AGREEMENT_SECONDS * 1000;
      return isPatient && diffResource(descriptor, state, inputs).changes.length > 0 ? undefined : state;
    },
    READ_BACK_SECONDS,
  );
}

const READ_BACK_SECONDS = 60;
const AGREEMENT_SECONDS = 10;

async function readUnlessGone(descriptor: ResourceDescriptor, context: Context, id: string, known: Values) {
  try {
    return await descriptor.read(id, context, known);
  } catch (error) {
    if (isGone(descriptor, error)) return undefined;
    throw error;
  }
}

/** The state of a thing that a failed operation left, or what was expected of it where it cannot even be read. */
async function lastKnown(
  descriptor: ResourceDescriptor,
  context: Context,
  id: string,
  known: Values,
  fallback: Values,
): Promise<Values> {
  const found = await descriptor.read(id, context, known).catch(() => undefined);
  const { id: _, ...state } = found ? settle(descriptor.properties, known, found) : fallback;
  const readable = Object.entries(state).filter(([, value]) => !hasUnknown(value));
  return withRegion(descriptor, context, Object.fromEntries(readable));
}

function withRegion(descriptor: ResourceDescriptor, context: Context, state: Values): Values {
  return descriptor.global ? state : { ...state, region: context.region };
}

/** Names of the state's properties that are secret: always, or because the inputs or the state before had them so. */
export function secretNames(descriptor: ResourceDescriptor, ...marked: ReadonlySet<string>[]): Set<string> {
  const secrets = new Set(marked.flatMap((names) => [...names]));
  for (const [name, property] of Object.entries(descriptor.properties)) if (property.sensitive) secrets.add(name);
  if (secrets.has("tags") || secrets.has("tagsAll")) secrets.add("tags").add("tagsAll");
  return secrets;
}
