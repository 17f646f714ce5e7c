import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { prepareCommand, readRequest } from "../../../../jobs/backend/data/command.js";
import { installedSource } from "../../../../jobs/backend/data/source.js";
import { createLogger } from "../../../../jobs/lib/log.js";
import { smallSource, temporaryFolder } from "./support.js";

describe("the command prepare", () => {
  it("takes the installed package and publishes nothing where there is no bucket", () => {
    const request = readRequest([], {});
    assert.deepEqual(request, { dataRoot: "/mnt/data", source: installedSource(), scale: 1, force: false });
    assert.ok(existsSync(join(request.source, "transactions.parquet")));
  });

  it("takes the bucket's files and publishes to the bucket in a job", () => {
    const environment = { SOURCE_BUCKET: "backend-source-dev", DATA_ROOT: "/data" };
    assert.deepEqual(readRequest(["--scale", "10"], environment), {
      dataRoot: "/data",
      source: "s3://backend-source-dev/completejourney/",
      scale: 10,
      force: false,
      bucket: "backend-source-dev",
    });
    assert.equal(readRequest(["--no-publish"], environment).bucket, undefined);
    assert.equal(readRequest(["--source", "/elsewhere", "--force"], environment).source, "/elsewhere");
  });

  it("names what is wrong", () => {
    const wrong = (argv: string[], env = {}) => {
      try {
        readRequest(argv, env);
      } catch (error) {
        assert.equal((error as Error).name, "UsageError");
        return (error as Error).message;
      }
      return assert.fail("It was taken");
    };
    assert.match(wrong(["--scale", "0"]), /--scale 0 is not a whole number from 1 to 1000/);
    assert.match(wrong(["--scale", "2000"]), /--scale 2000/);
    assert.match(wrong(["--copies", "2"]), /--copies.*\n\nprepare \[--scale N\]/s);
    assert.match(
      wrong([], { DATA_ROOT: "data", SOURCE_BUCKET: "Not a bucket" }),
      /DATA_ROOT=data.*SOURCE_BUCKET=Not a bucket/,
    );
  });

  it("ends with 0, 1 or 2, and says what it did", async () => {
    const lines: Record<string, unknown>[] = [];
    const keep = (line: string) => lines.push(JSON.parse(line));
    const log = createLogger({ job: "prepare", out: keep, err: keep });
    const dataRoot = temporaryFolder();
    const source = await smallSource();
    assert.equal(await prepareCommand(["--data-root", dataRoot, "--source", source], {}, log), 0);
    const metrics = lines.find((line) => line.message === "metrics") as { tables: Record<string, number> };
    assert.ok((metrics.tables.transactions ?? 0) > 10_000);
    assert.equal(await prepareCommand(["--data-root", dataRoot, "--source", join(source, "none")], {}, log), 1);
    assert.match(String(lines.at(-1)?.message), /none\/\w+\.parquet failed: ENOENT/);
    assert.equal(await prepareCommand(["--scale", "x"], {}, log), 2);
  });
});
