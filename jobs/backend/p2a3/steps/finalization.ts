// Athanor's step: what it reads and writes, around the function that does the work.
import { join } from "node:path";
import type { Step } from "../../../athanor/workflow.js";
import { finalize } from "../finalization.js";
import { modelsFolder } from "../models.js";
import type { P2a3Parameters } from "../parameters.js";
import { FILES, readOrder } from "./files.js";

/** @param sampled whether the sampler's diagnostics belong to the results */
export function finalizationStep(sampled: boolean): Step<P2a3Parameters> {
  return {
    name: "Finalization",
    description:
      "Stages the results with their manifest, makes the model the title's latest, removes what nobody needs any more",
    tier: "S",
    inputs: (run) =>
      [FILES.order, FILES.scores, FILES.model, FILES.reports, ...(sampled ? [FILES.sampling] : [])].map((path) =>
        run.file(path),
      ),
    outputs: [FILES.results],
    // The bulk of a run: what models were trained on and households were scored by is of use to nobody once there are results.
    releases: [
      { step: "TrainSelect", outputs: [FILES.training] },
      { step: "ScoreSelect", outputs: [FILES.selection] },
      { step: "Score", partitions: true },
      ...(sampled
        ? [
            { step: "SampleTarget", outputs: [FILES.candidates] },
            { step: "SampleNegatives", outputs: [FILES.chosen] },
          ]
        : []),
    ],
    parameters: [],
    code: [import.meta.url],
    locks: (run) => [{ path: modelsFolder(run.dataRoot, run.parameters.title), mode: "EXCLUSIVE" }],
    async run(context) {
      const { run } = context;
      const order = await readOrder(context);
      const { files, folder, latest } = await finalize(
        context,
        run.dataRoot,
        order,
        {
          scores: context.input(run.file(FILES.scores)),
          model: context.input(run.file(FILES.model)),
          reports: context.input(run.file(FILES.reports)),
          ...(sampled ? { further: { "reports/sampling.json": context.input(run.file(FILES.sampling)) } } : {}),
        },
        context.output(FILES.results),
      );
      const models = modelsFolder(run.dataRoot, run.parameters.title);
      return {
        published: [{ path: join(models, folder) }, { path: join(models, "latest.json"), shared: true }],
        figures: { files: files.length, model: folder, latest },
      };
    },
  };
}
