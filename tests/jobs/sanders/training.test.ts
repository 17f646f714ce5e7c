import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DAY, FolderPlatform, RAW, SMALL, writeParquet } from "./support.js";

const FOLDER = `models/fare/date=${DAY}`;

interface Metrics {
  mae: number;
  baseline: { mae: number };
  maeToBaseline: number;
  rows: { input: number; train: number; validation: number; test: number; rejected: Record<string, number> };
  splits: Record<"train" | "validation" | "test", { from: string; to: string; rows: number }>;
  model: { sha256: string };
  reload: { rows: number; identical: boolean };
}

describe("model_training", () => {
  let platform: FolderPlatform;
  let metrics: Metrics;
  before(async function () {
    this.timeout(300_000);
    platform = new FolderPlatform();
    const ran = await platform.run("jobs/model_training", { VCPUS: "2" });
    assert.equal(ran.code, 0, ran.error);
    metrics = await platform.json<Metrics>(`${FOLDER}/metrics.json`);
  });
  after(() => platform.remove());

  const model = (of: FolderPlatform) => readFileSync(join(of.bucket, FOLDER, "model.json"));

  it("errs on the held-out time by at most half of what the mean fare does", () => {
    assert.ok(metrics.maeToBaseline <= 0.5, `${metrics.maeToBaseline}`);
    assert.equal(metrics.maeToBaseline, metrics.mae / metrics.baseline.mae);
  });

  it("splits by time: it learns of the earlier trips and is tested on the latest", () => {
    const { train, validation, test } = metrics.splits;
    assert.ok(train.to < validation.from && validation.to < test.from);
  });

  it("accounts for every row of the input", () => {
    const { input, train, validation, test, rejected } = metrics.rows;
    const refused = Object.values(rejected).reduce((sum, rows) => sum + rows, 0);
    assert.equal(train + validation + test + refused, input);
    assert.equal(rejected.unusable, 5567);
  });

  it("publishes the model that the metrics speak of, loaded again with identical predictions", () => {
    assert.equal(createHash("sha256").update(model(platform)).digest("hex"), metrics.model.sha256);
    assert.deepEqual(metrics.reload, { rows: metrics.rows.test, identical: true });
  });

  it("trains the same model of the same trips", async function () {
    this.timeout(300_000);
    const other = new FolderPlatform();
    try {
      const { code } = await other.run("model_training", { VCPUS: "2" });
      assert.equal(code, 0);
      assert.ok(model(other).equals(model(platform)));
    } finally {
      other.remove();
    }
  });

  it("publishes nothing when the model is not good enough", async function () {
    this.timeout(300_000);
    const other = new FolderPlatform();
    try {
      // Fares that have nothing to do with the trip: of another trip each.
      const path = await writeParquet(
        join(other.folder, "shuffled.parquet"),
        `SELECT t.* REPLACE (f.fare_amount AS fare_amount)
         FROM (SELECT *, row_number() OVER () AS n FROM '${RAW}' LIMIT 20000) t
         JOIN (SELECT fare_amount, row_number() OVER (ORDER BY hash(n)) AS n
               FROM (SELECT fare_amount, row_number() OVER () AS n FROM '${RAW}' LIMIT 20000)) f USING (n)`,
      );
      const { code, error } = await other.run("model_training", { TLC_DATA_PATH: path });
      assert.equal(code, 1);
      assert.match(error, /not good enough: .* Nothing was published/);
      assert.equal(existsSync(join(other.bucket, FOLDER)), false);
    } finally {
      other.remove();
    }
  });

  it("says so when there are too few trips, or no zones", async () => {
    const other = new FolderPlatform();
    try {
      const few = await writeParquet(join(other.folder, "few.parquet"), `SELECT * FROM '${SMALL}' LIMIT 100`);
      assert.match(
        (await other.run("model_training", { TLC_DATA_PATH: few })).error,
        /Only \d+ trips can train .* 1000 are needed/,
      );
      const zoneless = await writeParquet(
        join(other.folder, "zoneless.parquet"),
        `SELECT * EXCLUDE (PULocationID) FROM '${SMALL}'`,
      );
      assert.match((await other.run("model_training", { TLC_DATA_PATH: zoneless })).error, /no column PULocationID/);
    } finally {
      other.remove();
    }
  });
});
