// The report as one page that needs nothing else: no script, no font, no file beside it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderTestBody } from "./html-test.js";
import { escapeHtml as text } from "./html-text.js";
import { type RunReport, type Seconds, secondsOf, type TestReport, totals } from "./model.js";
import { dollars, headline, plural, seconds } from "./text.js";

const style = (): string => readFileSync(fileURLToPath(new URL("style.css", import.meta.url)), "utf8");

export const PARTS: readonly (keyof Seconds)[] = ["up", "seed", "run", "verify", "down"];

export const verdict = (value: string): string => `<span class="verdict ${value}">${value}</span>`;

export function renderHtml(report: RunReport): string {
  const { machine } = report;
  const cost = report.tests.reduce((sum, test) => sum + (test.cost?.usd ?? 0), 0);
  const outcome = totals(report).failed > 0 || report.interrupted ? "failed" : "passed";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(`${headline(report)} · ${report.run}`)}</title>
<style>
${style()}</style>
</head>
<body>
<header>
<h1>${text(report.asked.join(", "))} ${verdict(outcome)}</h1>
<p>${text(headline(report))}</p>
<p class="quiet">${text(`${report.run} · target ${report.target} · Pulumi ${report.engine} · Node ${machine.node} · ${machine.cores} cores, ${machine.memoryGiB} GiB · ${plural(report.concurrency, "test")} side by side${cost > 0 ? ` · about ${dollars(cost)} on AWS` : ""}`)}</p>
</header>
<main>
${renderOverview(report.tests)}
${report.tests.map(renderTest).join("\n")}
</main>
</body>
</html>
`;
}

function renderOverview(tests: readonly TestReport[]): string {
  const rows = tests.map(
    (test) =>
      `<tr><th scope="row"><a href="#${text(test.name)}">${text(test.name)}</a></th><td>${verdict(test.verdict)}</td>${PARTS.map((part) => `<td class="number">${text(seconds(test.seconds[part]))}</td>`).join("")}<td class="number">${test.resources}</td><td class="number">${test.leaks.length}</td></tr>`,
  );
  return `<div class="scroll"><table>
<caption>Tests of this run</caption>
<thead><tr><th scope="col">Test</th><th scope="col">Verdict</th>${PARTS.map((part) => `<th scope="col" class="number">${part}</th>`).join("")}<th scope="col" class="number">resources</th><th scope="col" class="number">leaks</th></tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>`;
}

function renderTest(test: TestReport): string {
  const whole = secondsOf(test);
  const bar = PARTS.map(
    (part) =>
      `<span style="width:${whole > 0 ? ((test.seconds[part] / whole) * 100).toFixed(2) : 0}%" title="${part}: ${text(seconds(test.seconds[part]))}"></span>`,
  ).join("");
  const told = PARTS.map((part) => `${part} ${seconds(test.seconds[part])}`).join(" · ");
  return `<section class="test" id="${text(test.name)}" aria-labelledby="${text(test.name)}-title">
<h2 id="${text(test.name)}-title">${text(test.name)} ${verdict(test.verdict)}</h2>
<p>${text(test.description)}.</p>
${test.reason ? `<pre class="reason">${text(test.reason)}</pre>` : ""}
<div class="parts" aria-hidden="true">${bar}</div>
<p class="quiet">${text(told)}</p>
<p class="quiet">${text([`units ${test.units.join(", ")}`, ...(test.account ? [`account ${test.account}`, test.region, plural(test.resources, "resource")] : []), ...(test.cost ? [`about ${dollars(test.cost.usd)} on AWS`] : [])].join(" · "))}</p>
${renderTestBody(test)}
</section>`;
}
