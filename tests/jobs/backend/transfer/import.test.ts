import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importFiles } from "../../../../jobs/backend/transfer/import.js";
import { InputError, UsageError } from "../../../../jobs/lib/errors.js";
import type { ObjectStore } from "../../../../jobs/lib/objects.js";

describe("backend: import", () => {
  let root = "";
  let content = new Map<string, string>();
  const bucket: ObjectStore = {
    url: "s3://b",
    async download(key, path) {
      const text = content.get(key);
      if (text === "broken") throw new Error("the download broke off");
      await writeFile(path, text ?? "");
    },
    upload: async () => assert.fail("nothing is uploaded"),
    list: async (prefix) => [...content.keys()].filter((key) => key.startsWith(prefix)).sort(),
    remove: async () => assert.fail("nothing is removed"),
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "import-"));
    content = new Map([
      ["imports/m1/latest.json", "names it"],
      ["imports/m1/0123/model.json", "model"],
      ["imports/m10/other", "other"],
    ]);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("copies all into the folder, and leaves what is there besides", async () => {
    await importFiles(root, "prod/deli/models", "m1", bucket);
    content.set("imports/m1/latest.json", "names it anew").delete("imports/m1/0123/model.json");
    await importFiles(root, "prod/deli/models", "m1", bucket);
    const folder = join(root, "prod", "deli", "models");
    assert.equal(await readFile(join(folder, "latest.json"), "utf8"), "names it anew");
    assert.equal(await readFile(join(folder, "0123", "model.json"), "utf8"), "model");
    assert.deepEqual((await readdir(join(root, "prod", "deli"))).sort(), ["models"]);
  });

  it("puts nothing into place when a part does not arrive", async () => {
    content.set("imports/m1/0123/model.json", "broken");
    await assert.rejects(importFiles(root, "prod/deli/models", "m1", bucket), /broke off/);
    assert.deepEqual(await readdir(join(root, "prod", "deli")), []);
  });

  it("refuses what leads out of the data root, and what is not there", async () => {
    await assert.rejects(importFiles(root, "../x", "m1", bucket), UsageError);
    content.set("imports/m1/../../../x", "out");
    await assert.rejects(importFiles(root, "prod/deli/models", "m1", bucket), UsageError);
    await assert.rejects(importFiles(root, "prod/deli/models", "m2", bucket), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /nothing in s3:\/\/b\/imports\/m2\//);
      return true;
    });
  });
});
