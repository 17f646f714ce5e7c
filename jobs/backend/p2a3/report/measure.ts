// How good scores are, measured on what came: area under the curve, gains and lift by decile, calibration.
import type { Database } from "../../../lib/duckdb.js";

/** A tenth of the households, by score; the first has the highest. */
export interface Decile {
  decile: number;
  households: number;
  responders: number;
  /** Of the households, 0 to 1. */
  rate: number;
  /** The rate by that of all; null when nobody responded. */
  lift: number | null;
  /** Share of all responders in this decile and those before it; null when nobody responded. */
  gain: number | null;
  meanScore: number;
  leastScore: number;
}

/** Households whose score is in a tenth of the range from 0 to 1. */
export interface CalibrationBin {
  from: number;
  to: number;
  households: number;
  meanScore: number;
  rate: number;
}

export interface Measures {
  households: number;
  responders: number;
  rate: number;
  /** How often a responder's score is above another's, ties counting half; null when all or none responded. */
  auc: number | null;
  /** Standard error of the AUC after Hanley and McNeil (1982). */
  aucStandardError: number | null;
  /** Mean squared difference of score and outcome. */
  brier: number;
  logLoss: number;
  /** Mean difference of mean score and rate over the bins, weighted by households. */
  calibrationError: number;
  deciles: Decile[];
  calibration: CalibrationBin[];
}

/** Measures the table or view `evaluation`: as_of, household_id, score, label. All sums are of exact decimals, whatever the order of rows. */
export async function measure(db: Database): Promise<Measures> {
  await db.run(`
    CREATE OR REPLACE TEMP TABLE measured AS
    SELECT label, score::DECIMAL(18, 9) AS score,
      rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS place,
      ntile(10) OVER (ORDER BY score DESC, as_of, household_id)::INTEGER AS decile,
      least(9, floor(score * 10))::INTEGER AS bin,
      ((score::DOUBLE - label) ** 2)::DECIMAL(18, 12) AS squared,
      (-ln(greatest(1e-7, CASE label WHEN 1 THEN score::DOUBLE ELSE 1 - score::DOUBLE END)))::DECIMAL(18, 12) AS loss
    FROM evaluation`);
  const all = await db.row<{
    households: number;
    responders: number;
    places: number;
    brier: number;
    loss: number;
  }>(
    `SELECT count(*) AS households, coalesce(sum(label), 0)::BIGINT AS responders,
       coalesce(sum(place::DECIMAL(18, 1)) FILTER (WHERE label = 1), 0)::DOUBLE AS places,
       sum(squared)::DOUBLE / count(*) AS brier, sum(loss)::DOUBLE / count(*) AS loss
     FROM measured`,
  );
  const deciles = await db.rows<Omit<Decile, "rate" | "lift" | "gain">>(
    `SELECT decile, count(*) AS households, sum(label)::BIGINT AS responders,
       sum(score)::DOUBLE / count(*) AS "meanScore", min(score)::DOUBLE AS "leastScore"
     FROM measured GROUP BY decile ORDER BY decile`,
  );
  const bins = await db.rows<{ bin: number; households: number; responders: number; meanScore: number }>(
    `SELECT bin, count(*) AS households, sum(label)::BIGINT AS responders, sum(score)::DOUBLE / count(*) AS "meanScore"
     FROM measured GROUP BY bin ORDER BY bin`,
  );
  await db.run("DROP TABLE measured");
  const { households, responders } = all;
  const auc = areaUnderCurve(all.places, responders, households - responders);
  const calibration = bins.map((bin) => ({
    from: bin.bin / 10,
    to: (bin.bin + 1) / 10,
    households: bin.households,
    meanScore: bin.meanScore,
    rate: bin.responders / bin.households,
  }));
  return {
    households,
    responders,
    rate: households === 0 ? 0 : responders / households,
    auc,
    aucStandardError: auc === null ? null : hanleyMcNeil(auc, responders, households - responders),
    brier: all.brier,
    logLoss: all.loss,
    calibrationError: calibration.reduce(
      (sum, bin) => sum + (Math.abs(bin.meanScore - bin.rate) * bin.households) / households,
      0,
    ),
    deciles: gainsOf(deciles),
    calibration,
  };
}

/** Rates, lift and cumulative gain of deciles in their order. Pure. */
export function gainsOf(deciles: readonly Omit<Decile, "rate" | "lift" | "gain">[]): Decile[] {
  const households = deciles.reduce((sum, decile) => sum + decile.households, 0);
  const responders = deciles.reduce((sum, decile) => sum + decile.responders, 0);
  let passed = 0;
  return deciles.map((decile) => {
    passed += decile.responders;
    const rate = decile.responders / decile.households;
    return {
      ...decile,
      rate,
      lift: responders === 0 ? null : rate / (responders / households),
      gain: responders === 0 ? null : passed / responders,
    };
  });
}

/** @param places sum of the responders' ranks by score, lowest first, ties sharing their mean rank */
export function areaUnderCurve(places: number, responders: number, others: number): number | null {
  if (responders === 0 || others === 0) return null;
  return (places - (responders * (responders + 1)) / 2) / (responders * others);
}

function hanleyMcNeil(auc: number, responders: number, others: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance =
    (auc * (1 - auc) + (responders - 1) * (q1 - auc * auc) + (others - 1) * (q2 - auc * auc)) / (responders * others);
  return Math.sqrt(Math.max(0, variance));
}
