// Names for what the program leaves unnamed: `<logical name>-<7 hex digits>`, as the official provider makes them. The digits come
// from the engine's seed, so that a preview and the update after it agree; an update keeps the name that was made before.
import { createHash, randomBytes } from "node:crypto";
import type { AutoName, Properties } from "./properties.js";
import { DEFAULTS, type Values } from "./wire.js";

/** What the engine says about naming in a Check request. */
export interface NamingRequest {
  /** The resource's logical name. */
  name: string;
  /** From the engine; empty when it gives none. */
  seed: Uint8Array;
  /** The project's `pulumi:autonaming` setting: no names of our own, or a name that it proposes or demands. */
  configured?: { mode: "disable" } | { mode: "propose" | "enforce"; proposedName: string };
}

const DIGITS = 7;

/**
 * Fills in the name that the program left out, and notes in `__defaults` that it was made.
 *
 * @param old the inputs of the resource as it is, whose made name is kept; empty for a new one or a replacement
 */
export function nameInputs(properties: Properties, inputs: Values, old: Values, request: NamingRequest): Values {
  const defaults: string[] = [];
  const named: Values = { ...inputs };
  const wasMade = Array.isArray(old[DEFAULTS]) ? old[DEFAULTS] : [];
  for (const [property, { autoName }] of Object.entries(properties)) {
    if (!autoName || inputs[property] !== undefined) continue;
    const prefixed = autoName.prefixFrom ? inputs[autoName.prefixFrom] : undefined;
    if (prefixed !== undefined && typeof prefixed !== "string") continue;
    if (wasMade.includes(property) && old[property] !== undefined && prefixed === oldPrefix(autoName, old)) {
      named[property] = old[property];
    } else {
      const name = makeName(autoName, inputs, request, prefixed);
      if (name === undefined) continue;
      named[property] = name;
    }
    defaults.push(property);
  }
  return { ...named, [DEFAULTS]: defaults };
}

function oldPrefix(autoName: AutoName, old: Values): unknown {
  return autoName.prefixFrom ? old[autoName.prefixFrom] : undefined;
}

function makeName(autoName: AutoName, inputs: Values, request: NamingRequest, prefix?: string): string | undefined {
  const suffix = autoName.suffix?.(inputs) ?? "";
  const spell = (name: string) => (autoName.lower ? name.toLowerCase() : name);
  const { configured } = request;
  if (prefix === undefined && configured) {
    if (configured.mode === "disable") return undefined;
    return spell(configured.proposedName.endsWith(suffix) ? configured.proposedName : configured.proposedName + suffix);
  }
  if (autoName.exact) return spell(request.name.slice(0, autoName.max));
  const digits = hexDigits(request, DIGITS);
  const start = prefix ?? `${request.name}-`;
  const room = autoName.max - DIGITS - suffix.length;
  // A logical name that is too long is cut, but its last character stays the separator.
  const cut = start.length <= room ? start : `${start.slice(0, room - 1)}-`;
  return spell(`${cut}${digits}${suffix}`);
}

function hexDigits(request: NamingRequest, count: number): string {
  const bytes =
    request.seed.length === 0
      ? randomBytes(32)
      : createHash("sha256").update(request.seed).update(request.name).digest();
  return bytes.toString("hex").slice(0, count);
}
