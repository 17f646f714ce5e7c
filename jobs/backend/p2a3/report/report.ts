// What the reports of a run say, as JSON; the page shows it.
import type { SamplingDiagnostics } from "../mcmc/diagnostics.js";
import type { Order } from "../order.js";
import type { Evaluation } from "../reportsselect.js";
import type { Metrics } from "../train.js";
import type { Measures } from "./measure.js";

/** Households of a state by decile of all scored households. */
export interface StateCounts {
  state: string;
  households: number;
  /** Ten numbers, decile 1 (the highest scores) first. */
  deciles: number[];
}

export interface Report {
  title: string;
  hhDate: string;
  windowDays: number;
  trainDates: string[];
  scored: number;
  evaluation: Evaluation;
  measures: Measures;
  /** What lift the tenth of the households with the highest scores has, and what share of the responders. */
  topDecile: { lift: number | null; gain: number | null };
  model: { sha256: string; trees: number; features: number; splits: Metrics["splits"] };
  importance: Metrics["importance"];
  states: StateCounts[];
  /** Of a run whose negatives were selected. */
  sampling?: SamplingDiagnostics;
}

export function reportOf(
  order: Order,
  evaluation: Evaluation,
  measures: Measures,
  metrics: Metrics,
  states: StateCounts[],
  sampling?: SamplingDiagnostics,
): Report {
  const [top] = measures.deciles;
  return {
    title: order.title,
    hhDate: order.hhDate,
    windowDays: order.windowDays,
    trainDates: order.calendar.trainDates,
    scored: states.reduce((sum, { households }) => sum + households, 0),
    evaluation,
    measures,
    topDecile: { lift: top?.lift ?? null, gain: top?.gain ?? null },
    model: { sha256: metrics.model.sha256, trees: metrics.trees, features: metrics.features, splits: metrics.splits },
    importance: metrics.importance,
    states,
    ...(sampling ? { sampling } : {}),
  };
}
