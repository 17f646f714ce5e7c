// What a run of the sampler says of itself.
import { z } from "zod";

/** Total variation between the training sample, as it is weighted, and the target: half the sum of the cells' differences; 0 the same, 1 nothing in common. */
const distance = z.object({ before: z.number(), after: z.number() });

export const samplingDiagnosticsSchema = z.object({
  cells: z.number(),
  responders: z.number(),
  /** Of `candidates` so many were selected. */
  selected: z.number(),
  candidates: z.number(),
  chains: z.number(),
  /** A sweep proposes as many exchanges as negatives are selected. */
  burnInSweeps: z.number(),
  sweeps: z.number(),
  /** Share of proposed exchanges that were accepted, after the burn-in. */
  acceptance: z.number(),
  /** Of the distance, after the burn-in, by lag in sweeps; mean of the chains. */
  autocorrelation: z.array(z.object({ lag: z.number(), value: z.number() })),
  /** Sweeps that are worth one independent draw. */
  autocorrelationTime: z.number(),
  effectiveSamples: z.number(),
  /** Gelman and Rubin's potential scale reduction of the distance; near 1 when the chains agree. */
  rHat: z.number(),
  /** `before`: with as many negatives drawn at random. Of all dimensions together, and of each alone. */
  distance: z.object({ joint: distance, dimensions: z.record(z.string(), distance) }),
  /** Distance of the first chain at its begin and after each sweep. */
  trace: z.array(z.number()),
});

export type SamplingDiagnostics = z.infer<typeof samplingDiagnosticsSchema>;
