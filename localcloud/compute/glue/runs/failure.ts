// The reason of a failed run, as its ErrorMessage says it: "Error classification", AWS Glue Developer Guide.
import { z } from "zod";

/** What the launcher of scripts leaves behind. */
const Reason = z.object({ category: z.string(), line: z.number().nullable(), message: z.string() });

/** Longest ErrorMessage, characters. */
const LONGEST = 2048;

/**
 * The ErrorMessage of a run whose process has failed.
 *
 * @param reason what the launcher wrote, if it came to that
 * @param isSpark jobs of Spark name category and line, jobs of Python alone the error
 */
export function failureMessage(reason: string | undefined, exitCode: number, isSpark: boolean): string {
  const parsed = reason === undefined ? undefined : Reason.safeParse(JSON.parse(reason)).data;
  if (!parsed) return `Command failed with exit code ${exitCode}`;
  const { category, line, message } = parsed;
  const place = line === null ? "" : `Failed Line Number: ${line}; `;
  return (isSpark ? `Error Category: ${category}; ${place}${message}` : message).slice(0, LONGEST);
}
