// Variables of a container, parsed once with zod; everything wrong is said in one error that names each variable and its value.
import { z } from "zod";
import { UsageError } from "./errors.js";

/** A day of the calendar, `YYYY-MM-DD`. */
export const calendarDate = z
  .string()
  .refine(isCalendarDate, { error: "is not a day of the calendar, written YYYY-MM-DD" });

/** `true`, `1`, `yes`, `on` or their opposites, in any case. */
export const flag = z.string().transform((text, context) => {
  const value = text.toLowerCase();
  if (["true", "1", "yes", "on"].includes(value)) return true;
  if (["false", "0", "no", "off"].includes(value)) return false;
  context.addIssue("is neither true nor false");
  return z.NEVER;
});

/** A whole number from 1. */
export const count = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, "is not a whole number from 1")
  .transform(Number);

/** A number above 0, in decimal. */
export const amount = z
  .string()
  .regex(/^\d+(\.\d+)?$/, "is not a number")
  .transform(Number)
  .refine((value) => value > 0, "is not above 0");

/**
 * Parses the variables that `schema` names; a variable with an empty text counts as not set.
 * @throws UsageError naming every variable with a wrong value, and the value
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  variables: Record<string, string | undefined>,
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => (variables[name]?.trim() ? [[name, variables[name]?.trim()]] : [])),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name}=${given[name] ?? ""} ${message}`;
  });
  throw new UsageError(`Wrong environment: ${wrong.join("; ")}`);
}

function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
