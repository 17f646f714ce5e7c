// The course of an execution as a drawing: a bar per state, in the order in which they were entered.

import { escapeHtml } from "./html-text.js";
import type { ReportedExecution } from "./model.js";
import { seconds } from "./text.js";

const ROW = 26;
const LABEL = 250;
const WIDTH = 900;
const RIGHT = 70;
const NARROWEST = 3;

/** Marks on the time axis: at most six, at round values. */
export function ticks(total: number): number[] {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  const step = steps.find((candidate) => total / candidate <= 6) ?? Math.ceil(total / 6);
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => Number((index * step).toFixed(3)));
}

/** An inline SVG; what it shows is in the table beside it, too, so that it is an illustration to assistive technology. */
export function renderTimeline(execution: ReportedExecution): string {
  const begun = execution.startedAt.getTime();
  const total = Math.max(execution.seconds, 0.001);
  const x = (at: number) => LABEL + ((at - begun) / 1000 / total) * (WIDTH - LABEL - RIGHT);
  const height = execution.states.length * ROW + 30;
  const axis = ticks(total).map((value) => {
    const position = x(begun + value * 1000).toFixed(1);
    return `<line class="tick" x1="${position}" y1="0" x2="${position}" y2="${height - 20}"/><text class="axis" x="${position}" y="${height - 5}" text-anchor="middle">${value} s</text>`;
  });
  const bars = execution.states.map((state, index) => {
    const end = state.exitedAt?.getTime() ?? begun + total * 1000;
    const from = x(state.enteredAt.getTime());
    const width = Math.max(NARROWEST, x(end) - from);
    const y = index * ROW;
    const took = seconds((end - state.enteredAt.getTime()) / 1000);
    return [
      `<g><title>${escapeHtml(`${state.name}: ${state.status}, ${took}`)}</title>`,
      `<text class="label" x="${8 + state.depth * 14}" y="${y + 17}">${escapeHtml(shorten(state.name, 34 - state.depth * 2))}</text>`,
      `<rect class="bar ${state.status}" x="${from.toFixed(1)}" y="${y + 5}" width="${width.toFixed(1)}" height="${ROW - 10}" rx="3"/>`,
      `<text class="took" x="${(from + width + 5).toFixed(1)}" y="${y + 17}">${escapeHtml(took)}</text></g>`,
    ].join("");
  });
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(`Timeline of ${execution.workflow}, ${seconds(execution.seconds)}; its figures are in the table below`)}">${axis.join("")}${bars.join("")}</svg>`;
}

const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
