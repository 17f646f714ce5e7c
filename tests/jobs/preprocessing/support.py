"""What the tests of the container's modules share: their place, a folder as a bucket, and what they write to the log."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, os.environ["PREPROCESSING_SOURCES"])

PROJECT = '[project]\nname = "example"\nrequires-python = ">=3.10"\ndependencies = []\n'


class FolderTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="preprocessing-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def archive(path: Path, files: dict[str, str]) -> Path:
    """Writes a package with these files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            content = text.encode()
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@contextlib.contextmanager
def logged():
    """The lines written meanwhile, parsed: what went to standard output, and what to standard error."""
    out, err = io.StringIO(), io.StringIO()
    lines: dict[str, list[dict]] = {}
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield lines
    for name, stream in (("out", out), ("err", err)):
        lines[name] = [json.loads(line) for line in stream.getvalue().splitlines()]
