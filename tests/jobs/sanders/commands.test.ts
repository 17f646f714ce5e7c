import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { jobName } from "../../../jobs/sanders/catalog.js";
import { loadConfig } from "../../../jobs/sanders/config.js";
import { DAY, FolderPlatform, root, SMALL } from "./support.js";

const execute = promisify(execFile);

async function node(args: string[], env: Record<string, string> = {}) {
  const options = { env: { PATH: process.env.PATH ?? "", ...env } };
  const { stdout, stderr, code } = await execute(process.execPath, args, options)
    .then((done) => ({ ...done, code: 0 }))
    .catch((error: { stdout: string; stderr: string; code: number }) => error);
  return { stdout, stderr, code };
}

const JOBS = [
  "daily_features_tlc",
  "daily_features_tlc_large",
  "daily_features_tlc_medium",
  "daily_features_tlc_small",
  "data_processing",
  "ingest_tlc_sample",
  "model_training",
];

describe("the image's entry point", () => {
  const main = join(root, "dist/jobs/sanders/main.js");

  it("takes a job's name as the seed writes it, and bare", () => {
    for (const command of [
      "jobs/daily_features_tlc",
      "jobs/daily_features_tlc.py",
      "daily_features_tlc",
      "./jobs/daily_features_tlc.py",
    ])
      assert.equal(jobName(command), "daily_features_tlc");
    for (const command of ["", "jobs/", "../secrets", "jobs/../main", "jobs/a b", "other/daily_features_tlc"])
      assert.equal(jobName(command), undefined);
  });

  it("ends with 2 and lists the jobs when the name is unknown or missing", async () => {
    for (const args of [["jobs/nope.py"], [], ["jobs/data_processing", "extra"]]) {
      const { stderr, code } = await node([main, ...args]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(JOBS.map((name) => `jobs/${name}`).join(", ")), stderr);
    }
    assert.match((await node([main, "jobs/nope.py"])).stderr, /There is no job 'jobs\/nope\.py'/);
  });

  it("names every variable with a wrong value, in one line", async () => {
    const { stderr, code } = await node([main, "jobs/daily_features_tlc"], {
      FEATURE_DATE: "2026-13-01",
      SCP_ENV: "staging",
      BACKFILL: "maybe",
    });
    assert.equal(code, 2);
    assert.equal(stderr.trim().split("\n").length, 1);
    assert.equal(
      (JSON.parse(stderr) as { message: string }).message,
      "Wrong environment: SCP_ENV=staging is not one of dev, test, prod; FEATURE_DATE=2026-13-01 is not a day of the " +
        "calendar, written YYYY-MM-DD; BACKFILL=maybe is neither true nor false",
    );
  });
});

describe("configuration", () => {
  const now = new Date("2026-02-07T23:59:59Z");

  it("has the seed's names and default input for each environment", () => {
    const config = loadConfig({ SCP_ENV: "prod" }, now);
    assert.equal(config.bucket, "sanders-customer-platform-prod");
    assert.equal(config.table, "sanders_daily_customer_features_prod");
    assert.equal(config.dataPath, "s3://sanders-customer-platform-prod/raw/nyc_tlc/yellow_tripdata_2024-01.parquet");
    assert.equal(config.featureDate, "2026-02-07");
    assert.equal(config.region, "eu-central-1");
    assert.equal(config.backfill, false);
  });

  it("takes bucket and table from the job definition, the input from the submission", () => {
    const config = loadConfig(
      {
        S3_BUCKET: "a-bucket-k3x9",
        DYNAMODB_TABLE: "a_table",
        TLC_DATA_PATH: "",
        FEATURE_DATE: "2024-02-29",
        BACKFILL: "TRUE",
      },
      now,
    );
    assert.equal(config.dataPath, "s3://a-bucket-k3x9/raw/nyc_tlc/yellow_tripdata_2024-01.parquet");
    assert.deepEqual([config.table, config.featureDate, config.backfill], ["a_table", "2024-02-29", true]);
  });

  it("refuses days that no calendar has", () => {
    for (const date of ["2026-02-30", "2025-02-29", "2026-2-7", "07.02.2026", "2026-02-07T00:00:00Z"])
      assert.throws(() => loadConfig({ FEATURE_DATE: date }, now), {
        name: "UsageError",
        message: new RegExp(`FEATURE_DATE=${date} `),
      });
  });
});

describe("scp-run", () => {
  const scpRun = join(root, "bin/scp-run.mjs");
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "scp-run-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("runs a job in a folder and leaves nothing in the temporary folder", async () => {
    const temporary = mkdtempSync(join(folder, "tmp-"));
    const args = ["daily_features_tlc.py", "--env", "test", "--data", SMALL, "--date", DAY, "--local", folder];
    const { code, stdout } = await node([scpRun, ...args], { TMPDIR: temporary });
    assert.equal(code, 0);
    const metrics = JSON.parse(stdout.trim().split("\n").at(-1) as string) as Record<string, unknown>;
    assert.deepEqual([metrics.message, metrics.rowsIn, metrics.rowsQuarantined], ["metrics", 2000, 53]);
    assert.ok((metrics.peakMemoryMiB as number) > 0 && (metrics.seconds as number) > 0);
    assert.deepEqual(readdirSync(temporary), []);
  });

  it("lists the jobs in its help", async () => {
    const { stdout, code } = await node([scpRun, "--help"]);
    assert.equal(code, 0);
    for (const name of JOBS) assert.ok(stdout.includes(name), name);
  });

  it("ends with 2 on wrong usage, and says what is wrong", async () => {
    const wrong: [string[], RegExp][] = [
      [[], /Not enough non-option arguments|Missing/],
      [["data_processing", "--dat", SMALL], /Unknown argument.*dat/],
      [["data_processing", "--env", "staging"], /env.*staging/s],
      [["data_processing", "--local", folder, "--date", "2026-13-01"], /FEATURE_DATE=2026-13-01/],
      [["data_processing", "--local", folder, "--endpoint-url", "http://127.0.0.1:1"], /mutually exclusive/],
      [["nope", "--local", folder], /There is no job 'nope'/],
    ];
    for (const [args, reason] of wrong) {
      const { code, stderr } = await node([scpRun, ...args]);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, reason);
    }
  });
});

describe("an input that is not there", () => {
  it("fails the job with what was read and what came back", async () => {
    const platform = new FolderPlatform();
    try {
      const missing = await platform.run("data_processing", { TLC_DATA_PATH: "s3://some-bucket/nothing.parquet" });
      assert.equal(missing.code, 1);
      assert.match(missing.error, /^Reading .*some-bucket\/nothing\.parquet failed: ENOENT/);
      const ftp = await platform.run("data_processing", { TLC_DATA_PATH: "ftp://host/file" });
      assert.equal(ftp.code, 2);
    } finally {
      platform.remove();
    }
  });
});
