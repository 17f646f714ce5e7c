// Arithmetic on IPv4 CIDR blocks. A block is its first address as a number and its prefix length; addresses are kept as
// ordinary numbers (not 32-bit integers), so that the end of 255.255.255.255 is representable.

/** A CIDR block, aligned to its own size. */
export interface Block {
  /** First address, 0 to 2^32 - 1. */
  readonly start: number;
  /** Prefix length, 0 to 32. */
  readonly prefix: number;
}

const ADDRESSES = 2 ** 32;

/** Count of addresses in a block of this prefix length. */
export function sizeOf(prefix: number): number {
  return 2 ** (32 - prefix);
}

/** The prefix length of a block of `size` addresses, or `undefined` when no block has that size. */
export function prefixOf(size: number): number | undefined {
  const prefix = 32 - Math.log2(size);
  return Number.isInteger(prefix) && prefix >= 0 && prefix <= 32 ? prefix : undefined;
}

/** The first address after a block. */
export function endOf(block: Block): number {
  return block.start + sizeOf(block.prefix);
}

/** The block of this prefix length that contains `address`. */
export function blockAt(address: number, prefix: number): Block {
  const size = sizeOf(prefix);
  return { start: Math.floor(address / size) * size, prefix };
}

/** The first block of this prefix length that begins at `address` or later. */
export function blockFrom(address: number, prefix: number): Block {
  const size = sizeOf(prefix);
  return { start: Math.ceil(address / size) * size, prefix };
}

/** `10.0.5.0/16` → the block 10.0.0.0/16: like AWS, bits below the prefix are dropped. @throws when it is not a CIDR. */
export function parseBlock(cidr: string): Block {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = match?.slice(1).map(Number) ?? [];
  const prefix = numbers.pop();
  if (prefix === undefined || prefix > 32 || numbers.some((octet) => octet > 255))
    throw new Error(`"${cidr}" is not an IPv4 CIDR block such as 10.0.0.0/16`);
  return blockAt(
    numbers.reduce((address, octet) => address * 256 + octet, 0),
    prefix,
  );
}

/** 167772160 → `10.0.0.0`. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** A block as text, `10.0.0.0/16`. */
export function formatBlock(block: Block): string {
  return `${formatAddress(block.start)}/${block.prefix}`;
}

/** Whether two blocks have an address in common. */
export function overlaps(left: Block, right: Block): boolean {
  return left.start < endOf(right) && right.start < endOf(left);
}

/** Whether `inner` lies in `outer` completely. */
export function contains(outer: Block, inner: Block): boolean {
  return outer.start <= inner.start && endOf(inner) <= endOf(outer);
}

/** The fewest blocks that cover the addresses from `from` up to, but not including, `to`, in order. */
export function fill(from: number, to: number): Block[] {
  const blocks: Block[] = [];
  let at = from;
  while (at < to) {
    let size = Math.min(ADDRESSES, at === 0 ? ADDRESSES : largestPowerDividing(at));
    while (at + size > to) size /= 2;
    blocks.push({ start: at, prefix: 32 - Math.log2(size) });
    at += size;
  }
  return blocks;
}

function largestPowerDividing(value: number): number {
  let power = 1;
  while (value % (power * 2) === 0) power *= 2;
  return power;
}
