// The command lines of CAT's README, as they stand, with the real AWS CLI in an environment of the local cloud.
import assert from "node:assert/strict";
import { projectRoot } from "../../localcloud/server/paths.js";
import { until } from "../support/until.js";
import { type CatLine, inCat, MESSAGES, normalizeLines } from "./lines/cat.js";
import { etlLines } from "./lines/cat-etl.js";
import { openPlatform, type Platform } from "./platform.js";

describe("The lines of CAT's README", function () {
  this.timeout(180_000);

  let platform: Platform;
  before(async () => {
    platform = await openPlatform("talks", "test", ["cat-normalize", "cat-etl"], () => {});
  });

  async function answer({ line }: CatLine): Promise<string> {
    const { code, stdout, stderr } = await platform.shell(
      [
        `export CRUCIBLE_CHECKOUT=${projectRoot} CatEtlStateMachineARN=${platform.outputs.CatEtlStateMachineARN}`,
        inCat(line, platform.outputs),
      ].join("\n"),
    );
    assert.equal(code, 0, `${line}\nended with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  for (const each of [...normalizeLines, ...etlLines(MESSAGES)])
    it(each.what, async () => {
      const isThere = each.until;
      const found = isThere
        ? await until(each.what, async () => {
            const said = await answer(each);
            return isThere(said) ? said : undefined;
          })
        : await answer(each);
      await each.check(found, platform.folder);
    });

  it("leaves nothing when the environment goes", async () => {
    await platform.down();
  });
  after(() => platform?.driver.close());
});
