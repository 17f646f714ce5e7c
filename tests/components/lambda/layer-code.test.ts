import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundleFunction } from "../../../components/lambda/code.js";
import { bundleLayer } from "../../../components/lambda/layer-code.js";
import { projectRoot } from "../../../stacks/paths.js";

const PACKAGES = ["zod", "@aws-sdk/client-sts", "@aws-sdk/client-sqs"];

describe("A layer of packages", function () {
  this.timeout(60_000);

  let files: Map<string, string>;
  let folder: string;
  before(async () => {
    files = await bundleLayer(PACKAGES, projectRoot());
    folder = mkdtempSync(join(tmpdir(), "crucible-layer-"));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has each package where Node functions look for it, in the version that is installed", () => {
    for (const name of PACKAGES) {
      const { version, type } = JSON.parse(files.get(`nodejs/node_modules/${name}/package.json`) ?? "{}");
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
      assert.equal(type, "module");
      assert.ok(files.has(`nodejs/node_modules/${name}/index.mjs`), name);
    }
    const shared = [...files.keys()].filter((path) => path.includes("/_shared/"));
    assert.ok(shared.length > 0, "what both clients stand on is there once");
    assert.ok([...files.keys()].every((path) => path.startsWith("nodejs/node_modules/")));
  });

  it("is what a function runs with that does not hold the packages", async () => {
    const entry = join(folder, "task", "handler.ts");
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(
      entry,
      `import { SQSClient } from "@aws-sdk/client-sqs";
       import { STSServiceException } from "@aws-sdk/client-sts";
       import { z } from "zod";
       export const handler = async (event: unknown) => ({
         queue: z.object({ queue: z.string() }).parse(event).queue,
         region: await new SQSClient({ region: "eu-west-1" }).config.region(),
         error: STSServiceException.name,
       });`,
    );
    const code = await bundleFunction(entry, PACKAGES);
    assert.ok(code.length < 2000, `${code.length} characters`);
    writeFileSync(join(folder, "nodejs", "index.mjs"), code);
    const program =
      'import { handler } from "./index.mjs"; console.log(JSON.stringify(await handler({ queue: "q" })));';
    const told = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: join(folder, "nodejs"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.deepEqual(JSON.parse(told), { queue: "q", region: "eu-west-1", error: "STSServiceException" });
  });

  it("is the same wherever it is made, in whichever order packages are named", async () => {
    const elsewhere = join(projectRoot(), "jobs", "cat", "normalize");
    const again = await bundleLayer([...PACKAGES].reverse(), elsewhere);
    assert.deepEqual([...again.keys()], [...files.keys()]);
    for (const [path, text] of files) assert.ok(again.get(path) === text, path);
  });

  it("says which package is not installed", async () => {
    await assert.rejects(bundleLayer(["zod", "no-such-package"], projectRoot()), /no-such-package.* is not installed/);
  });
});
