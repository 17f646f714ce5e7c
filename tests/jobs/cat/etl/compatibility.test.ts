// The script runs on AWS Glue 4.0, whose Spark and Python are older than those that it is tested with here.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectPython, projectRoot } from "../../../../localcloud/server/paths.js";

/** What scripts use that Glue 4.0 does not have. */
async function beyond(scripts: string[]): Promise<string[]> {
  const program = join(projectRoot, "tests", "jobs", "cat", "etl", "compatibility.py");
  return JSON.parse((await promisify(execFile)(projectPython(), [program, ...scripts])).stdout);
}

describe("CAT: the ETL's script and AWS Glue 4.0", () => {
  it("keeps to the syntax of Python 3.10 and the API of Spark 3.3", async () => {
    const folder = join(projectRoot, "jobs", "cat", "etl");
    const scripts = readdirSync(folder).filter((name) => name.endsWith(".py"));
    assert.ok(scripts.includes("etl_process2.py") && scripts.length >= 4, scripts.join());
    assert.deepEqual(await beyond(scripts.map((name) => join(folder, name))), []);
  });

  it("would be told of what is newer", async () => {
    const folder = mkdtempSync(join(tmpdir(), "crucible-glue-4-"));
    const script = (name: string, ...lines: string[]) => {
      const path = join(folder, `${name}.py`);
      writeFileSync(path, `${lines.join("\n")}\n`);
      return path;
    };
    try {
      const found = await beyond([
        script("syntax", "try:", "    pass", "except* ValueError:", "    pass"),
        script("library", "import tomllib", "from datetime import UTC", "import re", "re.NOFLAG"),
        script(
          "spark",
          "from pyspark.sql import functions as F",
          "from pyspark.sql.functions import any_value",
          "def load(frame):",
          "    frame.melt('a', 'b', 'c', 'd').select(F.ifnull('a', 'b')).where(F.col('a').isNull())",
          "    return frame.select(F.expr(\"regexp_instr(a, 'replace(') + replace(a, 'b')\")).offset(3)",
        ),
      ]);
      assert.deepEqual(found.map((line) => line.replace(/: not Python 3\.10: .*/, ": not Python 3.10")).sort(), [
        "library.py:1: the module tomllib is on no list",
        "library.py:2: datetime.UTC is on no list",
        "library.py:4: re.NOFLAG is on no list",
        "spark.py:2: pyspark.sql.functions.any_value is on no list",
        "spark.py:4: .melt is Spark's and on no list",
        "spark.py:4: pyspark.sql.functions.ifnull is on no list",
        "spark.py:5: .offset is Spark's and on no list",
        "spark.py:5: the SQL function regexp_instr is on no list",
        "syntax.py:4: not Python 3.10",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
