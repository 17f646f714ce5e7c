// A workflow whose last step removes what the others have needed: a text is shuffled, weighed in partitions with a key, told.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { defineWorkflow } from "../../../jobs/athanor/workflow.js";
import { InputError } from "../../../jobs/lib/errors.js";

const parameters = z.object({
  words: z.string().default("red green blue").describe("Words"),
  factor: z.number().int().default(1).describe("What lengths are multiplied by"),
  greeting: z.string().default("hello").describe("First line"),
});

const numbers = (path: string): number[] => JSON.parse(readFileSync(path, "utf8")) as number[];
const code = [import.meta.url];

export const chain = defineWorkflow({
  name: "chain",
  description: "Weighs words",
  parameters,
  runFolder: (_, runId) => `prod/chain/${runId}`,
  async check({ parameters: { words } }) {
    if (words.includes("nothing")) throw new InputError("The word 'nothing' means nothing");
  },
  steps: [
    {
      name: "Cut",
      description: "A file per word",
      inputs: () => [],
      outputs: ["cut/words", "cut/count.json"],
      parameters: ["words"],
      code,
      async run(context) {
        const folder = context.output("cut/words");
        mkdirSync(folder);
        const all = context.run.parameters.words.split(" ");
        for (const [index, word] of all.entries()) writeFileSync(join(folder, `${index}.txt`), word);
        writeFileSync(context.output("cut/count.json"), JSON.stringify([all.length]));
        return { rowsOut: all.length };
      },
    },
    {
      name: "Measure",
      description: "Lengths of the words",
      inputs: (run) => [run.file("cut/words")],
      outputs: ["lengths.json"],
      parameters: [],
      code,
      async run(context) {
        const folder = context.input(context.run.file("cut/words"));
        const all = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8").length);
        writeFileSync(context.output("lengths.json"), JSON.stringify(all.sort()));
        return {};
      },
    },
    {
      name: "Weigh",
      description: "Lengths times the factor, in two parts",
      inputs: (run) => [run.file("lengths.json")],
      outputs: ["weights.json"],
      parameters: ["factor"],
      code,
      partitions: () => 2,
      partitionOutputs: ["part.json"],
      async run(context) {
        const { index, count } = context.partition ?? { index: 0, count: 1 };
        const all = numbers(context.input(context.run.file("lengths.json")));
        const mine = all.filter((_, place) => place % count === index);
        writeFileSync(
          context.output("part.json"),
          JSON.stringify(mine.map((length) => length * context.run.parameters.factor)),
        );
        return {};
      },
      async merge(context) {
        const parts = [0, 1].flatMap((index) => numbers(context.partitionOutput(index, "part.json")));
        writeFileSync(context.output("weights.json"), JSON.stringify(parts));
        return {};
      },
    },
    {
      name: "Tell",
      description: "A page of it",
      inputs: (run) => [run.file("weights.json"), run.file("cut/count.json")],
      outputs: ["page.txt"],
      parameters: ["greeting"],
      releases: [
        { step: "Cut", outputs: ["cut/words"] },
        { step: "Measure", outputs: ["lengths.json"] },
        { step: "Weigh", partitions: true },
      ],
      code,
      async run(context) {
        const { run } = context;
        if (process.env.CHAIN_STOP === "Tell") await new Promise(() => setInterval(() => undefined, 60_000));
        const weights = numbers(context.input(run.file("weights.json")));
        writeFileSync(context.output("page.txt"), `${run.parameters.greeting}\n${weights.join("\n")}\n`);
        return {};
      },
    },
  ],
});
