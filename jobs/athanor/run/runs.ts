// The runs below a data root: made, found again by workflow and id, listed.
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { z } from "zod";
import { JobError, UsageError } from "../../lib/errors.js";
import { createJson, readJson, writeJson } from "../files/atomic.js";
import type { RunInfo, Workflow } from "../workflow.js";
import { parseParameters } from "./parameters.js";
import { type RunRecord, runSchema } from "./records.js";

const indexSchema = z.object({ workflow: z.string(), id: z.string(), folder: z.string() });

/** Where a run is: its folder relative to the data root. */
export type RunPlace = z.infer<typeof indexSchema>;

export interface OpenRun<P> {
  info: RunInfo<P>;
  record: RunRecord;
}

/** Letters and marks of an execution's name that are harmless in a path. */
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** How far below `prod` a run's folder is looked for: `prod/<title>/<workflow>/<run>`, and one more. */
const DEEPEST = 4;

export class Runs {
  /** @param dataRoot absolute path */
  constructor(readonly dataRoot: string) {}

  /**
   * The run as its steps would see it; nothing is read or made.
   * @throws UsageError when the id or a parameter is wrong
   */
  describe<P>(workflow: Workflow<P>, id: string, input: Record<string, unknown>): RunInfo<P> {
    if (!RUN_ID.test(id))
      throw new UsageError(
        `'${id}' cannot be a run's id: 1 to 80 letters, digits, '.', '_' or '-', a letter or digit first`,
      );
    const parameters = parseParameters(workflow, input);
    const folder = join(this.dataRoot, workflow.runFolder(parameters, id));
    return {
      workflow: workflow.name,
      id,
      parameters,
      dataRoot: this.dataRoot,
      folder,
      file: (path) => join(folder, path),
      data: (path) => join(this.dataRoot, path),
    };
  }

  /**
   * Makes a run, or opens the one of this id; of one that is there, other input becomes its input.
   * @throws UsageError when the input is wrong, or would move the run to another folder; JobError when its folder is another run's
   */
  async open<P>(workflow: Workflow<P>, id: string, input: Record<string, unknown>): Promise<OpenRun<P>> {
    const info = this.describe(workflow, id, input);
    const { place, known } = await this.#placed(info);
    const file = join(info.folder, "run.json");
    const fresh: RunRecord = { workflow: workflow.name, id, input, createdAt: new Date().toISOString() };
    let record = fresh;
    if (!(await createJson(file, fresh))) {
      record = runSchema.parse(await readJson(file));
      if (record.workflow !== workflow.name || record.id !== id)
        throw new JobError(
          `${info.folder} belongs to run ${record.id} of ${record.workflow}, not to run ${id} of ${workflow.name}`,
        );
      if (JSON.stringify(record.input) !== JSON.stringify(input)) {
        record = { ...record, input };
        await writeJson(file, record);
      }
    }
    if (known?.folder !== place.folder) await writeJson(this.#indexFile(workflow.name, id), place);
    return { info, record };
  }

  /**
   * Checks that a run stays where it is with these parameters; nothing is made.
   * @throws UsageError as `open` does
   */
  async assertInPlace<P>(info: RunInfo<P>): Promise<void> {
    await this.#placed(info);
  }

  /** What is known of a run. @returns undefined when there is none */
  async record(place: RunPlace): Promise<RunRecord | undefined> {
    return runSchema.safeParse(await readJson(join(this.dataRoot, place.folder, "run.json"))).data;
  }

  /**
   * The run of an id, whichever its workflow.
   * @param workflow says which, when runs of several have the id
   * @throws UsageError when there is none, or it is not clear which
   */
  async find(id: string, workflow?: string): Promise<{ place: RunPlace; record: RunRecord }> {
    const isIt = (place: RunPlace) => place.id === id && (!workflow || place.workflow === workflow);
    let places = (await this.list()).filter(isIt);
    if (places.length === 0) places = (await this.recover()).filter(isIt);
    const [place, ...others] = places;
    if (!place)
      throw new UsageError(`There is no run '${id}'${workflow ? ` of ${workflow}` : ""} below ${this.dataRoot}`);
    if (others.length > 0)
      throw new UsageError(
        `There are runs '${id}' of ${places.map((other) => other.workflow).join(" and ")}: say which with --workflow`,
      );
    const record = await this.record(place);
    if (!record)
      throw new UsageError(`Run '${id}' of ${place.workflow} is gone: there is no ${join(place.folder, "run.json")}`);
    return { place, record };
  }

  /** Places of all runs, by workflow and id. */
  async list(): Promise<RunPlace[]> {
    const index = join(this.dataRoot, ".athanor", "runs");
    const files = (await readdir(index, { recursive: true }).catch(() => [])).filter((file) =>
      /^[^.][^/\\]*[/\\][^.].*\.json$/.test(file),
    );
    const places = await Promise.all(
      files.sort().map(async (file) => indexSchema.safeParse(await readJson(join(index, file))).data),
    );
    return places.filter((place) => place !== undefined);
  }

  /**
   * Finds runs by their own folders and makes anew what the index has lost of them.
   * @returns the places of all runs
   */
  async recover(): Promise<RunPlace[]> {
    const known = await this.list();
    const found = await this.#runsIn("prod", DEEPEST);
    const lost = found.filter(({ workflow, id }) => !known.some((run) => run.id === id && run.workflow === workflow));
    for (const place of lost) await writeJson(this.#indexFile(place.workflow, place.id), place);
    return lost.length > 0 ? this.list() : known;
  }

  /** Runs whose folders are in a folder, so many levels deep. */
  async #runsIn(folder: string, levels: number): Promise<RunPlace[]> {
    const entries = await readdir(join(this.dataRoot, folder), { withFileTypes: true }).catch(() => []);
    if (entries.some(({ name }) => name === "run.json")) {
      const parsed = runSchema.safeParse(
        await readJson(join(this.dataRoot, folder, "run.json")).catch(() => undefined),
      );
      if (parsed.success) return [{ workflow: parsed.data.workflow, id: parsed.data.id, folder }];
    }
    if (levels === 0) return [];
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
    return (await Promise.all(folders.map((inner) => this.#runsIn(inner, levels - 1)))).flat();
  }

  /** Where a run is to be, and where it is known to be. @throws UsageError when that is somewhere else */
  async #placed<P>({ workflow, id, folder }: RunInfo<P>): Promise<{ place: RunPlace; known?: RunPlace }> {
    const place: RunPlace = { workflow, id, folder: relative(this.dataRoot, folder).split(sep).join("/") };
    const known = await this.#place(workflow, id);
    if (known && known.folder !== place.folder && (await this.record(known)))
      throw new UsageError(
        `Run ${id} of ${workflow} is in ${known.folder}; with these parameters it would be in ${place.folder}: create another run`,
      );
    return { place, known };
  }

  async #place(workflow: string, id: string): Promise<RunPlace | undefined> {
    return indexSchema.safeParse(await readJson(this.#indexFile(workflow, id))).data;
  }

  #indexFile(workflow: string, id: string): string {
    return join(this.dataRoot, ".athanor", "runs", workflow, `${id}.json`);
  }
}
