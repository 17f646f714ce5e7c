import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportFiles } from "../../../../jobs/backend/transfer/export.js";
import { InputError, UsageError } from "../../../../jobs/lib/errors.js";
import type { ObjectStore } from "../../../../jobs/lib/objects.js";

describe("backend: export", () => {
  let root = "";
  const content = new Map<string, string>();
  const bucket: ObjectStore = {
    url: "s3://b",
    download: async () => assert.fail("nothing is downloaded"),
    upload: async (key, path) => void content.set(key, await readFile(path, "utf8")),
    list: async (prefix) => [...content.keys()].filter((key) => key.startsWith(prefix)).sort(),
    remove: async (keys) => {
      for (const key of keys) content.delete(key);
    },
  };
  beforeEach(async () => {
    content.clear();
    root = await mkdtemp(join(tmpdir(), "export-"));
    await mkdir(join(root, "prod", "grocery", "run", "model"), { recursive: true });
    await writeFile(join(root, "prod", "grocery", "run", "manifest.json"), "{}");
    await writeFile(join(root, "prod", "grocery", "run", "model", "model.json"), "m");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("copies a folder, and takes away what an earlier export of the name had", async () => {
    content.set("exports/e1/old.json", "old").set("exports/e10/other.json", "other");
    const { written } = await exportFiles(root, "prod/grocery/run", "e1", bucket);
    assert.deepEqual([...content].sort(), [
      ["exports/e1/manifest.json", "{}"],
      ["exports/e1/model/model.json", "m"],
      ["exports/e10/other.json", "other"],
    ]);
    assert.deepEqual(written, ["s3://b/exports/e1/manifest.json", "s3://b/exports/e1/model/model.json"]);
  });

  it("copies a single file under its name", async () => {
    await exportFiles(root, "prod/grocery/run/manifest.json", "e2", bucket);
    assert.deepEqual([...content.keys()], ["exports/e2/manifest.json"]);
  });

  it("follows no links, and leaves the data root to nobody's paths", async () => {
    await symlink("/etc/hostname", join(root, "prod", "grocery", "run", "link"));
    await exportFiles(root, "prod/grocery", "e3", bucket);
    assert.ok(![...content.keys()].some((key) => key.endsWith("link")));
    for (const path of ["../etc", "/etc", ".", "prod/../.."])
      await assert.rejects(exportFiles(root, path, "e4", bucket), UsageError, path);
    await assert.rejects(exportFiles(root, "prod/produce", "e4", bucket), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /nothing at prod\/produce/);
      return true;
    });
  });
});
