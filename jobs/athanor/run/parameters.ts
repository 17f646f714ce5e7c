// Parameters of a run, parsed once by the workflow's schema; everything wrong is said in one error.
import { UsageError } from "../../lib/errors.js";
import type { Workflow } from "../workflow.js";

/**
 * Parses the input of a run.
 * @param called how a parameter is called where the input comes from, e.g. `--hh-date`
 * @throws UsageError naming every parameter with a wrong value, and the value
 */
export function parseParameters<P>(
  workflow: Workflow<P>,
  input: Record<string, unknown>,
  called: (name: string) => string = (name) => name,
): P {
  const parsed = workflow.parameters.safeParse(input);
  if (parsed.success) return parsed.data as P;
  const wrong = parsed.error.issues.map(({ path, message, code, ...issue }) => {
    if (code === "unrecognized_keys") return `there is no ${(issue as { keys?: string[] }).keys?.join(", ")}`;
    const name = String(path[0] ?? "");
    const value = input[name];
    if (value === undefined) return `${called(name)} is missing`;
    return `${called(name)}=${typeof value === "string" ? value : JSON.stringify(value)}: ${message}`;
  });
  throw new UsageError(`Wrong parameters of ${workflow.name}: ${wrong.join("; ")}`);
}

/**
 * The input in RUN_INPUT.
 * @throws UsageError when the text is no JSON object
 */
export function parseInput(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`The run's input is not JSON (${(cause as Error).message}): ${text.slice(0, 200)}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(`The run's input is not a JSON object: ${text.slice(0, 200)}`);
  return value as Record<string, unknown>;
}
