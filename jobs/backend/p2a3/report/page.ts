// The report as one page of HTML that needs nothing beside itself.
import { bars, curve, escapeText, lyingBars, percent, scatter, trace } from "./charts.js";
import type { Report } from "./report.js";

/** Features that the page shows; the JSON file has all. */
const SHOWN_FEATURES = 20;

const STYLE = `
:root{color-scheme:light dark;--ground:#fcfcfb;--card:#ffffff;--ink:#1d1f23;--muted:#5d636e;--rule:#e3e5e9;--accent:#2f62b5;--soft:#d9e4f5}
@media (prefers-color-scheme:dark){:root{--ground:#16181c;--card:#1e2126;--ink:#e9eaec;--muted:#a0a6b1;--rule:#343941;--accent:#7aa5ec;--soft:#2a3a55}}
*{box-sizing:border-box}
body{margin:0 auto;padding:32px 24px 64px;max-width:1180px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:26px;font-weight:650}
h2{margin:0 0 4px;font-size:16px;font-weight:650}
p{margin:6px 0 0;color:var(--muted);max-width:80ch}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:24px 0}
.facts div,.card{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:16px}
.facts b{display:block;font-size:24px;font-weight:650;font-variant-numeric:tabular-nums}
.facts span{color:var(--muted);font-size:13px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px;margin-bottom:16px}
.card p{font-size:13px}
svg{display:block;width:100%;height:auto;margin-top:10px}
svg text{fill:var(--muted);font:11px system-ui,sans-serif}
svg .value{fill:var(--ink);text-anchor:middle;font-weight:600}
svg .axis{font-size:12px}
.grid{stroke:var(--rule);fill:none}
.line{stroke:var(--accent);stroke-width:2;fill:none;stroke-linejoin:round}
.reference{stroke:var(--muted);stroke-dasharray:5 4;fill:none}
.dot,.bar{fill:var(--accent)}
.bubble{fill:var(--accent);fill-opacity:.55;stroke:var(--accent)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin-top:10px;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
th{color:var(--muted);font-weight:500}
`;

/** @returns the page; it has no script and loads nothing */
export function reportPage(report: Report): string {
  const { measures, model, title } = report;
  const sections = [...performance(report), ...(report.sampling ? [sampling(report.sampling)] : [])];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(`${title}, ${report.hhDate}: model report`)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeText(title)}: response model as of ${report.hhDate}</h1>
<p>${escapeText(explanation(report))}</p>
<div class="facts">
${fact(number(measures.auc, 3), measures.aucStandardError === null ? "AUC" : `AUC, ± ${(1.96 * measures.aucStandardError).toFixed(3)} (95 %)`)}
${fact(report.topDecile.lift === null ? "–" : `${report.topDecile.lift.toFixed(2)} ×`, "lift of the top decile")}
${fact(report.topDecile.gain === null ? "–" : percent(report.topDecile.gain), "of all responders in the top decile")}
${fact(percent(measures.rate, 1), `responded (${whole(measures.responders)} of ${whole(measures.households)})`)}
${fact(whole(report.scored), `households scored, ${report.states.length} states`)}
${fact(whole(model.trees), `trees of ${model.features} features`)}
</div>
<div class="cards">
${sections.join("\n")}
</div>
${decileTable(report)}
${stateTable(report)}
</body>
</html>
`;
}

function explanation({ evaluation, trainDates, windowDays, model }: Report): string {
  const trained = `Trained on ${whole(model.splits.train.rows)} observations of households as of ${[...trainDates].reverse().join(", ")}, each with the ${windowDays} days that followed. `;
  return evaluation.kind === "time"
    ? `${trained}Measured on what the scored households did from ${evaluation.from} to before ${evaluation.to}, of which the model knew nothing.`
    : `${trained}The data end before the window that was scored for does: measured on households that had no part in training, in the windows from ${evaluation.from} to before ${evaluation.to}.`;
}

function performance({ importance, measures }: Report): string[] {
  const { calibration, deciles } = measures;
  const gains = deciles.flatMap(({ decile, gain }) => (gain === null ? [] : [{ share: decile / 10, gain }]));
  const shown = importance.slice(0, SHOWN_FEATURES);
  const most = Math.min(
    1,
    Math.ceil(Math.max(0.1, ...calibration.flatMap((bin) => [bin.meanScore, bin.rate])) * 10) / 10,
  );
  return [
    card(
      "Gains",
      "Share of all responders reached when the households with the highest scores are mailed first.",
      curve(
        [
          { x: 0, y: 0, title: "nobody mailed" },
          ...gains.map(({ share, gain }) => ({
            x: share,
            y: gain,
            title: `${percent(share)} of the households, ${percent(gain, 1)} of the responders`,
          })),
        ],
        { x: "households mailed", y: "responders reached", label: "Cumulative gains", diagonal: "mailed at random" },
      ),
    ),
    card(
      "Lift by decile",
      "Response rate of each tenth of the households by that of all; 1 is the tenth with the highest scores.",
      bars(
        deciles.map(({ decile, lift }) => ({ name: String(decile), value: lift ?? 0, text: number(lift, 2) })),
        { x: "decile", y: "lift", label: "Lift by decile", reference: 1, referenceText: "all households" },
      ),
    ),
    card(
      "Calibration",
      `Response rate against the mean score of households with like scores; a larger dot is more households. Mean difference ${percent(measures.calibrationError, 1)}.`,
      scatter(
        calibration.map((bin) => ({
          x: bin.meanScore,
          y: bin.rate,
          weight: bin.households,
          title: `${whole(bin.households)} households: mean score ${percent(bin.meanScore, 1)}, ${percent(bin.rate, 1)} responded`,
        })),
        { x: "mean score", y: "response rate", label: "Calibration", diagonal: "as scored", most },
      ),
    ),
    card(
      "Features",
      `What the trees' splits gained by each feature, as a share of all: the first ${shown.length} of ${importance.length} that are used.`,
      lyingBars(
        shown.map(({ feature, gainShare }) => ({ name: feature, value: gainShare, text: percent(gainShare, 1) })),
        "Feature importance",
      ),
    ),
  ];
}

function sampling(diagnostics: NonNullable<Report["sampling"]>): string {
  const { distance } = diagnostics;
  const dimensions = Object.entries({ "all together": distance.joint, ...distance.dimensions }).map(
    ([name, { before, after }]) =>
      `<tr><td>${escapeText(name)}</td><td>${before.toFixed(3)}</td><td>${after.toFixed(3)}</td></tr>`,
  );
  return card(
    "Selected negatives",
    `${whole(diagnostics.selected)} of ${whole(diagnostics.candidates)} non-responders by Metropolis–Hastings, ${diagnostics.chains} chains: ` +
      `${percent(diagnostics.acceptance)} of the exchanges accepted, autocorrelation time ${diagnostics.autocorrelationTime.toFixed(1)} sweeps, ` +
      `R̂ ${diagnostics.rHat.toFixed(3)}. Distance (total variation) of the training sample to the target population:`,
    trace(diagnostics.trace, { x: "sweep", y: "distance", label: "Distance to the target by sweep" }) +
      `<table><tr><th>dimension</th><th>at random</th><th>selected</th></tr>${dimensions.join("")}</table>`,
  );
}

function decileTable({ measures }: Report): string {
  const rows = measures.deciles.map(
    (decile) =>
      `<tr><td>${decile.decile}</td><td>${whole(decile.households)}</td><td>${whole(decile.responders)}</td><td>${percent(decile.rate, 1)}</td>` +
      `<td>${number(decile.lift, 2)}</td><td>${decile.gain === null ? "–" : percent(decile.gain, 1)}</td><td>${percent(decile.meanScore, 1)}</td><td>${percent(decile.leastScore, 1)}</td></tr>`,
  );
  const head = ["decile", "households", "responders", "rate", "lift", "cumulative gain", "mean score", "least score"];
  return `<section class="card wide"><h2>Deciles</h2>${table(head, rows)}</section>`;
}

function stateTable({ states }: Report): string {
  const most = Math.max(1, ...states.flatMap(({ deciles }) => deciles));
  const rows = states.map(({ state, households, deciles }) => {
    const cells = deciles.map(
      (count) =>
        `<td style="background:color-mix(in srgb,var(--soft) ${Math.round((count / most) * 100)}%,transparent)">${whole(count)}</td>`,
    );
    return `<tr><td>${escapeText(state.toUpperCase())}</td><td>${whole(households)}</td>${cells.join("")}</tr>`;
  });
  const head = ["state", "households", ...Array.from({ length: 10 }, (_, index) => String(index + 1))];
  return `<section class="card wide" style="margin-top:16px"><h2>Households by state and decile</h2><p>Deciles of all scored households.</p>${table(head, rows)}</section>`;
}

function table(head: string[], rows: string[]): string {
  return `<table><thead><tr>${head.map((name) => `<th>${escapeText(name)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function card(title: string, text: string, content: string): string {
  return `<section class="card"><h2>${escapeText(title)}</h2><p>${escapeText(text)}</p>${content}</section>`;
}

function fact(value: string, what: string): string {
  return `<div><b>${escapeText(value)}</b><span>${escapeText(what)}</span></div>`;
}

function number(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}

/** A whole number with its thousands apart. */
function whole(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
