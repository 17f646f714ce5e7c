// What runs of the P2A3 workflows are asked for.
import { z } from "zod";
import { calendarDate } from "../../lib/environment.js";

export const title = z.string().min(1).describe("a department, as in titles.parquet, e.g. GROCERY");

export const hhDate = calendarDate.describe("the day as of which households are looked at, YYYY-MM-DD");

export const states = z
  .array(z.string().regex(/^[a-z]{2}$/, "is not a state's two letters in lower case"))
  .optional()
  .describe("states whose households are taken, e.g. ca,tx,ny; all of them when left out");

/** Of P2A3XGB and P2A3XGB-MCMC. */
export const p2a3Parameters = z.object({
  title,
  hhDate,
  states,
  windowDays: z.number().int().min(1).max(365).default(28).describe("days in which a response counts"),
  partitions: z.number().int().min(1).max(64).default(4).describe("parts in which households are scored"),
  seed: z.number().int().min(0).max(2147483647).default(20171104).describe("of all that is drawn"),
});
export type P2a3Parameters = z.output<typeof p2a3Parameters>;
