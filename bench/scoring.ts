// One process of the scoring bench: ScoreSelect or Score of all households with the committed model; the last line of its output is figures.
//   scoring.js select|score DATA_ROOT FOLDER
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STATES } from "../jobs/backend/data/states.js";
import type { Order } from "../jobs/backend/p2a3/order.js";
import { mergeScores, scorePartition } from "../jobs/backend/p2a3/score.js";
import { scoreSelect } from "../jobs/backend/p2a3/scoreselect.js";
import { containerLimits } from "../jobs/lib/limits.js";
import { createLogger } from "../jobs/lib/log.js";
import { withWorkFolder } from "../jobs/lib/work.js";

const PARTITIONS = 4;
const [what, dataRoot = "", folder = ""] = process.argv.slice(2);
const models = fileURLToPath(new URL("../../data/models/salad-bar/", import.meta.url));
const latest = JSON.parse(readFileSync(join(models, "latest.json"), "utf8")) as { folder: string; hhDate: string };
const model = {
  model: join(models, latest.folder, "model.json"),
  features: join(models, latest.folder, "features.json"),
};
const selection = join(folder, "selection");
const plan = join(folder, "plan.json");
const order: Order = {
  title: "SALAD BAR",
  hhDate: latest.hhDate,
  windowDays: 28,
  seed: 1,
  partitions: PARTITIONS,
  states: STATES.map(({ code }) => code).sort(),
  calendar: { hhDate: latest.hhDate, windowDays: 28, trainDates: [], outcomeKnown: true },
  data: { digest: "", scale: 1, from: "", to: "" },
  households: 0,
};

mkdirSync(folder, { recursive: true });
const tools = {
  limits: containerLimits({}),
  log: createLogger({ job: "bench", out: () => undefined, err: () => undefined }),
  assets: new URL("../jobs/backend/", import.meta.url),
  signal: new AbortController().signal,
};
const startedAt = performance.now();
let households = 0;
let pythonMiB = 0;
if (what === "select") {
  const selected = await withWorkFolder("bench", (workFolder) =>
    scoreSelect({ ...tools, workFolder }, dataRoot, order, model.features, { selection, plan }),
  );
  households = selected.rows;
} else {
  const parts = Array.from({ length: PARTITIONS }, (_, index) => join(folder, `part-${index}.parquet`));
  for (const [index, part] of parts.entries()) {
    const scored = await withWorkFolder("bench", (workFolder) =>
      scorePartition({ ...tools, workFolder }, { ...model, selection, plan }, index, part),
    );
    households += scored.rows;
    pythonMiB = Math.max(pythonMiB, scored.peakMemoryMiB);
  }
  await withWorkFolder("bench", (workFolder) =>
    mergeScores({ ...tools, workFolder }, plan, parts, join(folder, "scores.parquet")),
  );
}
const seconds = (performance.now() - startedAt) / 1000;
const memoryMiB = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ households, seconds, memoryMiB, pythonMiB }));
