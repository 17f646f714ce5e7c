// Small pieces of text that the formats of the report share.
import { formatDuration } from "../environments/duration.js";
import type { Difference } from "../evidence/baseline.js";
import { type RunReport, type TestReport, totals } from "./model.js";

export const seconds = (value: number): string => formatDuration(value);

export const dollars = (usd: number): string =>
  usd === 0 ? "$0" : usd < 0.01 ? `$${usd.toFixed(5)}` : `$${usd.toFixed(2)}`;

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** One sentence about a run. */
export function headline(report: RunReport): string {
  const { passed, failed, skipped, leaks } = totals(report);
  const parts = [
    `${passed} passed`,
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    plural(leaks, "leak"),
  ];
  const wall = (report.finishedAt.getTime() - report.startedAt.getTime()) / 1000;
  return `${parts.join(", ")} in ${seconds(wall)}${report.interrupted ? " (interrupted)" : ""}`;
}

export const showDifference = ({ table, what, expected, actual }: Difference): string =>
  `${table}, ${what}: expected ${JSON.stringify(expected ?? null)}, found ${JSON.stringify(actual ?? null)}`;

const BASELINE = {
  agrees: "The data agrees with the committed baseline.",
  differs: "The data differs from the committed baseline.",
  absent: "There is no baseline to compare with; write one with --update-baseline.",
  updated: "The baseline was written from this run.",
  none: "The test has no tables to compare.",
} as const;

export const baselineSentence = ({ baseline }: TestReport): string => BASELINE[baseline];
