"""A run as a whole, on a folder in place of the bucket."""

import hashlib
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

from support import PROJECT, FolderTest, archive, logged

from errors import JobError
from main import main, outputs_of, process, rows_of

SCRIPT = """
import os, pathlib
from tool import double
source, target = (pathlib.Path(os.environ[name]) for name in ("INPUT_DIR", "OUTPUT_DIR"))
(target / "by").mkdir()
for path in source.rglob("*.csv"):
    (target / "by" / path.name).write_text(double(path.read_text()))
"""


class Run(FolderTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("artifacts/pyproject.toml", PROJECT)
        self.write("artifacts/script.py", SCRIPT)
        archive(self.folder / "artifacts" / "package.tar.gz", {"tool.py": "def double(text): return text + text\n"})
        self.write("input/a.csv", "x\n1\n")
        self.write("input/deep/b.csv", 'y\n"two\nlines"\n')
        self.write("input/notes.txt", "not taken")

    def process(self, **variables: str) -> dict[str, list[dict]]:
        with logged() as lines:
            process({"DATA_URL": self.folder.as_uri(), "RUN_ID": "run-7", **variables})
        return lines

    def refused(self, message: str, **variables: str) -> int:
        with self.assertRaisesRegex(JobError, message) as caught:
            self.process(**variables)
        return caught.exception.exit_code

    def test_writes_outputs_and_their_manifest(self) -> None:
        lines = self.process()
        self.assertEqual((self.folder / "output/by/a.csv").read_text(), "x\n1\nx\n1\n")
        manifest = json.loads((self.folder / "output/manifest.json").read_text())
        self.assertEqual(manifest["run"], "run-7")
        self.assertEqual([(each["key"], each["rows"]) for each in manifest["inputs"]], [("input/a.csv", 1), ("input/deep/b.csv", 1)])
        first, second = manifest["outputs"]
        content = (self.folder / "output/by/a.csv").read_bytes()
        self.assertEqual(
            first,
            {"key": "output/by/a.csv", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": 3},
        )
        self.assertEqual((second["key"], second["rows"]), ("output/by/b.csv", 3))
        metrics = lines["out"][-1]
        self.assertEqual((metrics["message"], metrics["outputs"]), ("metrics", 2))
        self.assertGreater(metrics["scriptPeakMemoryMiB"], 1)

    def test_names_all_that_is_missing(self) -> None:
        (self.folder / "artifacts/script.py").unlink()
        for path in (self.folder / "input").rglob("*.csv"):
            path.unlink()
        self.assertEqual(self.refused(r"has no artifacts/script\.py, input/\*\.csv$"), 2)

    def test_publishes_nothing_of_a_run_that_failed(self) -> None:
        self.write("artifacts/script.py", f"{SCRIPT}\nraise SystemExit(4)\n")
        self.assertEqual(self.refused("script.py ended with exit code 4"), 1)
        self.assertFalse((self.folder / "output").exists())

    def test_replaces_the_manifest_of_the_run_before(self) -> None:
        self.process()
        self.process(RUN_ID="run-8")
        self.assertEqual(json.loads((self.folder / "output/manifest.json").read_text())["run"], "run-8")

    def test_ends_a_script_that_takes_too_long(self) -> None:
        self.write("artifacts/script.py", "import time\ntime.sleep(60)\n")
        self.assertEqual(self.refused("ended after 0.5 seconds", SCRIPT_TIMEOUT_SECONDS="0.5"), 1)

    def test_tells_the_exit_code_and_why(self) -> None:
        before = dict(os.environ)
        try:
            os.environ["DATA_URL"] = "nowhere"
            with logged() as lines:
                self.assertEqual(main(), 2)
        finally:
            os.environ.clear()
            os.environ.update(before)
        self.assertEqual(lines["err"][0]["level"], "error")
        self.assertRegex(lines["err"][0]["message"], "DATA_URL must be")

    def command_line(self) -> subprocess.CompletedProcess:
        entry = Path(os.environ["PREPROCESSING_SOURCES"]) / "main.py"
        return subprocess.run(
            [sys.executable, entry],
            env={"DATA_URL": self.folder.as_uri(), "RUN_ID": "run-9", "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_is_the_same_from_the_command_line(self) -> None:
        done = self.command_line()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for line in done.stdout.splitlines():
            self.assertEqual(json.loads(line)["job"], "preprocessing")
        self.assertTrue((self.folder / "output/manifest.json").exists())

    @unittest.skipUnless(sys.platform == "linux" and os.getuid() != 0, "root reads any process' environment")
    def test_keeps_its_environment_from_the_script(self) -> None:
        self.write("artifacts/script.py", "import os\nopen(f'/proc/{os.getppid()}/environ', 'rb').read()\n")
        done = self.command_line()
        self.assertEqual(done.returncode, 1)
        self.assertIn("PermissionError", done.stderr)


class Outputs(FolderTest):
    def test_are_all_files_sorted(self) -> None:
        for name in ("b.csv", "deep/a.csv", ".hidden"):
            self.write(name, "x")
        names = [path.relative_to(self.folder).as_posix() for path in outputs_of(self.folder)]
        self.assertEqual(names, [".hidden", "b.csv", "deep/a.csv"])

    def test_are_at_least_one(self) -> None:
        (self.folder / "empty").mkdir()
        with self.assertRaisesRegex(JobError, "wrote nothing"):
            outputs_of(self.folder)

    def test_may_not_take_the_manifests_name(self) -> None:
        self.write("manifest.json", "{}")
        with self.assertRaisesRegex(JobError, "a name that is kept"):
            outputs_of(self.folder)
        self.write("deep/manifest.json", "{}")
        (self.folder / "manifest.json").unlink()
        self.assertEqual(len(outputs_of(self.folder)), 1)

    def test_may_not_be_links_or_pipes(self) -> None:
        (self.folder / "passwords").symlink_to("/etc/passwd")
        with self.assertRaisesRegex(JobError, "left passwords in OUTPUT_DIR"):
            outputs_of(self.folder)
        (self.folder / "passwords").unlink()
        os.mkfifo(self.folder / "pipe")
        with self.assertRaisesRegex(JobError, "left pipe in OUTPUT_DIR"):
            outputs_of(self.folder)


class Rows(FolderTest):
    def test_are_counted_as_csv_has_them(self) -> None:
        for text, rows in (
            ("", 0),
            ("a,b\n", 0),
            ("a,b\n1,2\n", 1),
            ("a,b\n1,2", 1),
            ('a,b\n1,"x\ny"\n2,z\n', 2),
            ("a\r\n1\r\n\r\n2\r\n", 2),
        ):
            with self.subTest(text):
                self.assertEqual(rows_of(self.write("x.csv", text)), rows)

    def test_are_counted_in_fields_of_any_size(self) -> None:
        self.assertEqual(rows_of(self.write("x.csv", f"a\n{'x' * 300_000}\n")), 1)


if __name__ == "__main__":
    unittest.main()
