import assert from "node:assert/strict";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { checkObjects } from "../../../jobs/preprocessing/functions/check.js";
import { ARTIFACTS, type Found } from "../../../jobs/preprocessing/functions/layout.js";
import { summarize } from "../../../jobs/preprocessing/functions/summary.js";
import { clientConfig, freshAccount, testCloud } from "../../support/cloud.js";

const of = (key: string, bytes = 10): Found => ({ key, bytes });
const complete = [...ARTIFACTS.map((key) => of(key)), of("input/a.csv", 100), of("input/deep/b.csv", 20)];

describe("The check before a run", () => {
  it("gives what a run will work on", () => {
    const checked = checkObjects([...complete, of("input/notes.txt"), of("artifacts/else")], "s3://b");
    assert.deepEqual(
      checked.artifacts.map(({ key }) => key),
      ARTIFACTS,
    );
    assert.deepEqual(checked.inputs, [of("input/a.csv", 100), of("input/deep/b.csv", 20)]);
    assert.equal(checked.bytes, 120);
  });

  it("names exactly the artifacts that are missing, whichever they are", () => {
    fc.assert(
      fc.property(fc.subarray([...ARTIFACTS], { minLength: 1 }), (missing) => {
        const objects = complete.filter(({ key }) => !(missing as string[]).includes(key));
        assert.throws(() => checkObjects(objects, "s3://b"), {
          name: "MissingArtifact",
          message: `s3://b has no ${missing.join(", ")}`,
        });
      }),
    );
  });

  it("wants at least one CSV file, and none of all that is empty", () => {
    const artifacts = complete.slice(0, 3);
    assert.throws(() => checkObjects([...artifacts, of("input/a.parquet")], "s3://b"), {
      name: "InvalidInput",
      message: "s3://b has no input/*.csv",
    });
    assert.throws(() => checkObjects([...complete, of("input/c.csv", 0)], "s3://b"), {
      name: "InvalidInput",
      message: "In s3://b there is nothing in input/c.csv",
    });
  });
});

const manifest = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    run: "run-7",
    inputs: [{ key: "input/a.csv", bytes: 100, sha256: "aa", rows: 7 }],
    outputs: [
      { key: "output/a.csv", bytes: 50, sha256: "bb", rows: 5 },
      { key: "output/chart.png", bytes: 9, sha256: "cc" },
    ],
    ...over,
  });
const written = [of("output/a.csv", 50), of("output/chart.png", 9), of("output/manifest.json", 300)];

describe("The summary after a run", () => {
  it("counts rows and bytes by the manifest", () => {
    assert.deepEqual(summarize(manifest(), "run-7", written), {
      run: "run-7",
      rowsIn: 7,
      rowsOut: 5,
      bytesOut: 59,
      outputs: [
        { key: "output/a.csv", bytes: 50, rows: 5 },
        { key: "output/chart.png", bytes: 9 },
      ],
    });
  });

  it("takes no other run's output for this one's", () =>
    assert.throws(() => summarize(manifest(), "run-8", written), {
      name: "InvalidOutput",
      message: "The output is that of the run 'run-7', not of 'run-8': this one wrote none",
    }));

  it("sees that an output is missing, or was written over", () => {
    for (const objects of [written.slice(1), [of("output/a.csv", 51), ...written.slice(1)]])
      assert.throws(() => summarize(manifest(), "run-7", objects), {
        name: "InvalidOutput",
        message: "The manifest tells of output/a.csv, which is not there as it was written",
      });
  });

  it("says what is wrong with a manifest", () => {
    assert.throws(() => summarize("{", "run-7", written), {
      name: "InvalidOutput",
      message: /^The manifest is no JSON: /,
    });
    assert.throws(() => summarize(manifest({ outputs: [] }), "run-7", written), {
      name: "InvalidOutput",
      message: /^The manifest is none: [\s\S]*outputs/,
    });
  });
});

describe("The functions on a bucket", function () {
  this.timeout(60_000);
  const saved = { ...process.env };
  const bucket = "preprocessing-functions";
  let s3: S3Client;

  before(async () => {
    const cloud = await testCloud();
    const account = freshAccount();
    s3 = new S3Client({ ...clientConfig(cloud, account), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    // The functions make their client when they are loaded, of what Lambda gives them.
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: "test",
      BUCKET: bucket,
    });
  });
  after(() => {
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
    s3?.destroy();
  });

  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

  it("check what lies there, more than one page of it", async () => {
    const { handler } = await import("../../../jobs/preprocessing/functions/check-input.js");
    await assert.rejects(handler(), {
      name: "MissingArtifact",
      message: new RegExp(`^s3://${bucket} has no artifacts/py`),
    });
    for (const key of ARTIFACTS) await put(key, "x");
    for (let from = 0; from < 1001; from += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, 1001 - from) }, (_, i) => put(`input/${from + i}.csv`, "a\n1\n")),
      );
    const { inputs, bytes } = await handler();
    assert.deepEqual([inputs.length, bytes], [1001, 4004]);
  });

  it("sum up what was written", async () => {
    const { handler } = await import("../../../jobs/preprocessing/functions/summarize-result.js");
    await assert.rejects(handler({ run: "run-7" }), {
      name: "InvalidOutput",
      message: `s3://${bucket} has no output/manifest.json`,
    });
    await put("output/a.csv", "x".repeat(50));
    await put("output/chart.png", "x".repeat(9));
    await put("output/manifest.json", manifest());
    const { bucket: place, rowsIn, rowsOut } = await handler({ run: "run-7" });
    assert.deepEqual([place, rowsIn, rowsOut], [bucket, 7, 5]);
  });

  it("say that they were not told of a bucket", async () => {
    const { handler } = await import("../../../jobs/preprocessing/functions/check-input.js");
    delete process.env.BUCKET;
    await assert.rejects(handler(), /The function's environment has no BUCKET/);
    process.env.BUCKET = bucket;
  });
});
