// The committed baselines: one JSON file per test, in `automation/suites/baselines/`.
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../../localcloud/server/paths.js";
import { Baseline } from "../evidence/baseline.js";
import { readJson, writeJson } from "../files.js";
import type { Baselines } from "./run-test.js";

const READABLE_BY_ALL = 0o644;
const pathOf = (test: string): string => join(projectRoot, "automation", "suites", "baselines", `${test}.json`);

/** Read from and written to the sources, not the compiled copy: a change is to be committed. */
export const committedBaselines: Baselines = {
  async read(test) {
    const content = await readJson(pathOf(test));
    if (content === undefined) return undefined;
    const parsed = Baseline.safeParse(content);
    if (parsed.success) return parsed.data;
    throw new Error(`${pathOf(test)} is not a baseline: ${z.prettifyError(parsed.error)}`);
  },
  write: (baseline) => writeJson(pathOf(baseline.test), baseline, READABLE_BY_ALL),
};
