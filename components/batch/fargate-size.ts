// Which vCPU and memory go together on Fargate.

/** What a job gets. */
export interface FargateSize {
  /** 0.25, 0.5, 1, 2, 4, 8 or 16. */
  vcpus: number;
  memoryMiB: number;
}

const GiB = 1024;

/** vCPU → memory, MiB: smallest, largest, step ("Fargate task definition considerations", Amazon ECS Developer Guide). */
const MEMORY: ReadonlyMap<number, readonly [smallest: number, largest: number, step: number]> = new Map([
  [0.25, [512, 2 * GiB, 512]],
  [0.5, [1 * GiB, 4 * GiB, 1 * GiB]],
  [1, [2 * GiB, 8 * GiB, 1 * GiB]],
  [2, [4 * GiB, 16 * GiB, 1 * GiB]],
  [4, [8 * GiB, 30 * GiB, 1 * GiB]],
  [8, [16 * GiB, 60 * GiB, 4 * GiB]],
  [16, [32 * GiB, 120 * GiB, 8 * GiB]],
]);

/** The memory sizes, MiB, that `vcpus` can have; empty when Fargate has no such vCPU. */
export function memorySizes(vcpus: number): number[] {
  const [smallest, largest, step] = MEMORY.get(vcpus) ?? [0, -1, 1];
  // 0.25 vCPU is the odd one out: 512, 1024 and 2048, but not 1536.
  return Array.from({ length: Math.floor((largest - smallest) / step) + 1 }, (_, at) => smallest + at * step).filter(
    (size) => !(vcpus === 0.25 && size === 1536),
  );
}

/**
 * Refuses a pair that Fargate does not have, before AWS does.
 *
 * @throws naming the job definition and the sizes that would do
 */
export function checkFargateSize(name: string, { vcpus, memoryMiB }: FargateSize): void {
  const sizes = memorySizes(vcpus);
  if (sizes.length === 0)
    throw new Error(`${name}: Fargate has no ${vcpus} vCPU; it has ${[...MEMORY.keys()].join(", ")}`);
  if (!sizes.includes(memoryMiB))
    throw new Error(`${name}: Fargate has no ${memoryMiB} MiB for ${vcpus} vCPU; it has ${sizes.join(", ")}`);
}
