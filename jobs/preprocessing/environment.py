"""The script's own Python: an environment with what `pyproject.toml` asks for and what `package.tar.gz` brings, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

from errors import JobError
from log import log

try:
    import tomllib
except ModuleNotFoundError:
    # Python 3.10, which the image has not, but a machine may that runs it as a process.
    from pip._vendor import tomli as tomllib

MAX_PACKAGE_BYTES = 1 << 30
MAX_PACKAGE_FILES = 100_000


def read_project(path: Path) -> dict:
    """The `[project]` table. Raises JobError when it is missing, or this Python is not one that it takes."""
    # pip is needed for dependencies anyway, and brings the library that reads versions.
    from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise JobError(f"artifacts/pyproject.toml is no TOML: {error}", exit_code=2) from error
    if not isinstance(project, dict):
        raise JobError("artifacts/pyproject.toml has no [project]", exit_code=2)
    wanted = project.get("requires-python", "")
    version = ".".join(map(str, sys.version_info[:3]))
    try:
        fits = SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier as error:
        raise JobError(f"artifacts/pyproject.toml: requires-python: {error}", exit_code=2) from error
    if not fits:
        raise JobError(f"artifacts/pyproject.toml requires Python {wanted}; the container has {version}", exit_code=2)
    dependencies = project.get("dependencies", [])
    if not isinstance(dependencies, list) or not all(isinstance(each, str) for each in dependencies):
        raise JobError("artifacts/pyproject.toml: dependencies must be a list of texts", exit_code=2)
    return project


def unpack(archive: Path, target: Path) -> Path:
    """Unpacks a package and gives the folder that modules are imported from. Raises JobError when the archive reaches out of it."""
    target.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members, size = 0, 0
            for member in tar:
                members, size = members + 1, size + member.size
                if members > MAX_PACKAGE_FILES or size > MAX_PACKAGE_BYTES:
                    raise JobError("artifacts/package.tar.gz holds more than 1 GiB or 100,000 files", exit_code=2)
                _extract(tar, member, target)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobError(f"artifacts/package.tar.gz cannot be unpacked: {error}", exit_code=2) from error
    root = target
    # A source distribution has all it holds in one folder, `<name>-<version>`.
    inside = list(root.iterdir())
    if len(inside) == 1 and any((inside[0] / name).is_file() for name in ("PKG-INFO", "pyproject.toml")):
        root = inside[0]
    return root / "src" if (root / "src").is_dir() else root


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Raises TarError for what reaches out of the target, or is neither file nor folder."""
    if hasattr(tarfile, "data_filter"):
        tar.extract(member, target, filter="data")
        return
    # Python before 3.10.12 and 3.11.4, which distributions still have, knows no filters. Links are refused altogether there.
    root = target.resolve()
    if not (member.isreg() or member.isdir()) or not (root / member.name).resolve().is_relative_to(root):
        raise tarfile.TarError(f"'{member.name}' would reach outside of the package, or is no file")
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
    tar.extract(member, target)


def create_environment(folder: Path, project: dict, modules: Path) -> Path:
    """
    Makes the environment below `folder` and gives its interpreter.

    Dependencies are taken from `wheels/` of the package alone, so that a run needs no network and is the same tomorrow.
    """
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    # Before Python 3.11 that had no name of its own.
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else sysconfig.get_preferred_scheme("prefix")
    paths = sysconfig.get_paths(scheme, {"base": str(folder), "platbase": str(folder)})
    interpreter = Path(paths["scripts"]) / "python"
    (Path(paths["purelib"]) / "package.pth").write_text(f"{modules}\n", encoding="utf-8")
    dependencies = project.get("dependencies", [])
    if dependencies:
        log("info", "installing dependencies", dependencies=dependencies)
        wheels = modules / "wheels" if (modules / "wheels").is_dir() else modules.parent / "wheels"
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(interpreter), "--disable-pip-version-check", "install"]
            + ["--quiet", "--no-index", "--only-binary", ":all:", "--find-links", str(wheels), "--"]
            + dependencies,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise JobError(
                "The dependencies of artifacts/pyproject.toml could not be installed from wheels/ of "
                f"artifacts/package.tar.gz: {done.stderr.strip()}",
                exit_code=2,
            )
    return interpreter
