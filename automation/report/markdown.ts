// The report as a book for mdBook: `mdbook serve` in the report's folder shows it.
import { formatDuration } from "../environments/duration.js";
import type { RunReport, TestReport } from "./model.js";
import { baselineSentence, dollars, headline, plural, seconds, showDifference } from "./text.js";

const cell = (text: unknown): string =>
  String(text ?? "")
    .replaceAll("|", "\\|")
    .replaceAll("\n", " ");

function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const fence = (text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return `${marks}text\n${text}\n${marks}`;
};

/** Files of the book by path: `book.toml`, `src/SUMMARY.md`, a page for the run and one for each test. */
export function renderBook(report: RunReport): Record<string, string> {
  return {
    "book.toml": `[book]\ntitle = "Crucible ${report.run}"\nlanguage = "en"\n`,
    "src/SUMMARY.md": [
      "# Summary",
      "",
      "[The run](run.md)",
      "",
      ...report.tests.map(({ name, verdict }) => `- [${name}: ${verdict}](${name}.md)`),
      "",
    ].join("\n"),
    "src/run.md": renderRun(report),
    ...Object.fromEntries(report.tests.map((test) => [`src/${test.name}.md`, renderTest(test)])),
  };
}

function renderRun(report: RunReport): string {
  const { machine } = report;
  return [
    `# ${report.run}`,
    "",
    `${headline(report)}.`,
    "",
    table(
      ["Test", "Verdict", "Up", "Seed", "Run", "Verify", "Down", "Resources", "Leaks"],
      report.tests.map((test) => [
        `[${test.name}](${test.name}.md)`,
        test.verdict,
        ...[test.seconds.up, test.seconds.seed, test.seconds.run, test.seconds.verify, test.seconds.down].map(seconds),
        test.resources,
        test.leaks.length,
      ]),
    ),
    "",
    `Target ${report.target}, Pulumi ${report.engine}, Node ${machine.node} on ${machine.platform}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${plural(report.concurrency, "test")} side by side; begun ${report.startedAt.toISOString()}.`,
    "",
  ].join("\n");
}

function renderTest(test: TestReport): string {
  const sections = [
    `# ${test.name}`,
    `**${test.verdict}** · ${test.description}.`,
    ...(test.reason ? [fence(test.reason)] : []),
    ...(test.leaks.length > 0 ? ["## Left behind", test.leaks.map((leak) => `- ${leak}`).join("\n")] : []),
    ...(test.checks.length > 0
      ? [
          "## Checks",
          table(
            ["", "Check", "Expected", "Found"],
            test.checks.map(({ passed, name, expected, actual }) => [passed ? "ok" : "WRONG", name, expected, actual]),
          ),
        ]
      : []),
    "## Data",
    baselineSentence(test),
    ...(test.differences.length > 0 ? [test.differences.map((one) => `- ${showDifference(one)}`).join("\n")] : []),
    ...test.tables.flatMap((data) => [
      `### ${data.name}: ${plural(data.rows, "row")}`,
      table(
        data.columns.map(({ name }) => name),
        data.sample,
      ),
    ]),
    ...test.executions.flatMap((execution) => [
      `## Execution of ${execution.workflow}: ${execution.status}`,
      ...(execution.error ? [fence(`${execution.error}: ${execution.cause ?? ""}`)] : []),
      table(
        ["State", "Type", "Status", "After", "Took"],
        execution.states.map((state) => [
          `${"· ".repeat(state.depth)}${state.name}`,
          state.type,
          state.status,
          formatDuration((state.enteredAt.getTime() - execution.startedAt.getTime()) / 1000),
          state.exitedAt ? formatDuration((state.exitedAt.getTime() - state.enteredAt.getTime()) / 1000) : "",
        ]),
      ),
    ]),
    ...(test.jobs.length > 0
      ? [
          "## Jobs",
          table(
            ["Job", "Status", "Took", "Exit code", "Reason"],
            test.jobs.map((job) => [job.name, job.status, seconds(job.seconds), job.exitCode, job.reason]),
          ),
        ]
      : []),
    ...(test.cost
      ? ["## On AWS", `It would have cost about ${dollars(test.cost.usd)} (list prices of ${test.cost.pricesOf}).`]
      : []),
    ...(test.logs.length > 0
      ? ["## Logs", ...test.logs.flatMap(({ stream, lines }) => [`### ${stream}`, fence(lines.join("\n"))])]
      : []),
  ];
  return `${sections.join("\n\n")}\n`;
}
