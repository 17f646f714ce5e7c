// The strategy Legacy, awsx's default: within each availability zone private subnets come first, then public, then isolated ones.
// Where a block would begin is counted from the last block of the type before, as if all of one type had one size; a block
// that would overlap the one before it moves behind that.
import { type Block, blockAt, blockFrom, endOf, overlaps, sizeOf } from "../ipv4.js";
import type { SubnetSpec, SubnetType } from "./spec.js";

/** Smallest prefix length (largest subnet) that each type gets by itself. */
const LARGEST: readonly (readonly [SubnetType, number])[] = [
  ["Private", 19],
  ["Public", 20],
  ["Isolated", 24],
];

/** A spec with its block. */
export interface Placed {
  spec: SubnetSpec;
  block: Block;
}

/** The subnets of a zone for which no specs were given: private in its first half, public in the quarter after it. */
export function placeDefault(zone: Block): Placed[] {
  const privateBlock = { start: zone.start, prefix: zone.prefix + 1 };
  const publicBlock = { start: endOf(privateBlock), prefix: zone.prefix + 2 };
  return [
    { spec: { type: "Private" }, block: privateBlock },
    { spec: { type: "Public" }, block: publicBlock },
  ];
}

/** The subnets of a zone, in the order of the strategy. `Unused` specs play no part. */
export function placeLegacy(zone: Block, specs: readonly SubnetSpec[]): Placed[] {
  // A lone subnet may take the whole zone; otherwise half of it at most.
  const fallback = zone.prefix + (specs.length === 1 ? 0 : 1);
  const placed: Placed[] = [];
  for (const [type, largest] of LARGEST) {
    const before = placed.at(-1)?.block;
    const origin = before ? endOf(before) : zone.start;
    specs
      .filter((spec) => spec.type === type)
      .forEach((spec, at) => {
        const prefix = spec.cidrMask ?? Math.max(fallback, largest);
        const block = blockAt(origin + at * sizeOf(prefix), prefix);
        const previous = placed.at(-1)?.block;
        const clashes = previous ? overlaps(previous, block) : block.start < zone.start;
        placed.push({ spec, block: clashes ? blockFrom(previous ? endOf(previous) : zone.start, prefix) : block });
      });
  }
  return placed;
}
