// What a run has given: its manifest, held against what lies in the bucket.
import { z } from "zod";
import { type Found, InvalidOutput } from "./layout.js";

const file = z.object({
  key: z.string(),
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Of a CSV file, below its header. */
  rows: z.int().nonnegative().optional(),
});
const manifestSchema = z.object({ run: z.string(), inputs: z.array(file), outputs: z.array(file).min(1) });

export interface Summary {
  run: string;
  rowsIn: number;
  rowsOut: number;
  bytesOut: number;
  outputs: { key: string; bytes: number; rows?: number }[];
}

/**
 * Sums a run up.
 *
 * @param text of the manifest
 * @param run that the manifest has to be of: an earlier run's is no result of this one
 * @param objects everything below `output/`
 * @throws InvalidOutput when the manifest is none, is another run's, or tells of what is not there
 */
export function summarize(text: string, run: string, objects: readonly Found[]): Summary {
  const manifest = parse(text);
  if (manifest.run !== run)
    throw new InvalidOutput(`The output is that of the run '${manifest.run}', not of '${run}': this one wrote none`);
  const sizes = new Map(objects.map(({ key, bytes }) => [key, bytes]));
  const wrong = manifest.outputs.filter(({ key, bytes }) => sizes.get(key) !== bytes).map(({ key }) => key);
  if (wrong.length > 0)
    throw new InvalidOutput(`The manifest tells of ${wrong.join(", ")}, which is not there as it was written`);
  const rows = (files: readonly { rows?: number }[]) => files.reduce((sum, each) => sum + (each.rows ?? 0), 0);
  return {
    run,
    rowsIn: rows(manifest.inputs),
    rowsOut: rows(manifest.outputs),
    bytesOut: manifest.outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    outputs: manifest.outputs.map(({ sha256: _, ...known }) => known),
  };
}

function parse(text: string): z.output<typeof manifestSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InvalidOutput(`The manifest is no JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) throw new InvalidOutput(`The manifest is none: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
