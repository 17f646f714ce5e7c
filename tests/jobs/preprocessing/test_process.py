"""The script's process: what it is told, and how its end is reported."""

import os
import select
import signal
import sys
import time
import unittest
from pathlib import Path

from support import FolderTest, logged

from errors import JobError
from process import run_script, script_environment


class ScriptEnvironment(unittest.TestCase):
    def test_holds_no_credentials_and_nothing_else_of_the_container(self) -> None:
        given = {
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "DATA_URL": "s3://bucket",
            "PATH": "/evil",
            "PYTHONPATH": "/evil",
            "LANG": "C.UTF-8",
            "TZ": "Asia/Singapore",
        }
        told = script_environment(Path("/work"), given)
        self.assertEqual(
            told,
            {
                "LANG": "C.UTF-8",
                "TZ": "Asia/Singapore",
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "HOME": "/work/home",
                "TMPDIR": "/work/tmp",
                "INPUT_DIR": "/work/input",
                "OUTPUT_DIR": "/work/output",
            },
        )


class RunScript(FolderTest):
    def run_script(self, source: str, seconds: float = 30) -> dict[str, list[dict]]:
        script = self.write("script.py", source)
        for name in ("home", "tmp"):
            self.assertFalse((self.folder / name).exists())
        with logged() as lines:
            try:
                run_script(Path(sys.executable), script, self.folder, seconds)
            except JobError as error:
                lines["error"] = [{"message": str(error), "code": error.exit_code}]
        return lines

    def ended(self, source: str, seconds: float = 30) -> tuple[str, int]:
        [error] = self.run_script(source, seconds)["error"]
        return error["message"], error["code"]

    def test_hands_on_what_it_writes_line_by_line(self) -> None:
        lines = self.run_script(
            "import os, sys\nprint('one')\nprint('two', file=sys.stderr)\n"
            "sys.stdout.buffer.write(b'\\xff three\\r\\n')\nprint('no end', end='')\n"
        )
        self.assertEqual([line["message"] for line in lines["out"]], ["one", "\ufffd three", "no end"])
        self.assertEqual([(line["message"], line["level"]) for line in lines["err"]], [("two", "warn")])
        self.assertEqual({line["source"] for line in lines["out"]}, {"script.py"})
        self.assertNotIn("error", lines)

    def test_runs_in_the_work_folder_without_input_from_outside(self) -> None:
        lines = self.run_script("import os, sys\nprint(os.getcwd())\nprint(repr(sys.stdin.read()))\nprint('AWS_REGION' in os.environ)")
        self.assertEqual([line["message"] for line in lines["out"]], [str(self.folder.resolve()), "''", "False"])

    def test_reports_an_exit_code(self) -> None:
        self.assertEqual(self.ended("raise SystemExit(3)"), ("script.py ended with exit code 3", 1))

    def test_reports_an_exception_with_its_traceback_in_the_log(self) -> None:
        lines = self.run_script("raise ValueError('no such zone')")
        self.assertEqual(lines["error"][0]["message"], "script.py ended with exit code 1")
        self.assertEqual(lines["err"][-1]["message"], "ValueError: no such zone")

    def test_reports_a_signal_as_a_shell_does(self) -> None:
        message, code = self.ended("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)")
        self.assertEqual((message, code), ("script.py was ended by SIGABRT", 128 + signal.SIGABRT))

    def test_takes_a_kill_for_one_of_the_kernels(self) -> None:
        message, code = self.ended("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
        self.assertEqual(code, 137)
        self.assertRegex(message, "more memory than the container has")

    @unittest.skipUnless(hasattr(os, "pidfd_open"), "asks Linux for the end of a process")
    def test_ends_it_and_what_it_started_when_its_time_is_over(self) -> None:
        source = (
            "import subprocess, sys, time, pathlib\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            "pathlib.Path('child').write_text(str(child.pid))\ntime.sleep(60)"
        )
        began = time.monotonic()
        message, code = self.ended(source, seconds=2)
        self.assertEqual((message, code), ("script.py was ended after 2 seconds (SCRIPT_TIMEOUT_SECONDS)", 1))
        self.assertLess(time.monotonic() - began, 30)
        self.assertTrue(ends(int((self.folder / "child").read_text())))

    def test_passes_sigterm_on(self) -> None:
        source = (
            "import os, signal, sys, time\n"
            "signal.signal(signal.SIGTERM, lambda *_: (print('asked to end'), sys.exit(0)))\n"
            "os.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)"
        )
        before = signal.getsignal(signal.SIGTERM)
        lines = self.run_script(source)
        self.assertEqual([line["message"] for line in lines["out"]], ["asked to end"])
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)


def ends(pid: int) -> bool:
    """Waits until a process has ended, at most ten seconds."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        # It becomes readable when the process ends ("pidfd_open(2)").
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


if __name__ == "__main__":
    unittest.main()
