// The command lines of CAT's first half, as they stand, with the real AWS CLI in an environment of the local cloud.
import assert from "node:assert/strict";
import { projectRoot } from "../../localcloud/server/paths.js";
import { inCat, normalizeLines } from "./lines/cat-normalize.js";
import { openPlatform, type Platform } from "./platform.js";

describe("The lines of CAT's README: normalize", function () {
  this.timeout(180_000);

  let platform: Platform;
  before(async () => {
    platform = await openPlatform("talks", "test", "cat-normalize", () => {});
  });

  for (const { what, line, check } of normalizeLines)
    it(what, async () => {
      const { code, stdout, stderr } = await platform.shell(
        `export CRUCIBLE_CHECKOUT=${projectRoot}\n${inCat(line, platform.outputs)}`,
      );
      assert.equal(code, 0, `${line}\nended with ${code}:\n${stdout}${stderr}`);
      check(stdout, platform.folder);
    });

  it("leaves nothing when the environment goes", async () => {
    await platform.down();
  });
  after(() => platform?.driver.close());
});
