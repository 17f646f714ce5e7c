import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleCode } from "../../../components/image/code.js";
import { readImageSpec } from "../../../components/image/spec.js";
import { jobsFolder } from "../../../stacks/paths.js";

describe("the image backend-lambda-orders", () => {
  it("has the handlers that its functions name where Lambda looks for them", async () => {
    const folder = jobsFolder("backend-orders");
    const spec = readImageSpec(folder);
    const { files } = await bundleCode(folder, spec, []);
    const root = mkdtempSync(join(tmpdir(), "backend-orders-"));
    try {
      for (const { path, content } of files) {
        if ("file" in content) assert.fail(`${path} is no code`);
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
      const [module, handler] = (spec.entrypoint.at(-1) as string).split(".") as [string, string];
      const loaded = await import(pathToFileURL(join(root, "var", "task", `${module}.mjs`)).href);
      const order = { orderId: "a-1", title: "grocery", hhDate: "2017-11-04", quantity: 10 };
      assert.deepEqual((await loaded[handler](order)).input, {
        title: "GROCERY",
        hhDate: "2017-11-04",
        windowDays: 28,
      });
      await assert.rejects(loaded[handler]({}), { name: "InvalidOrder" });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
