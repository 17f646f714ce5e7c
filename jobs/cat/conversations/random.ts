// Numbers that look like chance and are the same for the same seed, on every machine.

export interface Random {
  /** From 0 up to, but without, 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(values: readonly T[]): T;
  /** True in this share of cases. */
  chance(share: number): boolean;
}

/** A generator for the how manieth thing of a series: each can be made without those before it. */
export function randomOf(seed: number, index: number): Random {
  let state = mixed(mixed(seed | 0) ^ mixed((index + 0x9e3779b9) | 0));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    return mixed(state) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick: (values) => values[between(0, values.length - 1)] as (typeof values)[number],
    chance: (share) => next() < share,
  };
}

/** 32 bits well mixed (a finalizer of the Murmur kind), as an unsigned number. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
