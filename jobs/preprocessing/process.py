"""The script's own process: no credentials, a working folder of its own, its lines in the log, a limit to its time."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from errors import JobError
from log import log

PR_SET_DUMPABLE = 4
GRACE_SECONDS = 10


def close_to_others() -> None:
    """
    Keeps the script from reading this process' environment and memory, where the task's credentials are, in /proc.

    Linux then gives these files to root ("prctl(2)", PR_SET_DUMPABLE), which the container's user is not.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def script_environment(work: Path, given: dict[str, str]) -> dict[str, str]:
    """All that the script is told: where its input is, where its output goes, and what a program needs to run at all."""
    kept = {name: given[name] for name in ("LANG", "LC_ALL", "TZ") if name in given}
    return {
        **kept,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
        "INPUT_DIR": str(work / "input"),
        "OUTPUT_DIR": str(work / "output"),
    }


def run_script(interpreter: Path, script: Path, work: Path, timeout_seconds: float) -> None:
    """Runs the script to its end. Raises JobError with its exit code, its signal, or that its time was over."""
    for name in ("home", "tmp"):
        (work / name).mkdir()
    child = subprocess.Popen(
        [str(interpreter), "-I", "-u", str(script)],
        cwd=work,
        env=script_environment(work, dict(os.environ)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    previous = signal.signal(signal.SIGTERM, lambda *_: _stop(child))
    readers = [
        threading.Thread(target=_hand_on, args=(stream, level), daemon=True)
        for stream, level in ((child.stdout, "info"), (child.stderr, "warn"))
    ]
    for reader in readers:
        reader.start()
    try:
        code = child.wait(timeout_seconds)
    except subprocess.TimeoutExpired as error:
        raise JobError(f"script.py was ended after {timeout_seconds:g} seconds (SCRIPT_TIMEOUT_SECONDS)") from error
    finally:
        signal.signal(signal.SIGTERM, previous)
        # What the script started and left behind would hold its output open.
        _kill(child, signal.SIGKILL)
        child.wait()
        for reader in readers:
            reader.join(GRACE_SECONDS)
    if code == -signal.SIGKILL:
        raise JobError("script.py was killed: it most likely took more memory than the container has", exit_code=137)
    if code < 0:
        raise JobError(f"script.py was ended by {signal.Signals(-code).name}", exit_code=128 - code)
    if code > 0:
        raise JobError(f"script.py ended with exit code {code}")


def _hand_on(stream: IO[bytes], level: str) -> None:
    with stream:
        for line in stream:
            log(level, line.decode("utf-8", "replace").rstrip("\r\n"), source="script.py")


def _stop(child: subprocess.Popen) -> None:
    """ECS kills what has not ended 30 seconds after SIGTERM; the script is given a part of them."""
    _kill(child, signal.SIGTERM)
    killer = threading.Timer(GRACE_SECONDS, _kill, (child, signal.SIGKILL))
    killer.daemon = True
    killer.start()


def _kill(child: subprocess.Popen, number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass
