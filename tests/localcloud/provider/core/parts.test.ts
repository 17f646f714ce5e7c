import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { contentOf } from "../../../../localcloud/provider/assets.js";
import { closestFirst } from "../../../../localcloud/provider/closest.js";
import { checkAccount, parseConfiguration } from "../../../../localcloud/provider/configuration.js";
import { isNotFound } from "../../../../localcloud/provider/errors.js";
import { isWithin, segments } from "../../../../localcloud/provider/paths.js";
import { type Clock, retry, TimeoutError, waitFor } from "../../../../localcloud/provider/patience.js";
import { decode, encode, UNKNOWN, WireAsset } from "../../../../localcloud/provider/wire.js";

describe("provider: wire", () => {
  it("carries values there and back", () => {
    const values = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,6}$/),
      fc
        .jsonValue()
        .filter((value) => !JSON.stringify(value).includes("null") && !JSON.stringify(value).includes("__")),
    );
    fc.assert(fc.property(values, (given) => assert.deepEqual(plain(decode(encode(given)).values), plain(given))));
  });

  it("keeps secrets, unknowns and assets", () => {
    const asset = new WireAsset(false, "abc", "hello", undefined, undefined, undefined);
    const { values, secrets } = decode(encode({ a: "s", b: { c: UNKNOWN }, d: asset }, new Set(["a"])));
    assert.deepEqual([...secrets], ["a"]);
    assert.equal(values.a, "s");
    assert.deepEqual(values.b, { c: UNKNOWN });
    assert.deepEqual(values.d, asset);
  });
});

/** Numbers as JSON has them: no negative zero. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("provider: patience", () => {
  /** A clock that does not wait. */
  function fakeClock(): Clock & { pauses: number[] } {
    let now = 0;
    const pauses: number[] = [];
    return {
      pauses,
      now: () => now,
      pause: async (ms) => {
        pauses.push(ms);
        now += ms;
      },
    };
  }
  const { signal } = new AbortController();

  it("repeats what fails for the moment, with growing pauses", async () => {
    const clock = fakeClock();
    let attempts = 0;
    const attempt = async () => {
      attempts += 1;
      if (attempts < 4) throw new Error("not yet");
      return "done";
    };
    assert.equal(await retry(attempt, () => true, 60, signal, clock), "done");
    assert.deepEqual(clock.pauses, [50, 100, 200]);
  });

  it("gives up on another error, and after the time limit", async () => {
    const clock = fakeClock();
    const fail = async () => {
      throw new Error("wrong");
    };
    await assert.rejects(
      retry(fail, () => false, 60, signal, clock),
      /wrong/,
    );
    assert.deepEqual(clock.pauses, []);
    await assert.rejects(
      retry(fail, () => true, 10, signal, clock),
      /wrong/,
    );
    assert.ok(clock.now() <= 10_000);
    await assert.rejects(
      waitFor("the moon", async () => undefined, 5, signal, clock),
      TimeoutError,
    );
  });

  it("ends at once when it is cancelled", async () => {
    const controller = new AbortController();
    const waiting = waitFor("ever", async () => undefined, 3600, controller.signal);
    controller.abort(new Error("called off"));
    await assert.rejects(waiting, /called off/);
  });
});

describe("provider: assets", () => {
  const { signal } = new AbortController();
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "crucible-assets-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("packs an archive that unzip and Python read, the same bytes each time", async () => {
    mkdirSync(join(folder, "code/lib"), { recursive: true });
    writeFileSync(join(folder, "code/index.js"), "exports.handler = 1;".repeat(100));
    writeFileSync(join(folder, "code/lib/ümlaut.txt"), "ü");
    const code = new WireAsset(true, undefined, undefined, join(folder, "code"), undefined, undefined);
    const note = new WireAsset(false, undefined, "hi", undefined, undefined, undefined);
    const archive = new WireAsset(true, undefined, undefined, undefined, undefined, { app: code, "note.txt": note });
    const bytes = await contentOf(archive, signal);
    assert.deepEqual(await contentOf(archive, signal), bytes);
    writeFileSync(join(folder, "out.zip"), bytes);
    const list =
      "import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print('\\n'.join(z.namelist()))";
    const names = execFileSync("python3", ["-c", list, join(folder, "out.zip")], { encoding: "utf8" });
    assert.deepEqual(names.trim().split("\n"), ["app/index.js", "app/lib/ümlaut.txt", "note.txt"]);
    assert.ok(bytes.length < readFileSync(join(folder, "code/index.js")).length, "it is compressed");
  });
});

describe("provider: configuration", () => {
  it("reads nested settings given as JSON text, and names what is wrong", () => {
    const { configuration, failures } = parseConfiguration({
      region: "eu-central-1",
      allowedAccountIds: '["123456789012"]',
      defaultTags: '{"tags":{"Project":"x"}}',
      skipCredentialsValidation: "true",
    });
    assert.deepEqual(failures, []);
    assert.deepEqual(configuration.allowedAccountIds, ["123456789012"]);
    assert.deepEqual(configuration.defaultTags, { tags: { Project: "x" } });
    assert.equal(configuration.skipCredentialsValidation, true);
    const wrong = parseConfiguration({ allowedAccountIds: '["12"]' }).failures;
    assert.equal(wrong[0]?.reason, "aws:allowedAccountIds.0: an account id has 12 digits");
  });

  it("keeps to the accounts that are allowed", () => {
    assert.throws(
      () => checkAccount("111111111111", { allowedAccountIds: ["222222222222"] }),
      /111111111111 is not allowed/,
    );
    assert.throws(() => checkAccount("111111111111", { forbiddenAccountIds: ["111111111111"] }), /is forbidden/);
    checkAccount("111111111111", { allowedAccountIds: ["111111111111"] });
  });
});

describe("provider: paths and names", () => {
  it("reads the engine's property paths", () => {
    assert.deepEqual(segments('rules[0].filter["a b"].x'), ["rules", "0", "filter", "a b", "x"]);
    assert.equal(isWithin("rules[3].days", "rules[*]"), true);
    assert.equal(isWithin("rules", "rules[0]"), false);
  });

  it("finds the type that was meant", () => {
    const known = ["aws:s3/bucket:Bucket", "aws:sns/topic:Topic", "aws:s3/bucketPolicy:BucketPolicy"];
    assert.equal(closestFirst("aws:s3/bucketPolice:BucketPolice", known)[0], "aws:s3/bucketPolicy:BucketPolicy");
  });

  it("knows the names by which AWS's services say that a thing is not there", () => {
    const named = (name: string) => Object.assign(new Error("x"), { name });
    for (const name of ["NoSuchBucket", "ResourceNotFoundException", "InvalidVpcID.NotFound", "NotFoundException"])
      assert.equal(isNotFound(named(name)), true, name);
    for (const name of ["AccessDenied", "ValidationException", "NotFoundHere?"])
      assert.equal(isNotFound(named(name)), false, name);
  });
});
