// The script that the README shows, as it stands there, run by Node.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../stacks/paths.js";

const HEADING = "### A scripted integration run";

/** The first block of code below a heading of the README. */
function blockBelow(heading: string): string {
  const readme = readFileSync(join(projectRoot(), "README.md"), "utf8");
  const [, below = ""] = readme.split(`${heading}\n`);
  const [, code] = /^```ts\n(.*?)^```$/ms.exec(below) ?? [];
  return code ?? assert.fail(`README.md has no block below "${heading}"`);
}

describe("The README's scripted integration run", function () {
  this.timeout(180_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "crucible-script-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("passes as it is printed, in about a dozen lines, and leaves no environment", async () => {
    const code = blockBelow(HEADING);
    const script = join(folder, "daily.mjs");
    writeFileSync(script, code);
    // The names by which a file in the checkout finds the project and its packages.
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(projectRoot(), join(folder, "node_modules", "crucible"));
    symlinkSync(join(projectRoot(), "node_modules", "@aws-sdk"), join(folder, "node_modules", "@aws-sdk"));
    const home = join(folder, "home");
    const child = spawn(process.execPath, [script], {
      cwd: projectRoot(),
      env: { ...process.env, CRUCIBLE_HOME: home },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const written: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => written.push(chunk));
    const exit = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
    assert.equal(exit, 0, Buffer.concat(written).toString());
    assert.deepEqual(readdirSync(join(home, "environments")), []);
    const statements = code.split("\n").filter((line) => line !== "" && !line.startsWith("import "));
    assert.ok(statements.length <= 13, `${statements.length} lines`);
    assert.match(code, /assert\.equal\(Item/);
  });
});
