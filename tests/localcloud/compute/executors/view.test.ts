import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createView } from "../../../../localcloud/compute/executors/view.js";

describe("a container's view of its image", () => {
  let folder: string;
  let image: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "view-"));
    image = join(folder, "image");
    mkdirSync(join(image, "app", "jobs"), { recursive: true });
    mkdirSync(join(image, "etc"));
    writeFileSync(join(image, "app", "jobs", "a.mjs"), "a");
    writeFileSync(join(image, "etc", "conf"), "conf");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has the image's files, and keeps what is made beside them to itself", () => {
    const view = createView(join(folder, "one"), image, "/app", []);
    assert.equal(readFileSync(join(view.workingFolder, "jobs", "a.mjs"), "utf8"), "a");
    assert.equal(readFileSync(join(view.root, "etc", "conf"), "utf8"), "conf");
    writeFileSync(join(view.workingFolder, "out"), "");
    assert.ok(!existsSync(join(image, "app", "out")));
  });

  it("translates what the image or a mount has, and nothing else", () => {
    const view = createView(join(folder, "one"), image, "/app", [{ source: folder, target: "/mnt/efs/" }]);
    assert.equal(view.translate("/app/jobs/a.mjs"), join(view.root, "app/jobs/a.mjs"));
    assert.equal(view.translate("/app/../etc/conf"), join(view.root, "etc/conf"));
    assert.equal(view.translate("/mnt/efs/x"), join(view.root, "mnt/efs/x"));
    for (const text of ["/usr/bin/env", "/mnt/efsx", "/", "app/jobs/a.mjs", "s3://bucket/app"])
      assert.equal(view.translate(text), text);
    assert.equal(view.translateMounted("/app/jobs/a.mjs"), "/app/jobs/a.mjs");
    assert.equal(view.translateMounted("/mnt/efs/x"), join(view.root, "mnt/efs/x"));
  });

  it("has a working folder that the image lacks", () => {
    const view = createView(join(folder, "one"), image, "/work/here", []);
    assert.equal(view.workingFolder, join(view.root, "work/here"));
    assert.ok(existsSync(view.workingFolder));
  });

  it("puts a mount over what the image has there, also in its working folder", () => {
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "data", "in"), "mounted");
    const view = createView(join(folder, "one"), image, "/app", [
      { source: join(folder, "data"), target: "/app/jobs" },
    ]);
    assert.equal(readFileSync(join(view.workingFolder, "jobs", "in"), "utf8"), "mounted");
    assert.ok(existsSync(join(image, "app", "jobs", "a.mjs")));
  });

  it("refuses a mount within a mount, whose link would be made in the other's source", () => {
    const mounts = [
      { source: folder, target: "/mnt" },
      { source: folder, target: "/mnt/inner" },
    ];
    assert.throws(
      () => createView(join(folder, "one"), image, "/app", mounts),
      /\/mnt\/inner needs a container engine/,
    );
    assert.ok(!existsSync(join(folder, "inner")));
  });
});
