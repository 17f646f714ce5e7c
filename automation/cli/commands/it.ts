// `it`: the integration tests. `batch` and `start` run them, `ls` lists them and past runs.
import { relative } from "node:path";
import type { Argv } from "yargs";
import { formatDuration } from "../../environments/duration.js";
import { UsageError } from "../../errors.js";
import { type RunReport, type TestReport, totals } from "../../report/model.js";
import { headline } from "../../report/text.js";
import { writeReport } from "../../report/write.js";
import { startInBackground } from "../../suites/background.js";
import { pastRuns, unreportedRuns } from "../../suites/history.js";
import { planTests, suitesOf } from "../../suites/plan.js";
import { registry } from "../../suites/registry.js";
import { runBatch, runName } from "../../suites/run-batch.js";
import { type CommandContext, define, type GlobalOptions } from "../command.js";
import { INTERRUPTED } from "../interrupt.js";
import type { Terminal } from "../terminal.js";

function runNameOf(name: string | undefined): string | undefined {
  if (name === undefined || /^[\w-]+$/.test(name)) return name;
  throw new Error("--run has to be made of letters, digits and hyphens.");
}

const runOptions = <A extends GlobalOptions>(yargs: Argv<A>) =>
  yargs
    .option("target", { type: "string", default: "local", describe: "local, aws, or the URL of an endpoint" })
    .option("executor", {
      choices: ["process", "container"] as const,
      default: "process" as const,
      describe: "What runs containers on the local cloud; container takes podman or docker",
    })
    .option("concurrency", { type: "number", describe: "Tests side by side [default: what cores and memory allow]" })
    .option("update-baseline", { type: "boolean", default: false, describe: "Write the baselines of tests that pass" })
    .option("detach", {
      type: "boolean",
      default: false,
      describe: "Run in the background; `it ls` shows how far it is",
    })
    .option("run", { type: "string", hidden: true, coerce: runNameOf })
    .option("dry-run", { type: "boolean", default: false, describe: "Print the order and why, and run nothing" })
    .check((argv) => {
      const { concurrency } = argv as { concurrency?: number };
      if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency >= 1)) return true;
      throw new Error("--concurrency has to be a whole number from 1.");
    });

interface RunArguments extends GlobalOptions {
  /** Name of the run, given to the process that a `--detach` starts. */
  run?: string;
  detach: boolean;
  target: string;
  executor: "process" | "container";
  concurrency: number | undefined;
  updateBaseline: boolean;
  dryRun: boolean;
}

async function runTests(names: string[], argv: RunArguments, context: CommandContext): Promise<number> {
  const { terminal, progress, interrupts } = context;
  const plan = planTests(registry, names);
  if (argv.dryRun) {
    terminal.json(plan.map(({ test, because, after }) => ({ name: test.name, units: test.units, because, after })));
    terminal.table(
      ["", "test", "units", "because", "after"],
      plan.map(({ test, because, after }, index) => [
        index + 1,
        test.name,
        test.units.join(" "),
        because.join(", "),
        after.join(", "),
      ]),
    );
    return 0;
  }
  if (argv.detach) return await detach(runName(names, new Date()), context);
  const { signal } = interrupts();
  const { colours } = terminal;
  const report = await runBatch(plan, {
    asked: names,
    run: argv.run,
    target: argv.target,
    executor: argv.executor,
    updateBaseline: argv.updateBaseline,
    signal,
    ...(argv.concurrency !== undefined && { concurrency: argv.concurrency }),
    onProgress: (test) => progress.task(test),
    onEnd(test) {
      progress.end(test.name);
      const first = test.reason?.split("\n")[0] ?? "";
      if (test.verdict !== "passed") progress.line(`${test.name}: ${test.verdict}${first ? `: ${first}` : ""}`);
    },
  });
  progress.stop();
  const { folder, html } = await writeReport(report);
  terminal.json(summaryOf(report, folder));
  showTable(terminal, report);
  for (const test of report.tests.filter(({ verdict }) => verdict === "failed")) {
    terminal.line(`\n${colours.red(test.name)} failed in ${test.failedIn ?? "its run"}:`);
    terminal.line((test.reason ?? "").replaceAll(/^/gm, "  "));
  }
  const { failed, leaks } = totals(report);
  const good = failed === 0 && leaks === 0 && !report.interrupted;
  terminal.line(`\n${good ? colours.green(headline(report)) : colours.red(headline(report))}`);
  terminal.line(`Report: ${relative(process.cwd(), html) || html}`);
  if (report.interrupted) return INTERRUPTED;
  return good ? 0 : 1;
}

/** Hands this command line to a process of its own, and waits no longer than until that has begun. */
async function detach(run: string, { terminal }: CommandContext): Promise<number> {
  const { pid, output } = await startInBackground(run);
  terminal.json({ run, pid, output });
  terminal.line(`Run ${run} goes on in the background. How far it is: crucible it ls. What it prints: ${output}`);
  return 0;
}

const rounded = (seconds: TestReport["seconds"]) =>
  Object.fromEntries(Object.entries(seconds).map(([part, value]) => [part, Math.round(value * 1000) / 1000]));

const summaryOf = (report: RunReport, folder: string) => ({
  tests: report.tests.map(({ name, suite, verdict, seconds, resources, leaks, reason }) => ({
    name,
    suite,
    verdict,
    seconds: rounded(seconds),
    resources,
    ...(leaks.length > 0 && { leaks }),
    ...(reason !== undefined && { reason }),
  })),
  ...totals(report),
  report: folder,
});

function showTable(terminal: Terminal, report: RunReport): void {
  const { colours } = terminal;
  const paint = { passed: colours.green, failed: colours.red, skipped: colours.yellow };
  terminal.table(
    ["test", "verdict", "up", "seed", "run", "verify", "down", "resources", "leaks"],
    report.tests.map((test) => [
      test.name,
      paint[test.verdict](test.verdict),
      ...Object.values(test.seconds).map(formatDuration),
      test.resources,
      test.leaks.length > 0 ? colours.red(String(test.leaks.length)) : "0",
    ]),
    [2, 3, 4, 5, 6, 7, 8],
  );
}

export const itBatch = define({
  command: "batch <names..>",
  describe: "Run suites and tests, each test in an environment of its own",
  examples: [
    ["crucible it batch smoke", "one suite"],
    ["crucible it batch all --dry-run", "what would run, in which order, and why"],
    ["crucible it batch smoke --json", "with one JSON object at the end"],
    ["crucible it batch preprocessing --executor container", "with podman or docker"],
  ],
  options: (yargs) =>
    runOptions(yargs).positional("names", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Suites, tests, or all",
    }),
  run: (argv, context) => runTests(argv.names, argv as unknown as RunArguments, context),
});

export const itStart = define({
  command: "start <test>",
  describe: "Run one test",
  examples: [
    ["crucible it start sanders-daily", "the test, with what it depends on"],
    ["crucible it start sanders-daily --detach", "in the background"],
    ["crucible it start sanders-daily --update-baseline", "and keep its data as the baseline, if it passes"],
  ],
  options: (yargs) =>
    runOptions(yargs).positional("test", { type: "string", demandOption: true, describe: "Name of the test" }),
  async run(argv, context) {
    if (!registry.some(({ name }) => name === argv.test))
      throw new UsageError(
        `There is no test named ${argv.test}. There are: ${registry.map(({ name }) => name).join(", ")}.`,
      );
    return await runTests([argv.test], argv as unknown as RunArguments, context);
  },
});

/** Past runs that are listed. */
const RUNS = 10;

export const itLs = define({
  command: "ls",
  describe: "List tests, suites, and runs under way and past",
  examples: [["crucible it ls --json", "the same for a program"]],
  options: (yargs) => yargs,
  async run(_argv, { terminal }) {
    const [runs, unreported] = await Promise.all([pastRuns(RUNS), unreportedRuns()]);
    const lastOf = (name: string) =>
      runs.flatMap(({ tests }) => tests).find((test) => test.name === name)?.verdict ?? "-";
    terminal.json({
      tests: registry.map(({ name, suites, units, description }) => ({
        name,
        suites,
        units,
        description,
        last: lastOf(name),
      })),
      suites: Object.fromEntries(
        [...suitesOf(registry)].map(([suite, tests]) => [suite, tests.map(({ name }) => name)]),
      ),
      running: unreported.filter(({ isAlive }) => isAlive),
      died: unreported.filter(({ isAlive }) => !isAlive),
      runs,
    });
    terminal.table(
      ["test", "suites", "units", "last", "what it shows"],
      registry.map(({ name, suites, units, description }) => [
        name,
        suites.join(" "),
        units.join(" "),
        lastOf(name),
        description,
      ]),
    );
    for (const { run, isAlive, tests } of unreported) {
      terminal.line(
        `\n${run} ${isAlive ? "is under way" : "ended before it could report; clear up with: crucible sweep"}`,
      );
      terminal.table(
        ["test", "state"],
        tests.map(({ name, state }) => [name, state]),
      );
    }
    if (runs.length === 0) return 0;
    terminal.line();
    terminal.table(
      ["run", "passed", "failed", "skipped", "leaks", "took"],
      runs.map((run) => {
        const { passed, failed, skipped, leaks } = totals(run as unknown as RunReport);
        return [
          run.run,
          passed,
          failed,
          skipped,
          leaks,
          formatDuration((run.finishedAt.getTime() - run.startedAt.getTime()) / 1000),
        ];
      }),
      [1, 2, 3, 4, 5],
    );
    return 0;
  },
});
