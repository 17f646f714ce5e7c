// The command lines of preprocessing, as they stand, with the real AWS CLI in an environment of the local cloud.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../localcloud/server/paths.js";
import { inPipeline, type PipelineVisit, preprocessingLines } from "./lines/preprocessing.js";
import { openPlatform, type Platform } from "./platform.js";

const EXAMPLE = join(projectRoot, "jobs", "preprocessing", "example");
/** Three trips of which one cannot be, in two zones. */
const TRIPS = `tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,trip_distance,fare_amount
2020-01-01 00:00:00,2020-01-01 00:10:00,7,8,1.5,8.5
2020-01-01 01:00:00,2020-01-01 01:10:00,7,8,2.5,9.5
2020-01-01 02:00:00,2020-01-01 02:10:00,9,8,10.0,-30.0
`;

function fill(folder: string): void {
  for (const name of ["pyproject.toml", "script.py"]) copyFileSync(join(EXAMPLE, name), join(folder, name));
  execFileSync("tar", ["-czf", join(folder, "package.tar.gz"), "-C", join(EXAMPLE, "package"), "."]);
  writeFileSync(join(folder, "data.csv"), TRIPS);
}

describe("The lines of preprocessing's README", function () {
  this.timeout(180_000);

  let platform: Platform;
  let visit: PipelineVisit;
  before(async () => {
    platform = await openPlatform("pre", "dev", ["preprocessing"], fill);
    visit = { platform, executions: [] };
  });

  for (const { what, line, check } of preprocessingLines)
    it(what, async () => {
      const { code, stdout, stderr } = await platform.shell(inPipeline(line, visit));
      assert.equal(code, 0, `${line}\nended with ${code}:\n${stdout}${stderr}`);
      await check(stdout, visit);
    });

  it("is what the program says, for the plain Pulumi CLI", async () => {
    await platform.driver.crucible("exec", "pre", "--", "pulumi", "preview", "--expect-no-changes");
  });

  it("leaves nothing when the environment goes", async () => {
    await platform.down();
  });
  after(() => platform?.driver.close());
});
