// Template: how a workflow is made. A plain step, a step cut into partitions with its merge, and one that stages the result.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineWorkflow, type Step } from "../../athanor/workflow.js";
import { InputError } from "../../lib/errors.js";

const parameters = z.object({
  message: z.string().min(1).max(200).describe("what the run is about: its words are counted"),
  partitions: z.number().int().min(1).max(16).default(2).describe("parts that the work is cut into"),
});
type Parameters = z.output<typeof parameters>;

const WORDS = "words.json";
const PART = "counts.json";
const COUNTS = "work/counts.json";
const RESULTS = "results";

const words = z.array(z.string());
const counts = z.record(z.string(), z.number());

const initialize: Step<Parameters> = {
  name: "Initialize",
  description: "Takes the message apart into words",
  tier: "XS",
  inputs: () => [],
  outputs: [WORDS],
  parameters: ["message"],
  code: [import.meta.url],
  async run({ output, run }) {
    const found = run.parameters.message.toLowerCase().match(/\p{L}+/gu) ?? [];
    if (found.length === 0) throw new InputError(`The message '${run.parameters.message}' has no words`);
    await writeFile(output(WORDS), `${JSON.stringify(found)}\n`);
    return { rowsOut: found.length };
  },
};

/** Every partition counts its share of the words; the merge adds them up. */
const work: Step<Parameters> = {
  name: "Work",
  description: "Counts each partition's words, then adds them up",
  tier: "XS",
  inputs: (run) => [run.file(WORDS)],
  outputs: [COUNTS],
  parameters: [],
  code: [import.meta.url],
  partitions: (run) => run.parameters.partitions,
  partitionOutputs: [PART],
  async run({ input, output, partition = { index: 0, count: 1 }, run }) {
    const all = words.parse(JSON.parse(await readFile(input(run.file(WORDS)), "utf8")));
    const own = all.filter((_, place) => place % partition.count === partition.index);
    await writeFile(output(PART), `${JSON.stringify(add(own.map((word) => ({ [word]: 1 }))))}\n`);
    return { rowsIn: own.length };
  },
  async merge({ output, partitionOutput, run }) {
    const parts = await Promise.all(
      Array.from({ length: run.parameters.partitions }, async (_, index) =>
        counts.parse(JSON.parse(await readFile(partitionOutput(index, PART), "utf8"))),
      ),
    );
    const total = add(parts);
    await writeFile(output(COUNTS), `${JSON.stringify(total)}\n`);
    return { rowsOut: Object.keys(total).length };
  },
};

const finalize: Step<Parameters> = {
  name: "Finalize",
  description: "Stages the counts, the most frequent word first",
  tier: "XS",
  inputs: (run) => [run.file(COUNTS)],
  outputs: [RESULTS],
  parameters: [],
  code: [import.meta.url],
  async run({ input, output, run }) {
    const total = counts.parse(JSON.parse(await readFile(input(run.file(COUNTS)), "utf8")));
    const sorted = Object.entries(total).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    await mkdir(output(RESULTS), { recursive: true });
    await writeFile(
      join(output(RESULTS), "words.csv"),
      `word,count\n${sorted.map((row) => `${row.join(",")}\n`).join("")}`,
    );
    return { rowsOut: sorted.length };
  },
};

/** The sum of counts by word, the words in order, so that the same counts are the same file. */
function add(parts: readonly Record<string, number>[]): Record<string, number> {
  const total = new Map<string, number>();
  for (const part of parts)
    for (const [word, count] of Object.entries(part)) total.set(word, (total.get(word) ?? 0) + count);
  return Object.fromEntries([...total].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export const template = defineWorkflow({
  name: "template",
  description: "Shows how a workflow is made: a plain step, a step cut into partitions, a step that stages the result",
  parameters,
  runFolder: (_, runId) => `prod/template/${runId}`,
  steps: [initialize, work, finalize],
});
