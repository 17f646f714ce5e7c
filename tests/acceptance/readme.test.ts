// The command lines of the platform's two READMEs, as they stand, with the real AWS CLI in environments of the local cloud.
import assert from "node:assert/strict";
import { type CommandLine, inPlatform, type Visit } from "./lines/line.js";
import { platformLines } from "./lines/platform.js";
import { runLines } from "./lines/runs.js";
import { cleanUpLines, storageLines } from "./lines/storage.js";
import { openPlatform, type Platform } from "./platform.js";

const READMES = [
  { name: "infrastructure", environment: "dev", lines: [...storageLines, ...runLines, ...cleanUpLines] },
  { name: "platform", environment: "prod", lines: platformLines },
] as const;

for (const { name, environment, lines } of READMES)
  describe(`The lines of the ${name} README`, function () {
    this.timeout(180_000);

    let platform: Platform;
    let visit: Visit;
    before(async () => {
      platform = await openPlatform(name, environment);
      visit = { platform, environment, jobs: [] };
    });

    for (const each of lines)
      it(each.what, async () => {
        const line = inPlatform(each.line, visit);
        const answer = each.run ? await each.run(line, visit) : await answerOf(line, each, platform);
        await each.check(answer, visit);
      });

    it("leaves nothing when the environment goes, whatever was deleted by hand", async () => {
      await platform.down();
    });
    after(() => platform?.driver.close());
  });

async function answerOf(line: string, { fails = false }: CommandLine, platform: Platform): Promise<string> {
  const { code, stdout, stderr } = await platform.shell(line);
  assert.equal(code !== 0, fails, `${line}\nended with ${code}:\n${stdout}${stderr}`);
  return fails ? stderr : stdout;
}
