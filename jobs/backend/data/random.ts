// Numbers that a key decides: the same household gets the same state, names and visits on every machine, whatever was made before it.

/** A source of numbers between 0 and 1 that starts anew at every key. Not for secrets. */
export class KeyedRandom {
  readonly #purpose: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** @param purpose what the numbers are for: two purposes have nothing to do with each other, even for the same key */
  constructor(purpose: string) {
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(purpose)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#purpose = mix(hash);
    this.key(0);
  }

  /** Starts the numbers of a key. @param values whole numbers from 0 to 2^53 */
  key(...values: number[]): this {
    let hash = this.#purpose;
    for (const value of values)
      hash = mix(mix(hash ^ (value >>> 0)) + Math.imul(Math.floor(value / 2 ** 32) + 1, 0x9e3779b1));
    this.#a = hash;
    this.#b = mix(hash + 0x9e3779b9);
    this.#c = mix(this.#b ^ 0x85ebca6b);
    this.#counter = 1;
    return this;
  }

  /** The next number, from 0 to below 1, in steps of 2^-32 (the generator sfc32). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** One of the items, all equally likely. Throws when there are none. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("There is nothing to pick from");
    return items[this.below(items.length)] as T;
  }
}

/** Spreads the bits of a 32-bit number (the last step of MurmurHash3). */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
