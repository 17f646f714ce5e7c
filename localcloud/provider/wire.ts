// Property values as they travel between engine and provider, to and from plain JavaScript values. Secrets, unknowns, assets
// and output values are marked maps or strings on the wire (the SDK's runtime/rpc names the marks).
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { Asset } from "./properties.js";
import { structs } from "./protobuf.js";

/** A value that a preview does not know yet. */
export const UNKNOWN = Symbol("unknown");

export function isKnown(value: unknown): boolean {
  return value !== UNKNOWN;
}

/** Whether a value is, or has in it, something unknown. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isRecord(value)) return Object.values(value).some(hasUnknown);
  return false;
}

export type Values = Record<string, unknown>;

export function isRecord(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Decoded properties; `secrets` names the top-level properties that are secret, or have something secret in them. */
export interface Decoded {
  values: Values;
  secrets: Set<string>;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine's marks of unknown values, one per kind of value. */
const UNKNOWN_MARKS: ReadonlySet<unknown> = new Set([
  UNKNOWN_TEXT,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Decodes a request's properties. Nulls are left out, as absent. */
export function decode(struct: Struct | undefined): Decoded {
  const values: Values = {};
  const secrets = new Set<string>();
  for (const [name, raw] of Object.entries(struct?.toJavaScript() ?? {})) {
    const value = decodeValue(raw, () => secrets.add(name));
    if (value !== undefined) values[name] = value;
  }
  return { values, secrets };
}

function decodeValue(raw: unknown, onSecret: () => void): unknown {
  if (raw === null || raw === undefined) return undefined;
  if (UNKNOWN_MARKS.has(raw)) return UNKNOWN;
  if (Array.isArray(raw)) return raw.map((item) => decodeValue(item, onSecret));
  if (!isRecord(raw)) return raw;
  switch (raw[SIGNATURE]) {
    case SECRET:
      onSecret();
      return decodeValue(raw.value, onSecret);
    case OUTPUT:
      if (raw.secret === true) onSecret();
      return "value" in raw ? decodeValue(raw.value, onSecret) : UNKNOWN;
    case RESOURCE:
      return decodeValue(raw.id ?? raw.urn, onSecret) ?? UNKNOWN;
    case ASSET:
    case ARCHIVE:
      return decodeAsset(raw, onSecret);
    case undefined:
      return decodeRecord(raw, onSecret);
    default:
      throw new Error(`a property value bears the unknown mark ${String(raw[SIGNATURE])}`);
  }
}

function decodeRecord(raw: Values, onSecret: () => void): Values {
  const values: Values = {};
  for (const [name, member] of Object.entries(raw)) {
    // The official provider notes in nested objects too which values were defaults; an existing state may carry that.
    const value = name === DEFAULTS ? undefined : decodeValue(member, onSecret);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** The input that names the properties whose values the provider chose, as the official provider has it in its state. */
export const DEFAULTS = "__defaults";

/** An asset or archive, decoded. */
export class WireAsset implements Asset {
  constructor(
    readonly archive: boolean,
    readonly hash: string | undefined,
    readonly text: string | undefined,
    readonly path: string | undefined,
    readonly uri: string | undefined,
    readonly assets: Readonly<Record<string, WireAsset>> | undefined,
  ) {}
}

function decodeAsset(raw: Values, onSecret: () => void): WireAsset {
  const text = (name: string) => (typeof raw[name] === "string" && raw[name] !== "" ? raw[name] : undefined);
  const isArchive = raw[SIGNATURE] === ARCHIVE;
  const members = isRecord(raw.assets) ? raw.assets : undefined;
  const assets = members && Object.entries(members).map(([name, member]) => [name, decodeValue(member, onSecret)]);
  return new WireAsset(
    isArchive,
    text("hash"),
    // An empty text is a content, too.
    !isArchive && typeof raw.text === "string" && !text("path") && !text("uri") ? raw.text : undefined,
    text("path"),
    text("uri"),
    assets && Object.fromEntries(assets),
  );
}

/** Encodes properties for an answer; those named in `secrets` become secrets. Absent values are left out. */
export function encode(values: Values, secrets: ReadonlySet<string> = new Set()): Struct {
  const raw: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const encoded = encodeValue(value);
    raw[name] = secrets.has(name) ? { [SIGNATURE]: SECRET, value: encoded } : encoded;
  }
  return structs.Struct.fromJavaScript(raw as Parameters<typeof structs.Struct.fromJavaScript>[0]);
}

function encodeValue(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(encodeValue);
  if (value instanceof WireAsset) {
    const { archive, ...members } = value;
    return { [SIGNATURE]: archive ? ARCHIVE : ASSET, ...encodeRecord(members) };
  }
  return isRecord(value) ? encodeRecord(value) : value;
}

function encodeRecord(values: Values): Values {
  const raw: Values = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) raw[name] = encodeValue(value);
  return raw;
}
