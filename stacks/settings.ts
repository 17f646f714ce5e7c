// What the settings of all systems share: the overrides' way into them, and values that several have.
import { z } from "zod";

/** A region, as a setting. */
export const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-central-1");

/** The periods that CloudWatch Logs knows, days ("PutRetentionPolicy", CloudWatch Logs API Reference). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** How long a log is kept, as a setting. */
export const logRetentionDays = z.union(
  RETENTION_DAYS.map((value) => z.literal(value)) as [z.ZodLiteral<number>, z.ZodLiteral<number>],
);

/** `above` laid over `below`, key by key; lists and plain values are replaced. */
export function overlaid(below: unknown, above: unknown): unknown {
  if (!isRecord(below) || !isRecord(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in above ? overlaid(below[key], above[key]) : below[key]]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
