// The order: what a run is asked for, checked and completed by Initialize; every later step goes by it.
import { z } from "zod";

export const orderSchema = z.object({
  title: z.string(),
  hhDate: z.string(),
  windowDays: z.number(),
  seed: z.number(),
  partitions: z.number(),
  /** States whose households are scored, sorted; all states when no list was given. */
  states: z.array(z.string()),
  /** See calendar.ts. */
  calendar: z.object({
    hhDate: z.string(),
    windowDays: z.number(),
    trainDates: z.array(z.string()),
    outcomeKnown: z.boolean(),
  }),
  /** Of the co-operative's data. */
  data: z.object({ digest: z.string(), scale: z.number(), from: z.string(), to: z.string() }),
  /** Households of the states. */
  households: z.number(),
});

export type Order = z.infer<typeof orderSchema>;
