// The notebook of dev/, run from its first cell to its last on what the container wrote of the example.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { projectPython, projectRoot } from "../../../localcloud/server/paths.js";

const NOTEBOOK = join(projectRoot, "dev", "explore-output.ipynb");
const JOB = join(projectRoot, "jobs", "preprocessing");
const RUNNER = join(projectRoot, "tests", "jobs", "preprocessing", "notebook.py");

/** The notebook format 4.5, as far as code and text go. */
const cell = z.discriminatedUnion("cell_type", [
  z.strictObject({
    cell_type: z.literal("markdown"),
    id: z.string().regex(/^[\w-]{1,64}$/),
    metadata: z.record(z.string(), z.unknown()),
    source: z.array(z.string()),
  }),
  z.strictObject({
    cell_type: z.literal("code"),
    id: z.string().regex(/^[\w-]{1,64}$/),
    metadata: z.record(z.string(), z.unknown()),
    source: z.array(z.string()),
    execution_count: z.null(),
    outputs: z.array(z.never()),
  }),
]);
const notebook = z.strictObject({
  nbformat: z.literal(4),
  nbformat_minor: z.literal(5),
  metadata: z.object({ kernelspec: z.object({ name: z.literal("python3"), display_name: z.string() }) }).loose(),
  cells: z.array(cell).min(1),
});

/** Six trips of which two cannot be. */
const TRIPS = `tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,trip_distance,fare_amount
2020-01-01 00:00:00,2020-01-01 00:10:00,7,8,1.5,8.5
2020-01-01 01:00:00,2020-01-01 01:10:00,7,8,2.5,9.5
2020-01-01 02:00:00,2020-01-01 02:10:00,9,8,10.0,30.0
2020-01-01 03:00:00,2020-01-01 03:10:00,7,8,0.0,8.0
2020-01-01 04:00:00,2020-01-01 04:10:00,7,8,1.0,-8.0
2020-01-01 05:00:00,2020-01-01 05:10:00,7,8,0.5,4.0
`;

describe("The notebook of preprocessing", function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "preprocessing-notebook-"));
    for (const name of ["artifacts", "input"]) mkdirSync(join(folder, name));
    for (const name of ["pyproject.toml", "script.py"])
      cpSync(join(JOB, "example", name), join(folder, "artifacts", name));
    const archive = join(folder, "artifacts", "package.tar.gz");
    await promisify(execFile)("tar", ["-czf", archive, "-C", join(JOB, "example", "package"), "."]);
    writeFileSync(join(folder, "input", "trips.csv"), TRIPS);
    await promisify(execFile)(projectPython(), [join(JOB, "main.py")], {
      env: { PATH: process.env.PATH, DATA_URL: pathToFileURL(folder).href, RUN_ID: "at-home" },
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const explore = () =>
    promisify(execFile)(projectPython(), [RUNNER, NOTEBOOK], {
      env: { PATH: process.env.PATH, PYTHONIOENCODING: "utf-8", PREPROCESSING_OUTPUT: folder },
    });

  it("is a notebook without output, whose cells have ids of their own", () => {
    const { cells } = notebook.parse(JSON.parse(readFileSync(NOTEBOOK, "utf8")));
    assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
  });

  it("shows what a run wrote", async () => {
    const { stdout } = await explore();
    assert.match(stdout, /^Run 'at-home' of 1 inputs wrote 2 outputs$/m);
    assert.match(stdout, /^4 of 6 trips kept \(66\.67%\)$/m);
    assert.match(stdout, /^ +7 +3 +7\.33 \$ █{40}$/m);
    assert.match(stdout, /^ +9 +1 +30\.00 \$ █{13}$/m);
    assert.match(stdout, /^ 50% of trips are at most +2\.50 miles$/m);
  });

  it("does not go on with an output that is not what the manifest tells of", async () => {
    writeFileSync(join(folder, "output", "zones.csv"), "PULocationID,trips,fare,distance\n");
    await assert.rejects(explore(), /output\/zones\.csv is not what the manifest tells of/);
  });
});
