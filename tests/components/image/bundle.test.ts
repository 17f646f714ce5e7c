import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { bundleImage, type ImageBundle } from "../../../components/image/bundle.js";
import { projectRoot } from "../../../localcloud/server/paths.js";

const FIXTURE = join(projectRoot, "tests", "fixtures", "image");

describe("image bundle", () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "bundle-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  /** A copy of the fixture in a project of its own, without the native module unless asked for. */
  function project(name: string, native: string[] = []): string {
    const folder = join(scratch, name, "jobs-folder");
    cpSync(FIXTURE, folder, { recursive: true });
    if (native.length === 0) rmSync(join(folder, "jobs", "count.ts"));
    edit(folder, (image) => ({ ...image, native }));
    symlinkSync(join(projectRoot, "node_modules"), join(scratch, name, "node_modules"));
    return folder;
  }
  const build = (folder: string, cache = "cache") => bundleImage(folder, { cacheFolder: join(scratch, cache) });

  it("is the same wherever and whenever it is built, to the byte", async () => {
    const one = await build(project("one"), "cache-1");
    const other = project("other");
    for (const name of ["main.ts", "shared.ts"]) utimesSync(join(other, name), new Date(0), new Date(0));
    const two = await build(other, "cache-2");
    assert.equal(one.tag, two.tag);
    assert.equal(one.manifestDigest, two.manifestDigest);
    assert.match(one.tag, /^sha-[0-9a-f]{12}$/);
    assert.ok(one.contentDigest.startsWith(`sha256:${one.tag.slice(4)}`));
  });

  it("has another tag for another byte, be it in a job, a module that jobs share, a Python file or the configuration", async () => {
    const folder = project("one");
    const tags = [(await build(folder)).tag];
    const changes = [
      () => replaceIn(join(folder, "jobs", "hello.ts"), "cwd", "cwD"),
      () => replaceIn(join(folder, "shared.ts"), "no greeting", "no Greeting"),
      () => appendFileSync(join(folder, "python", "double.py"), " "),
      () => edit(folder, (image) => ({ ...image, environment: { GREETING: "good day" } })),
      () => edit(folder, (image) => ({ ...image, entrypoint: ["node", "/app/main.mjs", "--"] })),
    ];
    for (const change of changes) {
      change();
      tags.push((await build(folder)).tag);
    }
    assert.equal(new Set(tags).size, changes.length + 1);
  });

  it("says when it had to be built, and not when it was there", async () => {
    const folder = project("one");
    let built = 0;
    const options = { cacheFolder: join(scratch, "cache-told"), onBuilt: () => ++built };
    // Sources that are written while they are built are looked at again.
    for (const name of ["main.ts", "shared.ts"]) utimesSync(join(folder, name), new Date(0), new Date(0));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await bundleImage(folder, options);
    await bundleImage(folder, options);
    assert.equal(built, 1);
    appendFileSync(join(folder, "python", "double.py"), " ");
    await bundleImage(folder, options);
    assert.equal(built, 2);
  });

  it("has another tag for another runtime, which is in no layer", async () => {
    const folder = project("one");
    writeFileSync(join(folder, "Dockerfile"), "FROM node:20-slim\n");
    edit(folder, (image) => ({ ...image, runtime: ["Dockerfile"] }));
    const before = await build(folder);
    writeFileSync(join(folder, "Dockerfile"), "FROM node:20-alpine\n");
    const after = await build(folder);
    assert.notEqual(after.tag, before.tag);
    assert.deepEqual(after.layers, before.layers);
  });

  it("notices a job that is added or taken away", async () => {
    const folder = project("one");
    const before = await build(folder);
    cpSync(join(folder, "jobs", "hello.ts"), join(folder, "jobs", "again.ts"));
    const added = await build(folder);
    assert.notEqual(added.tag, before.tag);
    assert.ok((await entries(added)).some(({ name }) => name === "app/jobs/again.mjs"));
    rmSync(join(folder, "jobs", "again.ts"));
    assert.equal((await build(folder)).tag, before.tag);
  });

  it("bundles the jobs with what they share, and copies Python as it is", async () => {
    const packed = await entries(await build(project("one")));
    assert.deepEqual(
      packed.map(({ name }) => name),
      ["app/", "app/jobs/", "app/jobs/hello.mjs", "app/main.mjs", "app/python/", "app/python/double.py"],
    );
    for (const { mtime, uid, gid } of packed) assert.deepEqual([mtime?.getTime(), uid, gid], [0, 0, 0]);
  });

  it("has native modules in a layer of their own, for this platform only, which changed code does not touch", async () => {
    const folder = project("one", ["@duckdb/node-api"]);
    const before = await build(folder);
    assert.equal(before.layers.length, 2);
    const names = (await entries(before, 0)).map(({ name }) => name);
    const bindings = names.filter((name) => name.endsWith("duckdb.node"));
    assert.deepEqual(bindings.length, 1);
    assert.match(bindings[0] ?? "", new RegExp(`@duckdb/node-bindings-${process.platform}-${process.arch}`));
    assert.ok(names.includes("app/node_modules/@duckdb/node-api/package.json"));
    replaceIn(join(folder, "shared.ts"), "no greeting", "no Greeting");
    const after = await build(folder);
    assert.deepEqual(after.layers[0], before.layers[0]);
    assert.notDeepEqual(after.layers[1], before.layers[1]);
  });

  it("takes no time when nothing changed, and less than 0.3 s in all", async () => {
    const folder = project("one", ["@duckdb/node-api"]);
    const built = await build(folder);
    const blob = built.blobPath(built.layers[1]?.digest ?? "");
    const { ino } = statSync(blob);
    const from = performance.now();
    const again = await build(folder);
    const took = performance.now() - from;
    assert.equal(again.manifest, built.manifest);
    assert.equal(statSync(blob).ino, ino, "the layer was not written again");
    assert.ok(took < 300, `${took} ms`);
  });

  it("builds anew what the cache has lost", async () => {
    const folder = project("one");
    const built = await build(folder);
    const blob = built.blobPath(built.layers[0]?.digest ?? "");
    writeFileSync(blob, "cut off");
    assert.equal((await build(folder)).manifestDigest, built.manifestDigest);
    assert.equal(statSync(blob).size, built.layers[0]?.size);
  });

  it("may be built by two at once, and leaves nothing half done", async () => {
    const folder = project("one");
    const [one, two] = await Promise.all([build(folder), build(folder)]);
    assert.equal(one.manifest, two.manifest);
    assert.deepEqual(readdirSync(join(scratch, "cache", "tmp")), []);
  });

  it("says what is wrong with an image", async () => {
    const folder = project("one");
    const fails = (expected: RegExp) => assert.rejects(build(folder), expected);
    edit(folder, (image) => ({ ...image, jbos: "x" }));
    await fails(/image\.json does not describe an image:[\s\S]*jbos/);
    edit(folder, ({ jbos: _, ...image }) => ({ ...image, jobs: "jobs/*.tsx" }));
    await fails(/nothing matches 'jobs\/\*\.tsx'/);
    edit(folder, (image) => ({ ...image, jobs: "jobs/*.ts", native: ["no-such-package"] }));
    await fails(/no-such-package, needed by image\.json, is not installed/);
    edit(folder, (image) => ({ ...image, native: [] }));
    writeFileSync(join(folder, "jobs", "hello.ts"), 'import "./missing.js";');
    await fails(/hello\.ts:1:7: ERROR: Could not resolve "\.\/missing\.js"/);
    await assert.rejects(bundleImage("jobs"), /absolute/);
  });

  it("says which platform has no build of a native module", async () => {
    const folder = project("one", ["@duckdb/node-api"]);
    await assert.rejects(
      bundleImage(folder, {
        cacheFolder: join(scratch, "cache"),
        platform: { os: "linux", cpu: "riscv64", libc: "glibc" },
      }),
      /No build of @duckdb\/node-bindings for linux\/riscv64 \(glibc\) is installed: run npm ci --os=linux --cpu=riscv64/,
    );
  });

  it("removes from its cache what nobody used for a month", async () => {
    const folder = project("one");
    const old = await build(folder);
    const blob = old.blobPath(old.layers[0]?.digest ?? "");
    const longAgo = new Date(Date.now() - 40 * 86_400_000);
    utimesSync(blob, longAgo, longAgo);
    mkdirSync(join(scratch, "elsewhere"));
    renameSync(folder, join(scratch, "elsewhere", "jobs-folder"));
    writeFileSync(join(scratch, "elsewhere", "jobs-folder", "python", "other.py"), "");
    await build(join(scratch, "elsewhere", "jobs-folder"));
    assert.ok(!existsSync(blob));
  });
});

function edit(folder: string, change: (image: Record<string, unknown>) => Record<string, unknown>): void {
  const path = join(folder, "image.json");
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>)));
}

function replaceIn(path: string, from: string, to: string): void {
  const text = readFileSync(path, "utf8");
  assert.ok(text.includes(from));
  writeFileSync(path, text.replace(from, to));
}

/** Headers of a layer's entries: of the code's, if no other is asked for. */
async function entries(bundle: ImageBundle, index = bundle.layers.length - 1): Promise<Header[]> {
  const headers: Header[] = [];
  const archive = createReadStream(bundle.blobPath(bundle.layers[index]?.digest ?? ""))
    .pipe(createGunzip())
    .pipe(extract());
  for await (const entry of archive) {
    headers.push(entry.header);
    entry.resume();
  }
  return headers;
}
