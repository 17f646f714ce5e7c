// A small workflow that really transforms files: a text is split into words by their first letter, counted in partitions, reported.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { defineWorkflow, type StepContext } from "../../../jobs/athanor/workflow.js";
import { InputError, JobError } from "../../../jobs/lib/errors.js";

const parameters = z.object({
  title: z.enum(["GROCERY", "DRUG GM"]).describe("Department"),
  hhDate: z.iso.date().describe("Day as of which words are counted"),
  states: z
    .array(z.string().regex(/^[a-z]{2}$/, "is not a state of two lower-case letters"))
    .optional()
    .describe("States"),
  seed: z.number().int().default(1).describe("Seed"),
  partitions: z.number().int().min(1).max(9).default(3).describe("Partitions"),
});
type Context = StepContext<z.output<typeof parameters>>;

/** Where a test asks, by the environment, for something to go wrong: `<Step or Step/partition or Step/merge>:<what>`. */
async function trouble(context: Context, step: string, part: () => void): Promise<void> {
  const [where, what] = (process.env.WORDS_TROUBLE ?? "").split(":");
  const here = [step, context.partition?.index].filter((name) => name !== undefined).join("/");
  if (where !== here) return;
  if (what === "fail") throw new InputError("The words are not fit to be counted");
  if (what === "crash") process.kill(process.pid, "SIGKILL");
  if (what === "memory") {
    const hoard: Buffer[] = [];
    for (;;) {
      hoard.push(Buffer.alloc(16 * 1024 * 1024, hoard.length));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  if (what === "program") {
    const hoard = "const all = []; setInterval(() => all.push(Buffer.alloc(16 * 1024 * 1024, all.length)), 20)";
    const program = spawn(process.execPath, ["-e", hoard], { stdio: "ignore" });
    context.log.info(`program ${program.pid} runs`);
    await once(program, "exit");
    throw new Error("The program has ended");
  }
  // Half of the output is there when the test, told by the log, kills the run.
  part();
  context.log.info("at the place of trouble", { here });
  const clock = setInterval(() => undefined, 60_000);
  await new Promise<void>((_, reject) =>
    context.signal.addEventListener("abort", () => reject(context.signal.reason)),
  ).finally(() => clearInterval(clock));
}

export const words = defineWorkflow({
  name: "words",
  description: "Counts words",
  parameters,
  runFolder: ({ title }, runId) => `prod/${title.toLowerCase().replaceAll(" ", "-")}/words/${runId}`,
  steps: [
    {
      name: "Initialize",
      description: "Settings of the run",
      tier: "S",
      inputs: () => [],
      outputs: ["settings.json"],
      parameters: ["title", "hhDate", "states"],
      code: [import.meta.url],
      async run(context) {
        await trouble(context, "Initialize", () => writeFileSync(context.output("settings.json"), "{"));
        const { title, hhDate, states } = context.run.parameters;
        writeFileSync(context.output("settings.json"), JSON.stringify({ title, hhDate, states: states ?? "all" }));
        return {};
      },
    },
    {
      name: "Split",
      description: "A file per first letter",
      tier: "S",
      inputs: (run) => [run.file("settings.json"), run.data("prod/coop/words")],
      outputs: ["split/letters", "split/summary.json"],
      parameters: [],
      code: [import.meta.url],
      locks: (run) => [{ path: run.data("prod/coop/words"), mode: "SHARED" }],
      async run(context) {
        const folder = context.output("split/letters");
        mkdirSync(folder);
        await trouble(context, "Split", () => writeFileSync(join(folder, "a"), "half"));
        const source = context.input(context.run.data("prod/coop/words"));
        const all = readdirSync(source)
          .sort()
          .flatMap((file) => readFileSync(join(source, file), "utf8").split(/\s+/).filter(Boolean));
        if (all.length === 0) throw new JobError("There are no words");
        const byLetter = new Map<string, string[]>();
        for (const word of all) {
          const letter = (word[0] as string).toLowerCase();
          byLetter.set(letter, [...(byLetter.get(letter) ?? []), word]);
        }
        for (const [letter, found] of byLetter) writeFileSync(join(folder, letter), `${found.sort().join("\n")}\n`);
        writeFileSync(context.output("split/summary.json"), JSON.stringify({ words: all.length }));
        return { rowsIn: all.length, rowsOut: byLetter.size };
      },
    },
    {
      name: "Count",
      description: "Words by letter",
      tier: "XXL",
      inputs: (run) => [run.file("split/letters")],
      outputs: ["counts.json"],
      partitionOutputs: ["counts.json"],
      parameters: ["seed"],
      code: [import.meta.url],
      partitions: (run) => run.parameters.partitions,
      async run(context) {
        await trouble(context, "Count", () => writeFileSync(context.output("counts.json"), "half"));
        const folder = context.input(context.run.file("split/letters"));
        const { index, count } = context.partition ?? { index: 0, count: 1 };
        const mine = readdirSync(folder)
          .sort()
          .filter((_, position) => position % count === index);
        const counts = mine.map((letter) => [
          letter,
          readFileSync(join(folder, letter), "utf8").trim().split("\n").length,
        ]);
        writeFileSync(context.output("counts.json"), JSON.stringify(counts));
        return { rowsOut: counts.length };
      },
      async merge(context) {
        await trouble(context, "Count/merge", () => writeFileSync(context.output("counts.json"), "half"));
        const { partitions, seed } = context.run.parameters;
        const all = Array.from({ length: partitions }, (_, index) =>
          JSON.parse(readFileSync(context.partitionOutput(index, "counts.json"), "utf8")),
        ).flat() as [string, number][];
        all.sort(([a], [b]) => (a < b ? -1 : 1));
        writeFileSync(context.output("counts.json"), JSON.stringify({ seed, counts: Object.fromEntries(all) }));
        return { rowsOut: all.length };
      },
    },
    {
      name: "Report",
      description: "A page of it",
      tier: "XXL",
      inputs: (run) => [run.file("counts.json"), run.file("settings.json")],
      outputs: ["report.txt"],
      parameters: [],
      code: [import.meta.url],
      timeoutSeconds: 20,
      async run(context) {
        await trouble(context, "Report", () => writeFileSync(context.output("report.txt"), "half"));
        const { counts } = JSON.parse(readFileSync(context.input(context.run.file("counts.json")), "utf8"));
        const { title } = JSON.parse(readFileSync(context.input(context.run.file("settings.json")), "utf8"));
        const lines = Object.entries(counts).map(([letter, count]) => `${letter} ${count}`);
        writeFileSync(context.output("report.txt"), `${title}\n${lines.join("\n")}\n`);
        return { rowsOut: lines.length, figures: { letters: lines.length } };
      },
    },
  ],
});
