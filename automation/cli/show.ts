// How results look that several commands show.
import { formatDuration } from "../environments/duration.js";
import type { Journal } from "../environments/journal.js";
import type { Terminal } from "./terminal.js";

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Outputs, one per line. */
export function showOutputs(terminal: Terminal, outputs: Record<string, unknown>): void {
  const width = Math.max(0, ...Object.keys(outputs).map((name) => name.length));
  for (const [name, value] of Object.entries(outputs))
    terminal.line(`  ${terminal.colours.dim(name.padEnd(width))}  ${asText(value)}`);
}

/** What is left of an environment's time. */
export function timeLeft(expiresAt: Date | null, now: Date): string {
  if (expiresAt === null) return "kept";
  const seconds = (expiresAt.getTime() - now.getTime()) / 1000;
  return seconds > 0 ? formatDuration(seconds) : "over";
}

/** A journal as `ls` tells it in JSON. */
export const journalSummary = (journal: Journal) => ({
  name: journal.name,
  units: journal.units,
  environment: journal.environment,
  status: journal.status,
  target: journal.target,
  cloud: journal.cloud,
  account: journal.account,
  region: journal.region,
  createdAt: journal.createdAt,
  expiresAt: journal.expiresAt,
});
