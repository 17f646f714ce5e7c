// IPv4 blocks, as far as a VPC needs them.

/** An IPv4 block: its first address as a number, and how many bits of it are fixed. */
export interface Cidr {
  readonly address: number;
  readonly prefix: number;
}

/** A VPC's block has between 16 and 28 fixed bits, a subnet's too ("VPC CIDR blocks", Amazon VPC User Guide). */
const LARGEST_PREFIX = 28;
const SMALLEST_PREFIX = 16;

const PRIVATE_BLOCKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseCidr);

/** Reads `10.0.0.0/16`. @throws when it is not a block, or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [first, second, third, fourth, prefix] = (match ?? []).slice(1).map(Number) as number[];
  if (
    first === undefined ||
    second === undefined ||
    third === undefined ||
    fourth === undefined ||
    prefix === undefined ||
    [first, second, third, fourth].some((part) => part > 255) ||
    prefix > 32
  )
    throw new Error(`'${text}' is not an IPv4 block such as 10.0.0.0/16`);
  const address = ((first * 256 + second) * 256 + third) * 256 + fourth;
  if (address % sizeOf({ address, prefix }) !== 0)
    throw new Error(`'${text}' has bits set behind its prefix; the block is ${formatCidr(blockOf(address, prefix))}`);
  return { address, prefix };
}

/** How many addresses a block has. */
export function sizeOf(block: Cidr): number {
  return 2 ** (32 - block.prefix);
}

export function formatCidr({ address, prefix }: Cidr): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${parts.join(".")}/${prefix}`;
}

/** Whether `outer` holds the whole of `inner`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.prefix <= inner.prefix &&
    inner.address >= outer.address &&
    inner.address + sizeOf(inner) <= outer.address + sizeOf(outer)
  );
}

/**
 * Checks a VPC's block: private addresses (RFC 1918), a size that AWS takes, and room for `subnets` subnets of equal size.
 *
 * @returns the prefix that each of the subnets can have at least
 * @throws naming the block and what is wrong with it
 */
export function checkVpcCidr(text: string, subnets: number): number {
  const block = parseCidr(text);
  if (block.prefix < SMALLEST_PREFIX || block.prefix > LARGEST_PREFIX)
    throw new Error(`A VPC's block has a prefix from /${SMALLEST_PREFIX} to /${LARGEST_PREFIX}, '${text}' has not`);
  if (!PRIVATE_BLOCKS.some((allowed) => contains(allowed, block)))
    throw new Error(`'${text}' is not in the private ranges ${PRIVATE_BLOCKS.map(formatCidr).join(", ")}`);
  const prefix = block.prefix + Math.ceil(Math.log2(Math.max(subnets, 1)));
  if (prefix > LARGEST_PREFIX)
    throw new Error(`'${text}' has no room for ${subnets} subnets of at least /${LARGEST_PREFIX}`);
  return prefix;
}

function blockOf(address: number, prefix: number): Cidr {
  const size = 2 ** (32 - prefix);
  return { address: Math.floor(address / size) * size, prefix };
}
