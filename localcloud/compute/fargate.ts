// The sizes of Fargate: "Task CPU and memory", Amazon ECS Developer Guide; ResourceRequirement, AWS Batch API Reference.

const GIB = 1024;

/** MiB from `from` to `to` in steps. */
const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);

/** vCPU → the memory sizes, MiB, that Fargate offers with it. */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [512, GIB, 2 * GIB]],
  [0.5, range(GIB, 4 * GIB, GIB)],
  [1, range(2 * GIB, 8 * GIB, GIB)],
  [2, range(4 * GIB, 16 * GIB, GIB)],
  [4, range(8 * GIB, 30 * GIB, GIB)],
  [8, range(16 * GIB, 60 * GIB, 4 * GIB)],
  [16, range(32 * GIB, 120 * GIB, 8 * GIB)],
]);
