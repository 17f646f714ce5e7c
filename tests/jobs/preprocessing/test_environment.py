"""The script's Python: what of `pyproject.toml` and `package.tar.gz` is taken, and what is refused."""

import subprocess
import sys
import tarfile
import unittest
import zipfile
from pathlib import Path

from support import FolderTest, archive, logged

import environment
from environment import create_environment, read_project, unpack
from errors import JobError


class ReadProject(FolderTest):
    def refused(self, text: str, message: str) -> None:
        with self.assertRaisesRegex(JobError, message) as caught:
            read_project(self.write("pyproject.toml", text))
        self.assertEqual(caught.exception.exit_code, 2)

    def test_gives_the_project(self) -> None:
        path = self.write("pyproject.toml", '[project]\nname = "a"\ndependencies = ["b>=1"]\n')
        self.assertEqual(read_project(path), {"name": "a", "dependencies": ["b>=1"]})

    def test_refuses_what_is_no_project(self) -> None:
        self.refused("name = ", r"^artifacts/pyproject\.toml is no TOML: ")
        self.refused("[build-system]\n", r"has no \[project\]")
        self.refused('[project]\ndependencies = "numpy"\n', "dependencies must be a list of texts")
        self.refused("[project]\ndependencies = [1]\n", "dependencies must be a list of texts")

    def test_refuses_text_that_is_not_utf_8(self) -> None:
        path = self.folder / "pyproject.toml"
        path.write_bytes(b'[project]\nname = "\xff"\n')
        with self.assertRaisesRegex(JobError, "is no TOML"):
            read_project(path)

    def test_refuses_another_python(self) -> None:
        version = ".".join(map(str, sys.version_info[:3]))
        self.refused('[project]\nrequires-python = ">=4"\n', rf"requires Python >=4; the container has {version}$")
        self.refused('[project]\nrequires-python = "three"\n', "requires-python: ")
        read_project(self.write("pyproject.toml", f'[project]\nrequires-python = "=={version}"\n'))


class Unpack(FolderTest):
    def unpacked(self, files: dict[str, str]) -> Path:
        target = self.folder / "package"
        return unpack(archive(self.folder / "package.tar.gz", files), target).relative_to(target)

    def test_takes_modules_at_the_top(self) -> None:
        self.assertEqual(self.unpacked({"tool.py": "x = 1\n", "more/__init__.py": ""}), Path("."))
        self.assertEqual((self.folder / "package" / "tool.py").read_text(), "x = 1\n")

    def test_takes_a_package_that_stands_alone_at_the_top(self) -> None:
        self.assertEqual(self.unpacked({"tool/__init__.py": ""}), Path("."))

    def test_looks_into_the_folder_of_a_source_distribution(self) -> None:
        self.assertEqual(self.unpacked({"tool-1.0/PKG-INFO": "", "tool-1.0/tool.py": ""}), Path("tool-1.0"))

    def test_looks_into_src(self) -> None:
        self.assertEqual(self.unpacked({"tool-1.0/pyproject.toml": "", "tool-1.0/src/tool.py": ""}), Path("tool-1.0/src"))

    def refused(self, path: Path, message: str) -> None:
        with self.assertRaisesRegex(JobError, message) as caught:
            unpack(path, self.folder / "package")
        self.assertEqual(caught.exception.exit_code, 2)

    def test_refuses_what_is_no_archive(self) -> None:
        self.refused(self.write("package.tar.gz", "no archive"), r"package\.tar\.gz cannot be unpacked")

    def test_refuses_an_archive_that_was_cut_off(self) -> None:
        whole = archive(self.folder / "whole.tar.gz", {"a.txt": "0123456789" * 1000}).read_bytes()
        path = self.folder / "package.tar.gz"
        path.write_bytes(whole[: len(whole) // 2])
        self.refused(path, r"package\.tar\.gz cannot be unpacked")

    def test_refuses_files_outside_of_it(self) -> None:
        self.refused(archive(self.folder / "package.tar.gz", {"../outside.py": "x"}), "cannot be unpacked: .*outside")
        self.assertFalse((self.folder / "outside.py").exists())

    def test_refuses_a_link_out_of_it(self) -> None:
        path = self.folder / "package.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            link = tarfile.TarInfo("secrets")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc"
            tar.addfile(link)
        self.refused(path, "cannot be unpacked")

    def test_refuses_more_than_it_may_hold(self) -> None:
        path = archive(self.folder / "package.tar.gz", {"a": "12", "b": "34", "c": "56"})
        for limit, value in (("MAX_PACKAGE_FILES", 2), ("MAX_PACKAGE_BYTES", 5)):
            with self.subTest(limit):
                before = getattr(environment, limit)
                setattr(environment, limit, value)
                try:
                    with self.assertRaisesRegex(JobError, "more than 1 GiB or 100,000 files"):
                        unpack(path, self.folder / limit)
                finally:
                    setattr(environment, limit, before)


class UnpackWithoutFilters(Unpack):
    """The same with a Python that is older than the filters of tarfile."""

    def setUp(self) -> None:
        super().setUp()
        if hasattr(tarfile, "data_filter"):
            self.addCleanup(setattr, tarfile, "data_filter", tarfile.data_filter)
            del tarfile.data_filter


def wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with one module that tells its version."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as content:
        content.writestr(f"{name}.py", f"VERSION = '{version}'\n")
        content.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        content.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        content.writestr(f"{info}/RECORD", "")


class CreateEnvironment(FolderTest):
    def answer(self, interpreter: Path, program: str) -> str:
        return subprocess.run([interpreter, "-I", "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    def test_has_the_modules_of_the_package_and_not_the_containers(self) -> None:
        self.write("package/tool.py", "NAME = 'tool'\n")
        interpreter = create_environment(self.folder / "python", {}, self.folder / "package")
        self.assertEqual(self.answer(interpreter, "import tool; print(tool.NAME)"), "tool")
        for module in ("boto3", "storage", "pip"):
            found = f"import importlib.util; print(importlib.util.find_spec({module!r}))"
            self.assertEqual(self.answer(interpreter, found), "None", module)

    def test_installs_dependencies_from_the_packages_wheels(self) -> None:
        wheel(self.folder / "package" / "wheels", "answering", "1.2")
        with logged() as lines:
            interpreter = create_environment(
                self.folder / "python", {"dependencies": ["answering>=1"]}, self.folder / "package"
            )
        self.assertEqual(self.answer(interpreter, "import answering; print(answering.VERSION)"), "1.2")
        self.assertEqual(lines["out"][0]["dependencies"], ["answering>=1"])

    def test_takes_wheels_beside_src(self) -> None:
        wheel(self.folder / "package" / "wheels", "answering", "1.2")
        self.write("package/src/tool.py", "")
        with logged():
            interpreter = create_environment(
                self.folder / "python", {"dependencies": ["answering"]}, self.folder / "package" / "src"
            )
        self.assertEqual(self.answer(interpreter, "import answering; print(answering.VERSION)"), "1.2")

    def test_says_which_dependency_is_not_there_and_asks_no_index(self) -> None:
        wheel(self.folder / "package" / "wheels", "answering", "1.2")
        for wanted in ("answering>=2", "requests"):
            with self.subTest(wanted), logged():
                with self.assertRaisesRegex(JobError, f"(?s)could not be installed from wheels/ .*{wanted}") as caught:
                    create_environment(self.folder / wanted[:4], {"dependencies": [wanted]}, self.folder / "package")
                self.assertEqual(caught.exception.exit_code, 2)

    def test_takes_no_option_of_pip_for_a_dependency(self) -> None:
        with logged(), self.assertRaisesRegex(JobError, "could not be installed"):
            create_environment(
                self.folder / "python", {"dependencies": ["--index-url=https://example.com/"]}, self.folder / "package"
            )


if __name__ == "__main__":
    unittest.main()
