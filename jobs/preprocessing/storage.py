"""Where artifacts and data lie: a bucket, or a folder of the same shape for runs at home."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol
from urllib.parse import urlparse
from urllib.request import url2pathname

from errors import JobError


class Storage(Protocol):
    """Objects by key. `url` is for messages."""

    url: str

    def keys(self, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, sorted."""

    def download(self, key: str, path: Path) -> None:
        """Writes an object to a file. Raises JobError when there is none or it may not be read."""

    def upload(self, path: Path, key: str) -> None:
        """Replaces an object by a file's content, at once."""


class FolderStorage:
    """A folder; keys are paths in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = root.as_uri()

    def keys(self, prefix: str) -> list[str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(key for path in found if (key := path.relative_to(self.root).as_posix()).startswith(prefix))

    def download(self, key: str, path: Path) -> None:
        try:
            shutil.copyfile(self.root / key, path)
        except OSError as error:
            raise JobError(f"Reading {self.url}/{key} failed: {error.strerror}") from error

    def upload(self, path: Path, key: str) -> None:
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        # Renaming is what makes it appear at once.
        partial = target.with_name(f".{target.name}.partial")
        shutil.copyfile(path, partial)
        partial.replace(target)


class BucketStorage:
    """A bucket of S3, with the credentials of the task's role."""

    def __init__(self, bucket: str) -> None:
        # A run at home needs no SDK.
        import boto3

        self.url = f"s3://{bucket}"
        self._bucket = bucket
        self._client = boto3.client("s3")

    def keys(self, prefix: str) -> list[str]:
        with self._failing(f"Listing {self.url}/{prefix}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))

    def download(self, key: str, path: Path) -> None:
        with self._failing(f"Reading {self.url}/{key}"):
            self._client.download_file(self._bucket, key, str(path))

    def upload(self, path: Path, key: str) -> None:
        with self._failing(f"Writing {self.url}/{key}"):
            self._client.upload_file(str(path), self._bucket, key)

    @staticmethod
    def _failing(what: str):
        from contextlib import contextmanager

        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        @contextmanager
        def guarded():
            try:
                yield
            except (BotoCoreError, ClientError, Boto3Error) as error:
                raise JobError(f"{what} failed: {error}") from error

        return guarded()


def open_storage(url: str) -> Storage:
    """`s3://bucket` or `file:///folder`. Raises JobError for anything else."""
    parsed = urlparse(url)
    if parsed.scheme == "s3" and parsed.netloc and parsed.path in ("", "/"):
        return BucketStorage(parsed.netloc)
    if parsed.scheme == "file" and Path(url2pathname(parsed.path)).is_dir():
        return FolderStorage(Path(url2pathname(parsed.path)))
    raise JobError(f"DATA_URL must be s3://<bucket> or file://<existing folder>, but it is '{url}'", exit_code=2)
