// Score: the model's score of every household, in partitions; the merge ranks them all.
import { join } from "node:path";
import { z } from "zod";
import { type Database, literal } from "../../lib/duckdb.js";
import { JobError } from "../../lib/errors.js";
import { runPython } from "../../lib/python.js";
import { withDatabase } from "../../lib/withdatabase.js";
import { checkFeatureSpec, featureSpecSchema } from "./features.js";
import { writeMatrix } from "./matrix.js";
import { bounded } from "./memory.js";
import { partitionPlanSchema } from "./partition.js";
import { readJson, type Tools, writeJson, writeParquet } from "./tools.js";

/** Households that are in memory at a time while they are scored. */
const BATCH_ROWS = 100_000;

const scored = z.object({ rows: z.number(), peakMemoryMiB: z.number() });

/** A model, as files. */
export interface ModelFiles {
  model: string;
  features: string;
}

/**
 * Scores a query's households and makes the table `scores`: household_id, score. Memory is bounded: households go through a file, a
 * batch at a time.
 * @param query SQL of household_id and all features of the model's spec
 * @param orderBy its total order
 * @throws InputError when the model is not of these features
 */
export async function scoreHouseholds(
  tools: Tools,
  db: Database,
  files: ModelFiles,
  query: string,
  orderBy: string,
): Promise<{ rows: number; peakMemoryMiB: number }> {
  const spec = checkFeatureSpec(await readJson(files.features, featureSpecSchema), files.model);
  const { workFolder } = tools;
  const ids = join(workFolder, "households.i64");
  const matrix = await writeMatrix(
    db,
    `SELECT household_id::DOUBLE, ${spec.names.join(", ")} FROM (${query}) ORDER BY ${orderBy}`,
    join(workFolder, "households.f32"),
    ids,
  );
  await db.run("CREATE TABLE scores (household_id BIGINT, score FLOAT)");
  const request = join(workFolder, "score.json");
  const answer = join(workFolder, "scored.json");
  const output = join(workFolder, "scores.csv");
  await writeJson(request, {
    model: files.model,
    features: spec.names,
    matrix,
    ids,
    batchRows: BATCH_ROWS,
    output,
  });
  await runPython(tools, "score_households.py", [request, answer]);
  const result = await readJson(answer, scored);
  await db.run(
    `INSERT INTO scores SELECT * FROM read_csv(${literal(output)}, header = false, columns = {household_id: 'BIGINT', score: 'FLOAT'})`,
  );
  if (result.rows !== matrix.rows)
    throw new JobError(`Of ${matrix.rows} households ${result.rows} were scored by ${files.model}`);
  return result;
}

export interface ScoreInputs extends ModelFiles {
  /** What ScoreSelect wrote. */
  selection: string;
  plan: string;
}

/** Scores one partition. @param output Parquet: household_id, state, score, ordered by household_id */
export async function scorePartition(tools: Tools, inputs: ScoreInputs, index: number, output: string) {
  const plan = await readJson(inputs.plan, partitionPlanSchema);
  const part = plan.partitions[index];
  if (!part)
    throw new JobError(`There is no partition ${index}: ${inputs.plan} has ${plan.partitions.length} of them, from 0`);
  return withDatabase(bounded(tools), async (db) => {
    if (part.rows === 0) {
      await writeParquet(
        db,
        "SELECT 0::BIGINT AS household_id, '' AS state, 0::FLOAT AS score WHERE false",
        "ALL",
        output,
      );
      return { rows: 0, peakMemoryMiB: 0 };
    }
    const slices = part.slices.map(({ state, from, rows }) => {
      const file = join(inputs.selection, `state=${state}`, "households.parquet");
      return `SELECT * EXCLUDE (file_row_number), ${literal(state)} AS state
        FROM read_parquet(${literal(file)}, file_row_number = true, hive_partitioning = false)
        WHERE file_row_number >= ${from} AND file_row_number < ${from + rows}`;
    });
    const selected = slices.join(" UNION ALL ");
    const result = await scoreHouseholds(tools, db, inputs, selected, "household_id");
    await writeParquet(
      db,
      `SELECT household_id, state, score FROM (SELECT household_id, state FROM (${selected})) JOIN scores USING (household_id)`,
      "household_id",
      output,
    );
    return result;
  });
}

/** Puts the partitions together. @param output Parquet: household_id, state, score, rank (1 the best), decile (1 the best), ordered by rank */
export async function mergeScores(tools: Tools, plan: string, partitions: readonly string[], output: string) {
  const { rows: expected } = await readJson(plan, partitionPlanSchema);
  return withDatabase(bounded(tools), async (db) => {
    const files = partitions.map(literal).join(", ");
    const rows = await writeParquet(
      db,
      `SELECT *, row_number() OVER (ORDER BY score DESC, household_id)::INTEGER AS rank,
         ntile(10) OVER (ORDER BY score DESC, household_id)::INTEGER AS decile
       FROM read_parquet([${files}], hive_partitioning = false)`,
      "rank",
      output,
    );
    if (rows !== expected)
      throw new JobError(`The partitions have ${rows} households together, ${expected} were selected`);
    return { rows };
  });
}
