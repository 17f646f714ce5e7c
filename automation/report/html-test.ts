// What the page shows of one test: checks, data, executions, jobs, cost, logs.
import { escapeHtml as text } from "./html-text.js";
import type { ReportedExecution, TestReport } from "./model.js";
import { baselineSentence, dollars, plural, seconds, showDifference } from "./text.js";
import { renderTimeline } from "./timeline-svg.js";

/** DuckDB's types of numbers, and DynamoDB's. */
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|N)$/;

type Column = [title: string, kind?: "number" | "text"];

function table(caption: string, columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  const kind = (index: number) => (columns[index]?.[1] ? ` class="${columns[index][1]}"` : "");
  const head = columns.map(([title], index) => `<th scope="col"${kind(index)}>${text(title)}</th>`).join("");
  const body = rows.map(
    (row) => `<tr>${row.map((cell, index) => `<td${kind(index)}>${text(cell)}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll"><table><caption>${text(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table></div>`;
}

const list = (items: readonly string[]): string => `<ul>${items.map((item) => `<li>${text(item)}</li>`).join("")}</ul>`;

const folded = (summary: string, content: string, open = false): string =>
  `<details${open ? " open" : ""}><summary>${text(summary)}</summary>${content}</details>`;

export function renderTestBody(test: TestReport): string {
  return [
    ...(test.leaks.length > 0 ? ["<h3>Left behind</h3>", list(test.leaks)] : []),
    ...renderChecks(test),
    ...test.executions.map(renderExecution),
    ...renderJobs(test),
    ...renderData(test),
    ...renderCost(test),
    ...renderLogs(test),
    ...(test.files.length > 0
      ? [folded(`Evidence: ${plural(test.files.length, "file")} in ${test.evidence}`, list(test.files))]
      : []),
  ].join("\n");
}

function renderChecks({ checks }: TestReport): string[] {
  if (checks.length === 0) return [];
  const wrong = checks.filter(({ passed }) => !passed);
  const rows = checks.map(({ name, passed, expected, actual }) => [passed ? "✓" : "✗ wrong", name, expected, actual]);
  const content = table(
    "Every assertion of the test",
    [["Holds"], ["Check"], ["Expected", "text"], ["Found", "text"]],
    rows,
  );
  return [folded(`Checks: ${checks.length - wrong.length} of ${checks.length} hold`, content, true)];
}

function renderExecution(execution: ReportedExecution): string {
  const begun = execution.startedAt.getTime();
  const rows = execution.states.map((state) => [
    `${"· ".repeat(state.depth)}${state.name}`,
    state.type,
    state.status,
    seconds((state.enteredAt.getTime() - begun) / 1000),
    state.exitedAt ? seconds((state.exitedAt.getTime() - state.enteredAt.getTime()) / 1000) : "",
    state.error ?? "",
  ]);
  return [
    `<h3>Workflow ${text(execution.workflow)}: ${text(execution.status)} in ${text(seconds(execution.seconds))}</h3>`,
    ...(execution.error ? [`<pre class="reason">${text(`${execution.error}: ${execution.cause ?? ""}`)}</pre>`] : []),
    renderTimeline(execution),
    folded(
      "States as a table",
      table(
        "States in the order in which they were entered",
        [["State"], ["Type"], ["Status"], ["Entered after", "number"], ["Took", "number"], ["Error"]],
        rows,
      ),
    ),
  ].join("\n");
}

function renderJobs({ jobs }: TestReport): string[] {
  if (jobs.length === 0) return [];
  const rows = jobs.map((job) => [
    job.name,
    job.status,
    job.command.join(" "),
    `${job.vcpus} vCPU, ${job.memoryMiB} MiB`,
    seconds(job.seconds),
    job.exitCode ?? "",
    job.reason ?? "",
  ]);
  return [
    "<h3>Batch jobs</h3>",
    table(
      "Jobs in the order of their submission",
      [
        ["Job"],
        ["Status"],
        ["Command", "text"],
        ["Size"],
        ["Ran", "number"],
        ["Exit code", "number"],
        ["Reason", "text"],
      ],
      rows,
    ),
  ];
}

function renderData(test: TestReport): string[] {
  if (test.tables.length === 0) return [];
  return [
    "<h3>Data</h3>",
    `<p>${text(baselineSentence(test))}</p>`,
    ...(test.differences.length > 0 ? [list(test.differences.map(showDifference))] : []),
    ...test.tables.map((data) => {
      const shown = data.sample.length < data.rows ? `, the first ${data.sample.length} shown` : "";
      return table(
        `${data.name}: ${plural(data.rows, "row")}${shown}`,
        data.columns.map(({ name, type }): Column => (NUMERIC.test(type) ? [name, "number"] : [name])),
        data.sample,
      );
    }),
  ];
}

function renderCost({ cost }: TestReport): string[] {
  if (!cost || cost.parts.length === 0) return [];
  const rows = cost.parts.map(({ what, quantity, usd }) => [what, quantity, dollars(usd)]);
  const content = table(
    `Estimate at list prices of ${cost.pricesOf}`,
    [["What"], ["How much", "number"], ["USD", "number"]],
    rows,
  );
  return [folded(`What it would have cost on AWS: ${dollars(cost.usd)}`, content)];
}

function renderLogs({ logs }: TestReport): string[] {
  if (logs.length === 0) return [];
  return [
    "<h3>Logs</h3>",
    ...logs.map(({ stream, lines, dropped }) => {
      const before =
        dropped > 0
          ? `<p class="quiet">${text(`${plural(dropped, "line")} before these are in the evidence.`)}</p>`
          : "";
      return folded(
        `${stream} (${plural(lines.length + dropped, "line")})`,
        `${before}<pre>${text(lines.join("\n"))}</pre>`,
      );
    }),
  ];
}
