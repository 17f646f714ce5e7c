// `npm run bench [name…]`: measures on this machine and prints a table; figures go into the README by hand. Never part of the tests.
import Table from "cli-table3";
import { scoreFigures } from "./backend.js";
import { catFigures } from "./cat.js";
import { cloudFigures } from "./cloud.js";
import { sandersFigures } from "./sanders.js";
import { stepFunctionsFigures } from "./stepfunctions.js";
import { suiteFigures } from "./suites.js";

interface Row {
  what: string;
  figure: string;
  goal?: string;
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;

/** Each part by its name on the command line. */
const PARTS: Record<string, () => Promise<Row[]>> = {
  async cloud() {
    const figures = await cloudFigures();
    return [
      { what: "local cloud: start", figure: milliseconds(figures.startMs), goal: "1000 ms" },
      { what: "local cloud: start to the first answer", figure: milliseconds(figures.readyMs) },
      { what: "local cloud: stop", figure: milliseconds(figures.stopMs) },
      { what: "request that the base answers", figure: `${figures.directMs.toFixed(1)} ms` },
      { what: "request that the bridge forwards", figure: `${figures.forwardedMs.toFixed(1)} ms` },
      { what: "idle CPU, per cent of a core", figure: figures.idleCpuPercent.toFixed(2), goal: "0" },
      { what: "memory, idle", figure: `${figures.residentMiB.toFixed(0)} MiB` },
    ];
  },
  async stepfunctions() {
    const figures = await stepFunctionsFigures();
    const perSecond = (value: number) => `${Math.round(value).toLocaleString("en")} /s`;
    return [
      { what: "Step Functions: state transitions", figure: perSecond(figures.transitionsPerSecond), goal: "30,000 /s" },
      { what: "the same in the cloud, history kept", figure: perSecond(figures.servedPerSecond) },
      { what: "StartExecution", figure: `${figures.startMs.toFixed(1)} ms` },
      { what: "start to the first state", figure: `${figures.firstStateMs.toFixed(1)} ms`, goal: "5 ms" },
      {
        what: `memory for ${figures.waiting} that wait`,
        figure: `${figures.waitingMiB.toFixed(0)} MiB`,
        goal: "100 MiB",
      },
      { what: "CPU while they wait, per cent of a core", figure: figures.idleCpuPercent.toFixed(2), goal: "0" },
    ];
  },
  quick: () => suiteRows("quick", "45 s"),
  core: () => suiteRows("core", "150 s"),
  async scoring() {
    const figures = await scoreFigures();
    return figures.flatMap(({ scale, prepareSeconds, select, score }) => [
      {
        what: `prepare at scale ${scale}: the co-operative's data of ${select.households.toLocaleString("en")} households`,
        figure: seconds(prepareSeconds),
        // What is promised of the data as they are; of copies of them nothing is.
        ...(scale === 1 && { goal: "30 s" }),
      },
      {
        what: `scoring at scale ${scale}: features of ${select.households.toLocaleString("en")} households`,
        figure: `${Math.round(select.households / select.seconds).toLocaleString("en")} /s, ${select.memoryMiB} MiB`,
      },
      {
        what: `scoring at scale ${scale}: scores`,
        figure: `${Math.round(score.households / score.seconds).toLocaleString("en")} /s, ${score.memoryMiB} + ${score.pythonMiB} MiB`,
      },
    ]);
  },
  async cat() {
    const figures = await catFigures();
    const perSecond = (count: number, took: number) =>
      `${Math.round(count / took).toLocaleString("en")} messages/s (${seconds(took)})`;
    return [
      {
        what: `CAT: ${figures.messages.toLocaleString("en")} messages of ${figures.conversations.toLocaleString("en")} conversations into the table`,
        figure: perSecond(figures.messages, figures.loadSeconds),
      },
      {
        what: `CAT: table to ${figures.files} CSV files, ${figures.memoryMiB} MiB`,
        figure: perSecond(figures.rows, figures.normalizeSeconds),
      },
      {
        what: `CAT: CSV to Parquet, ${figures.etlMiB.toFixed(0)} MiB of the whole cloud`,
        figure: perSecond(figures.rows, figures.parquetSeconds),
      },
      { what: "CAT: waiting for the job, crawling", figure: seconds(figures.aroundSeconds) },
      {
        what: `CAT: Athena counts ${figures.counted.toLocaleString("en")}`,
        figure: perSecond(figures.counted, figures.querySeconds),
      },
    ];
  },
  async sanders() {
    const figures = await sandersFigures();
    return [
      { what: `Sanders: up (${figures.resources} resources)`, figure: seconds(figures.upSeconds), goal: "5 s" },
      { what: "Sanders: destroy, inventory included", figure: seconds(figures.destroySeconds), goal: "4 s" },
      { what: "Batch: the same command as a bare process", figure: milliseconds(figures.bareMs) },
      { what: "Batch: added to it", figure: milliseconds(figures.batchOverheadMs), goal: "150 ms" },
    ];
  },
};

async function suiteRows(suite: string, goal: string): Promise<Row[]> {
  const { wallSeconds, seconds: parts, tests, resources } = await suiteFigures(suite);
  const split = Object.entries(parts).map(([part, value]) => `${part} ${value.toFixed(1)}`);
  return [
    { what: `suite ${suite}: ${tests} tests, up to ${resources} resources`, figure: seconds(wallSeconds), goal },
    { what: `suite ${suite}: seconds of its tests`, figure: split.join(", ") },
  ];
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in PARTS));
if (chosen.includes("--help") || unknown.length > 0) {
  console.log(`Usage: npm run bench -- [${Object.keys(PARTS).join("|")} …]   (all by default)`);
  process.exit(unknown.length > 0 && !chosen.includes("--help") ? 2 : 0);
}
const table = new Table({ head: ["what", "here", "goal"], style: { head: [], border: [] } });
for (const name of chosen.length > 0 ? chosen : Object.keys(PARTS)) {
  console.error(`measuring ${name} …`);
  for (const { what, figure, goal } of (await PARTS[name]?.()) ?? []) table.push([what, figure, goal ?? ""]);
}
console.log(table.toString());
process.exit(0);
