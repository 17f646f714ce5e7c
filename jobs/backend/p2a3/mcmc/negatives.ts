// SampleNegatives: which non-responders train the model, by Metropolis–Hastings.
import { join } from "node:path";
import { z } from "zod";
import { literal } from "../../../lib/duckdb.js";
import { JobError } from "../../../lib/errors.js";
import { runPython } from "../../../lib/python.js";
import { withDatabase } from "../../../lib/withdatabase.js";
import { bounded } from "../memory.js";
import { readJson, type Tools, writeJson, writeParquet } from "../tools.js";
import { type SamplingDiagnostics, samplingDiagnosticsSchema } from "./diagnostics.js";
import { sampleTargetSchema } from "./target.js";

/** Negatives for each responder, and at most this share of all there are: else there is nothing to choose. */
const PER_RESPONDER = 2;
const MOST = 0.6;
const CHAINS = 4;
const BURN_IN_SWEEPS = 60;
const SWEEPS = 120;
/** Sharpness of the target, see sample_negatives.py. */
const SHARPNESS = 4;

const answerSchema = z.object({
  diagnostics: samplingDiagnosticsSchema,
  /** Places of the selected negatives among all, in their order. */
  selected: z.array(z.number()),
  peakMemoryMiB: z.number(),
});

export interface SampleNegativesInputs {
  target: string;
  candidates: string;
}

export interface SampleNegativesOutputs {
  /** Parquet: as_of, household_id, weight of the train split's rows to take: all responders, and the selected negatives. */
  chosen: string;
  diagnostics: string;
}

/**
 * Selects the negatives. Each stands for others that were not selected: its weight is the number of all negatives by that of the selected, so
 * that the model's scores remain probabilities; it is the weighted sample that matches the target.
 */
export async function sampleNegatives(
  tools: Tools,
  inputs: SampleNegativesInputs,
  seed: number,
  outputs: SampleNegativesOutputs,
): Promise<{ diagnostics: SamplingDiagnostics; peakMemoryMiB: number }> {
  const target = await readJson(inputs.target, sampleTargetSchema);
  const take = Math.floor(Math.min(target.responders * PER_RESPONDER, target.negatives * MOST));
  if (take < 1)
    throw new JobError(`There are no negatives to select: ${target.negatives} candidates are none too many`);
  return withDatabase(bounded(tools), async (db) => {
    const places = new Map(target.cells.map(({ cell }, index) => [cell, index]));
    const negatives = await db.rows<{ cell: string }>(
      `SELECT cell FROM read_parquet(${literal(inputs.candidates)}) WHERE label = 0 ORDER BY as_of, household_id`,
    );
    const request = join(tools.workFolder, "sample.json");
    const answer = join(tools.workFolder, "sampled.json");
    await writeJson(request, {
      dimensions: target.dimensions,
      cells: target.cells,
      negatives: negatives.map(({ cell }) => places.get(cell)),
      take,
      chains: CHAINS,
      burnInSweeps: BURN_IN_SWEEPS,
      sweeps: SWEEPS,
      sharpness: SHARPNESS,
      seed,
    });
    await runPython(tools, "sample_negatives.py", [request, answer]);
    const { diagnostics, selected, peakMemoryMiB } = await readJson(answer, answerSchema);
    await db.run("CREATE TABLE selected (place BIGINT)");
    await db.append("selected", [selected.map((place) => BigInt(place))]);
    await writeParquet(
      db,
      `SELECT as_of, household_id, 1::FLOAT AS weight FROM read_parquet(${literal(inputs.candidates)}) WHERE label = 1
       UNION ALL
       SELECT as_of, household_id, ${target.negatives / take}::FLOAT AS weight FROM (
         SELECT *, row_number() OVER (ORDER BY as_of, household_id) - 1 AS place
         FROM read_parquet(${literal(inputs.candidates)}) WHERE label = 0)
       JOIN selected USING (place)`,
      "as_of, household_id",
      outputs.chosen,
    );
    await writeJson(outputs.diagnostics, diagnostics);
    return { diagnostics, peakMemoryMiB };
  });
}
