// Plans and journals as text for people. Pure.
import type { PlannedStep } from "../engine/plan.js";
import type { ClaimText } from "../locks/claim.js";
import { describeClaim } from "../locks/locks.js";
import type { Journal } from "../run/journal.js";
import type { Attempt } from "../run/records.js";
import { duration } from "./progress.js";

/** Rows as columns, each as wide as its widest cell. */
export function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `title=GROCERY hhDate=2017-11-04 states=ca,tx,ny` */
export function parametersText(parameters: Record<string, unknown>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "object" ? [value].flat().join(",") : value}`)
    .join(" ");
}

export function planText(steps: PlannedStep[]): string {
  return table(
    steps.map(({ step, tier, action, reasons, partitions }, index) => {
      const parts = partitions ? ` [${partitions.run} of ${partitions.count} partitions]` : "";
      return [String(index + 1).padStart(4), step, tier ?? "", action, `${reasons.join("; ") || "up to date"}${parts}`];
    }),
  );
}

export function journalText(journal: Journal): string {
  const head = [
    `run ${journal.id} of ${journal.workflow}: ${journal.state}`,
    `input   ${parametersText(journal.input) || "none"}`,
    `folder  ${journal.folder}`,
    `created ${journal.createdAt}`,
    "",
  ];
  const lines = journal.steps.flatMap(({ units }) =>
    units.flatMap(({ unit, state, attempts }) => {
      const rows = attempts.map((attempt) => `    ${attemptText(attempt)}`);
      return [`  ${unit}: ${state}`, ...rows];
    }),
  );
  return [...head, ...lines].join("\n");
}

/** `attempt 2 succeeded in 3.1 s, 210 MiB (parameter seed changed 1 → 2)` */
export function attemptText(attempt: Attempt): string {
  const { seconds, peakMemoryMiB, error, reasons, outcome, owner, exitCode } = attempt;
  const parts = [
    `attempt ${attempt.attempt} ${outcome}${seconds === undefined ? "" : ` in ${duration(seconds)}`}`,
    peakMemoryMiB === undefined ? undefined : `${peakMemoryMiB} MiB`,
    exitCode ? `exit code ${exitCode}` : undefined,
    outcome === "running" || outcome === "interrupted" ? `pid ${owner.pid} on ${owner.host}` : undefined,
  ].filter((part) => part !== undefined);
  return `${parts.join(", ")} (${reasons.join("; ")})${error ? `\n      ${error.name}: ${error.message}` : ""}`;
}

export function claimsText(claims: ClaimText[]): string {
  return claims.map((claim) => `${claim.path}  ${describeClaim(claim)}`).join("\n");
}
