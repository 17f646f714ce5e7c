import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { EcrImageStore } from "../../../../localcloud/compute/images/store.js";
import type { Cloud } from "../../../../localcloud/index.js";
import { clientConfig, freshAccount, testCloud } from "../../../support/cloud.js";
import {
  type BuiltLayer,
  digestOf,
  type Entry,
  files,
  layer,
  push,
  REGION,
  type Repository,
  repository,
} from "./fixture.js";

describe("image store on the local cloud's ECR", () => {
  let cloud: Cloud;
  let folder: string;
  let to: Repository;
  let store: EcrImageStore;
  before(async () => {
    cloud = await testCloud();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "store-"));
    to = await repository(cloud, freshAccount());
    store = open();
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () =>
    new EcrImageStore({ cacheFolder: folder, clientConfig: (account, region) => clientConfig(cloud, account, region) });
  const resolve = (image: string) => store.resolve({ image, account: to.account, region: REGION });
  const rootOf = async (tag: string) => (await resolve(`${to.url}:${tag}`)).root();
  const fails = (image: string, message: RegExp) =>
    assert.rejects(
      resolve(image).then((found) => found.root()),
      (error: Error) => {
        assert.match(error.message, /^CannotPullContainerError: /);
        assert.match(error.message, message);
        return true;
      },
    );

  it("gives an image's files and configuration by tag and by digest", async () => {
    const digest = await push(to, "v1", [await files({ "app/main.mjs": "main" })], {
      Entrypoint: ["node", "/app/main.mjs"],
      Cmd: ["jobs/a"],
      WorkingDir: "/app",
      Env: ["A=1=2", "EMPTY="],
    });
    for (const image of [
      `${to.url}:v1`,
      `${to.url}@${digest}`,
      `${to.url}:v1@${digest}`,
      `${new URL(cloud.endpoint).host}/${to.name}:v1`,
    ]) {
      const found = await resolve(image);
      assert.equal(found.digest, digest);
      assert.deepEqual(found.config, {
        entrypoint: ["node", "/app/main.mjs"],
        command: ["jobs/a"],
        workingDirectory: "/app",
        environment: { A: "1=2", EMPTY: "" },
      });
      assert.equal(readFileSync(join(await found.root(), "app", "main.mjs"), "utf8"), "main");
    }
  });

  it("follows a tag that is moved", async () => {
    await push(to, "latest", [await files({ a: "old" })]);
    assert.equal(readFileSync(join(await rootOf("latest"), "a"), "utf8"), "old");
    await push(to, "latest", [await files({ a: "new" })]);
    assert.equal(readFileSync(join(await rootOf("latest"), "a"), "utf8"), "new");
    assert.equal(
      readFileSync(join(await (await resolve(to.url)).root(), "a"), "utf8"),
      "new",
      "latest is what a name without a tag means",
    );
  });

  it("lays layers over each other, with what an upper one takes away", async () => {
    const lower = await files({
      "app/kept": "1",
      "app/gone": "1",
      "app/changed": "1",
      "opaque/below": "1",
      file: "1",
      "folder/in": "1",
    });
    const upper = await layer([
      { name: "app/.wh.gone" },
      { name: "app/changed", content: "2" },
      { name: "opaque/above", content: "2" },
      { name: "opaque/.wh..wh..opq" },
      { name: "file/now-a-folder", content: "2" },
      { name: "folder", content: "2" },
    ]);
    await push(to, "v1", [lower, upper]);
    const root = await rootOf("v1");
    assert.deepEqual(readdirSync(join(root, "app")).sort(), ["changed", "kept"]);
    assert.equal(readFileSync(join(root, "app", "changed"), "utf8"), "2");
    assert.deepEqual(readdirSync(join(root, "opaque")), ["above"]);
    assert.deepEqual(readdirSync(join(root, "file")), ["now-a-folder"]);
    assert.equal(readFileSync(join(root, "folder"), "utf8"), "2");
  });

  it("shares a layer between images, fetched once however many pull it at once", async () => {
    const common = await files({ "lib/large": "x".repeat(100_000) });
    await push(to, "one", [common, await files({ one: "" })]);
    await push(to, "two", [common, await files({ two: "" })]);
    const other = open();
    const roots = await Promise.all([
      rootOf("one"),
      rootOf("two"),
      rootOf("one"),
      other.resolve({ image: `${to.url}:two`, account: to.account, region: REGION }).then((found) => found.root()),
    ]);
    other.close();
    assert.equal(roots[0], roots[2]);
    assert.equal(roots[1], roots[3]);
    const inodes = roots.map((root) => statSync(join(root, "lib", "large")).ino);
    assert.equal(new Set(inodes).size, 1, "one copy on disk");
    assert.equal(readdirSync(join(folder, "layers")).length, 3);
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
  });

  it("needs the registry no more for what it has unpacked", async () => {
    const one = await files({ a: "1" });
    await push(to, "v1", [one]);
    const root = await rootOf("v1");
    // The same content in another account, whose registry has lost the blob's bytes.
    const elsewhere = await repository(cloud, freshAccount());
    await push(elsewhere, "v1", [
      { ...one, digest: (await files({ b: "2" })).digest, bytes: (await files({ b: "2" })).bytes },
    ]);
    const found = await store.resolve({ image: `${elsewhere.url}:v1`, account: elsewhere.account, region: REGION });
    assert.equal(await found.root(), root);
  });

  it("refuses a layer that is not what its digest says", async () => {
    const good = await files({ a: "1" });
    const lying: BuiltLayer = { ...good, diffId: digestOf("something else") };
    await push(to, "v1", [lying]);
    await fails(`${to.url}:v1`, /failed to extract layer: wrong diff id/);
    assert.deepEqual(readdirSync(join(folder, "tmp")), [], "nothing half done is left");
    assert.ok(!existsSync(join(folder, "layers")) || readdirSync(join(folder, "layers")).length === 0);
  });

  it("refuses bytes that changed on their way, and takes them when they come whole", async () => {
    await push(to, "v1", [await files({ a: "1" })]);
    let corrupt: ((body: Buffer) => Buffer) | undefined;
    const proxy = createServer((incoming, outgoing) => {
      const forwarded = request(
        new URL(incoming.url ?? "", cloud.endpoint),
        { method: incoming.method, headers: incoming.headers },
        async (answer) => {
          const body = await buffer(answer);
          const isLayer =
            answer.headers["content-type"] === "application/octet-stream" && body.readUInt16BE() === 0x1f8b;
          const sent = corrupt && isLayer ? corrupt(body) : body;
          outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, "content-length": sent.length }).end(sent);
        },
      );
      incoming.pipe(forwarded);
    });
    await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
    const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const behind = new EcrImageStore({
      cacheFolder: folder,
      clientConfig: (account, region) => ({ ...clientConfig(cloud, account, region), endpoint }),
    });
    try {
      const found = await behind.resolve({ image: `${to.url}:v1`, account: to.account, region: REGION });
      corrupt = (body) => Buffer.concat([body, Buffer.from("more")]);
      await assert.rejects(
        found.root(),
        /^CannotPullContainerError: .*failed commit on ref "layer-sha256:.*unexpected commit digest/,
      );
      corrupt = (body) => body.map((byte, index) => (index === body.length - 12 ? byte ^ 0xff : byte)) as Buffer;
      await assert.rejects(found.root(), /^CannotPullContainerError: /);
      assert.deepEqual(readdirSync(join(folder, "tmp")), []);
      corrupt = undefined;
      assert.equal(readFileSync(join(await found.root(), "a"), "utf8"), "1");
    } finally {
      behind.close();
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  const hostile: [string, Entry[], RegExp][] = [
    ["climbs out with ..", [{ name: "app/../../escaped", content: "x" }], /leads outside of the image/],
    [
      "writes through a link of its own",
      [
        { name: "out", type: "symlink", linkname: "/tmp" },
        { name: "out/escaped", content: "x" },
      ],
      /has an entry below 'out', which is no folder/,
    ],
    [
      "links hard to a file of the machine",
      [{ name: "app/passwd", type: "link", linkname: "../../etc/passwd" }],
      /leads outside of the image/,
    ],
    [
      "links hard to what the layer does not have",
      [{ name: "passwd", type: "link", linkname: "/etc/passwd" }],
      /hard link to 'etc\/passwd', which the layer does not have/,
    ],
    ["takes away the folder above", [{ name: ".wh..." }], /whiteout of '\.\.'/],
  ];
  for (const [what, entries, message] of hostile)
    it(`refuses a layer that ${what}`, async () => {
      await push(to, "v1", [await layer(entries)]);
      await fails(`${to.url}:v1`, message);
      assert.ok(
        !existsSync(join(folder, "escaped")) &&
          !existsSync(join(folder, "..", "escaped")) &&
          !existsSync("/tmp/escaped"),
      );
    });

  it("takes an absolute path and a link to one as the image's own", async () => {
    await push(to, "v1", [
      await layer([
        { name: "/etc/conf", content: "of the image" },
        { name: "app/conf", type: "symlink", linkname: "/etc/conf" },
        { name: "app/up", type: "symlink", linkname: "../../../../etc/conf" },
      ]),
    ]);
    const root = await rootOf("v1");
    assert.equal(readFileSync(join(root, "app", "conf"), "utf8"), "of the image");
    assert.equal(readFileSync(join(root, "app", "up"), "utf8"), "of the image");
    assert.equal(readlinkSync(join(root, "app", "conf")), "../etc/conf");
  });

  it("words a missing image as AWS does", async () => {
    await push(to, "v1", [await files({ a: "" })]);
    const missing = `${to.url}:v2`;
    await assert.rejects(resolve(missing), {
      message: `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${missing}: ${missing}: not found`,
    });
    await fails(`${to.url}@sha256:${"0".repeat(64)}`, /not found$/);
    await fails(
      `${to.url}s:v1`,
      new RegExp(`The repository with name '${to.name}s' does not exist in the registry with id '${to.account}'`),
    );
    await fails("not a name", /invalid reference format/);
  });

  it("does not let one account pull from another", async () => {
    const other = await repository(cloud, freshAccount());
    await push(other, "v1", [await files({ a: "" })]);
    await fails(`${other.url}:v1`, /pull access denied, repository does not exist or may require authorization/);
  });

  it("says that an image of a public registry needs a container engine", async () => {
    for (const image of ["public.ecr.aws/docker/library/python:3.12", "busybox"])
      await fails(image, /is not in the account's ECR/);
  });

  it("hands out a layer's own bytes to who has to pass them on", async () => {
    await push(to, "v1", [await files({ a: "1" })]);
    const found = await resolve(`${to.url}:v1`);
    const [only] = found.layers;
    assert.ok(only);
    assert.equal(digestOf(readFileSync(await found.blob(only))), only.digest);
  });

  it("removes what a killed pull left, and what nobody used for a month", async () => {
    const longAgo = new Date(Date.now() - 40 * 86_400_000);
    for (const name of ["tmp/left-by-a-killed-pull", "roots/unused", "layers/unused"]) {
      mkdirSync(join(folder, name), { recursive: true });
      utimesSync(join(folder, name), longAgo, longAgo);
    }
    await push(to, "v1", [await files({ a: "1" })]);
    const root = await rootOf("v1");
    assert.deepEqual(readdirSync(join(folder, "tmp")), []);
    assert.deepEqual(readdirSync(join(folder, "roots")), [basename(root)]);
    assert.equal(readdirSync(join(folder, "layers")).length, 1);
  });
});
