"""
Entry point of the container: fetches `artifacts/` and `input/*.csv`, runs the script by itself, and writes `output/`.

Environment: DATA_URL (`s3://bucket`, or `file:///folder` at home), RUN_ID (says which run an output is of),
SCRIPT_TIMEOUT_SECONDS (3600).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from environment import create_environment, read_project, unpack
from errors import JobError
from log import log
from process import close_to_others, run_script
from storage import Storage, open_storage

ARTIFACTS = ("pyproject.toml", "script.py", "package.tar.gz")
MANIFEST = "manifest.json"

# A field that is longer than the reader's 128 KiB is a row like any other.
csv.field_size_limit((1 << 31) - 1)


def fetch(storage: Storage, work: Path) -> list[Path]:
    """Downloads artifacts and input. Raises JobError naming everything that is missing."""
    present = set(storage.keys("artifacts/"))
    missing = [f"artifacts/{name}" for name in ARTIFACTS if f"artifacts/{name}" not in present]
    inputs = [key for key in storage.keys("input/") if key.endswith(".csv")]
    if not inputs:
        missing.append("input/*.csv")
    if missing:
        raise JobError(f"{storage.url} has no {', '.join(missing)}", exit_code=2)
    (work / "artifacts").mkdir()
    for name in ARTIFACTS:
        storage.download(f"artifacts/{name}", work / "artifacts" / name)
    paths = []
    for key in inputs:
        path = work / key
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.download(key, path)
        paths.append(path)
        log("info", "input", key=key, bytes=path.stat().st_size)
    return paths


def rows_of(path: Path) -> int:
    """Rows below the header of a CSV file; a quoted line end does not count."""
    with path.open(newline="", encoding="utf-8", errors="replace") as lines:
        return max(sum(1 for row in csv.reader(lines) if row) - 1, 0)


def described(path: Path, key: str) -> dict:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(1 << 20):
            digest.update(chunk)
    rows = {"rows": rows_of(path)} if path.suffix == ".csv" else {}
    return {"key": key, "bytes": path.stat().st_size, "sha256": digest.hexdigest(), **rows}


def outputs_of(folder: Path) -> list[Path]:
    """What the script wrote. Raises JobError when that is nothing, or reaches out of its folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    for path in paths:
        if path.is_symlink() or not path.is_file():
            raise JobError(f"script.py left {path.relative_to(folder)} in OUTPUT_DIR, which is no regular file")
    if not paths:
        raise JobError("script.py ended well but wrote nothing to OUTPUT_DIR")
    if folder / MANIFEST in paths:
        raise JobError(f"script.py wrote {MANIFEST}, a name that is kept for the manifest of a run")
    return paths


def publish(storage: Storage, work: Path, inputs: list[Path], run_id: str) -> list[dict]:
    """Uploads what the script wrote; the manifest, which says that all of it is there, comes last."""
    outputs = []
    for path in outputs_of(work / "output"):
        key = path.relative_to(work).as_posix()
        storage.upload(path, key)
        outputs.append(described(path, key))
        log("info", "output", **outputs[-1])
    sources = [described(path, path.relative_to(work).as_posix()) for path in inputs]
    manifest = work / MANIFEST
    manifest.write_text(json.dumps({"run": run_id, "inputs": sources, "outputs": outputs}, indent=2), encoding="utf-8")
    storage.upload(manifest, f"output/{MANIFEST}")
    return outputs


def process(variables: dict[str, str]) -> None:
    started = time.monotonic()
    storage = open_storage(variables.get("DATA_URL", ""))
    timeout = float(variables.get("SCRIPT_TIMEOUT_SECONDS", "3600"))
    with tempfile.TemporaryDirectory(prefix="preprocessing-") as folder:
        work = Path(folder)
        inputs = fetch(storage, work)
        project = read_project(work / "artifacts" / "pyproject.toml")
        modules = unpack(work / "artifacts" / "package.tar.gz", work / "package")
        interpreter = create_environment(work / "python", project, modules)
        (work / "output").mkdir()
        log("info", "running script.py", project=project.get("name"), inputs=len(inputs))
        run_script(interpreter, work / "artifacts" / "script.py", work, timeout)
        outputs = publish(storage, work, inputs, variables.get("RUN_ID", ""))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    log("info", "metrics", seconds=round(time.monotonic() - started, 3), outputs=len(outputs), scriptPeakMemoryMiB=peak)


def main() -> int:
    close_to_others()
    try:
        process(dict(os.environ))
        return 0
    except JobError as error:
        log("error", str(error))
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
