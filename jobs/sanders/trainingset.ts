// The fare model's training set: which trips, which columns, split by time, as matrices that Python reads without any library but numpy.
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Database, literal } from "../lib/duckdb.js";
import { InputError } from "../lib/errors.js";
import type { Period } from "./checks.js";

/** Columns of the matrices as SQL on `trips`; the target is the last. All is known when a trip begins, or when its way is planned. */
export const COLUMNS = {
  distance: "distance",
  hour: "hour(pickup) + minute(pickup) / 60",
  weekday: "isodow(pickup)",
  month: "month(pickup)",
  pickup_zone: "pickup_zone",
  dropoff_zone: "dropoff_zone",
  passengers: "passengers",
  fare: "fare",
} as const;

/** Columns whose numbers are names. */
export const CATEGORICAL = ["pickup_zone", "dropoff_zone"] as const;

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** Of the trips by pickup: the first 70 % train, the next 15 % say when to stop, the last 15 % are held out. */
const SHARES = { train: 0.7, validation: 0.15 };

/**
 * Why a usable trip does not train the model, in the order in which they are asked: the model is of what a ride costs by the
 * meter, which a refund, a void or a broken meter says nothing about. The initial charge of the period was USD 2.50.
 */
const REJECTIONS = (period: Period) =>
  [
    ["unusable", "reason IS NOT NULL"],
    ["outside_period", `pickup < TIMESTAMP ${literal(period.from)} OR pickup >= TIMESTAMP ${literal(period.to)}`],
    ["dropoff_not_after_pickup", "dropoff <= pickup"],
    ["fare_implausible", "fare IS NULL OR fare < 2.5 OR fare > 250"],
    ["distance_implausible", "distance IS NULL OR distance <= 0 OR distance > 100"],
    ["zone_missing", "pickup_zone IS NULL OR dropoff_zone IS NULL"],
  ] as const;

/** A matrix in a file: little-endian float32, row by row, NaN where a value is missing. */
export interface Matrix {
  path: string;
  rows: number;
  /** Pickups, first and last. */
  from: string;
  to: string;
}

export interface TrainingSet {
  splits: Record<Split, Matrix>;
  /** Rows that are in no split, by reason. */
  rejected: Record<string, number>;
}

const LEAST_ROWS = 1000;

/**
 * Writes the matrices of all splits. Trips picked up in the same second are in the same split.
 * @throws InputError when there are too few trips to train and test a model
 */
export async function writeTrainingSet(db: Database, period: Period, folder: string): Promise<TrainingSet> {
  const rejection = `CASE ${REJECTIONS(period)
    .map(([name, condition]) => `WHEN ${condition} THEN '${name}'`)
    .join(" ")} END`;
  const rejectedRows = await db.rows<{ name: string; rows: number }>(
    `SELECT ${rejection} AS name, count(*) AS rows FROM trips GROUP BY name HAVING name IS NOT NULL ORDER BY name`,
  );
  const rejected = Object.fromEntries(rejectedRows.map(({ name, rows }) => [name, rows]));
  await db.run(
    `CREATE TABLE training AS SELECT source_row, pickup,
       ${Object.entries(COLUMNS)
         .map(([name, sql]) => `(${sql})::FLOAT AS ${name}`)
         .join(", ")}
     FROM trips WHERE ${rejection} IS NULL`,
  );
  const { rows } = await db.row<{ rows: number }>("SELECT count(*) AS rows FROM training");
  if (rows < LEAST_ROWS)
    throw new InputError(
      `Only ${rows} trips can train the fare model, ${LEAST_ROWS} are needed; the others: ${JSON.stringify(rejected)}`,
    );
  const { first, second } = await db.row<{ first: string; second: string }>(
    `SELECT quantile_disc(pickup, ${SHARES.train})::VARCHAR AS first,
       quantile_disc(pickup, ${SHARES.train + SHARES.validation})::VARCHAR AS second FROM training`,
  );
  const conditions: Record<Split, string> = {
    train: `pickup < TIMESTAMP ${literal(first)}`,
    validation: `pickup >= TIMESTAMP ${literal(first)} AND pickup < TIMESTAMP ${literal(second)}`,
    test: `pickup >= TIMESTAMP ${literal(second)}`,
  };
  const splits = {} as Record<Split, Matrix>;
  for (const split of SPLITS) splits[split] = await writeMatrix(db, conditions[split], join(folder, `${split}.f32`));
  await db.run("DROP TABLE training");
  return { splits, rejected };
}

async function writeMatrix(db: Database, condition: string, path: string): Promise<Matrix> {
  const range = await db.row<{ rows: number; from: string | null; to: string | null }>(
    `SELECT count(*) AS rows, min(pickup)::VARCHAR AS "from", max(pickup)::VARCHAR AS "to" FROM training WHERE ${condition}`,
  );
  if (range.from === null || range.to === null)
    throw new InputError("The trips were picked up at too few different times to be split by time");
  const chunks = db.floatChunks(
    `SELECT ${Object.keys(COLUMNS).join(", ")} FROM training WHERE ${condition} ORDER BY source_row`,
  );
  await pipeline(Readable.from(rowMajor(chunks)), createWriteStream(path));
  return { path, rows: range.rows, from: range.from, to: range.to };
}

async function* rowMajor(
  chunks: AsyncIterable<{ rows: number; columns: (number | null)[][] }>,
): AsyncGenerator<Buffer> {
  for await (const { rows, columns } of chunks) {
    const buffer = Buffer.allocUnsafe(rows * columns.length * 4);
    columns.forEach((values, column) => {
      for (let row = 0; row < rows; row += 1)
        buffer.writeFloatLE(values[row] ?? Number.NaN, (row * columns.length + column) * 4);
    });
    yield buffer;
  }
}
