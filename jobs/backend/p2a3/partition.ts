// Cutting rows that lie in several files into equal parts. Pure.
import { z } from "zod";

const slice = z.object({ state: z.string(), from: z.number(), rows: z.number() });
/** Rows of a state's file, `from` (counted from 0) and the following. */
export type Slice = z.infer<typeof slice>;

export const partitionPlanSchema = z.object({
  rows: z.number(),
  states: z.array(z.object({ state: z.string(), rows: z.number() })),
  partitions: z.array(z.object({ rows: z.number(), slices: z.array(slice) })),
});
export type PartitionPlan = z.infer<typeof partitionPlanSchema>;

/**
 * Cuts the states' rows, one state after the other, into `count` parts whose sizes differ by one row at most; every row is in
 * exactly one part. A part is empty when there are fewer rows than parts.
 */
export function planPartitions(states: readonly { state: string; rows: number }[], count: number): PartitionPlan {
  const total = states.reduce((sum, { rows }) => sum + rows, 0);
  const edge = (index: number) => Math.floor((total * index) / count);
  const partitions = Array.from({ length: count }, (_, index) => {
    const [first, end] = [edge(index), edge(index + 1)];
    let passed = 0;
    const slices = states.flatMap(({ state, rows }) => {
      const begin = passed;
      passed += rows;
      const from = Math.max(first, begin);
      const to = Math.min(end, passed);
      return from < to ? [{ state, from: from - begin, rows: to - from }] : [];
    });
    return { rows: end - first, slices };
  });
  return { rows: total, states: [...states], partitions };
}
