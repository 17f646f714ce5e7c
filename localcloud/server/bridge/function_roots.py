"""A function's zip packages unpacked: `var/task` has its code and `opt` its layers, as a function sees them on AWS.

A root is made once per code, layers and runtime, and shared by all environments of all versions that have the three: which packages of
a layer a runtime finds depends on the runtime.
"""

import hashlib
import io
import os
import shutil
import stat
import tempfile
import threading
import zipfile

_making = threading.Lock()


class FunctionRoots:
    """Makes roots in `folder`."""

    def __init__(self, folder: str):
        self._folder = folder

    def root_of(self, code: bytes, layers: list[bytes], runtime: str) -> str:
        """The folder of this code with these layers for a runtime; later layers lie over earlier ones."""
        digest = hashlib.sha256(runtime.encode())
        for package in (code, *layers):
            digest.update(hashlib.sha256(package).digest())
        root = os.path.join(self._folder, digest.hexdigest()[:32])
        with _making:
            if not os.path.isdir(root):
                self._make(root, code, layers)
        return root

    def _make(self, root: str, code: bytes, layers: list[bytes]) -> None:
        os.makedirs(self._folder, exist_ok=True)
        making = tempfile.mkdtemp(prefix="making-", dir=self._folder)
        try:
            os.chmod(making, 0o755)
            for package, below in [(code, "var/task"), *((layer, "opt") for layer in layers)]:
                target = os.path.join(making, below)
                os.makedirs(target, exist_ok=True)
                _unpack(package, target)
            os.makedirs(os.path.join(making, "var/runtime"), exist_ok=True)
            os.rename(making, root)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise


def _unpack(package: bytes, target: str) -> None:
    """Files with their modes; links as links. `extract` itself keeps paths inside of the target."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            path = os.path.join(target, entry.filename)
            if stat.S_ISLNK(mode):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if os.path.lexists(path):
                    os.remove(path)
                os.symlink(archive.read(entry).decode(), path)
                continue
            extracted = archive.extract(entry, target)
            if mode & 0o7777:
                # Whatever the package says, the local cloud has to be able to remove it again.
                os.chmod(extracted, (mode & 0o7777) | (0o700 if entry.is_dir() else 0o400))
