"""Objects of S3 for queries: what is under a location, as files that DuckDB reads."""

import hashlib
import os
import re
import threading
from urllib.parse import urlparse

from ministack.core import iam_evaluator
from ministack.services import s3

from .errors import QueryFailed

# Copies are kept for the next query up to so many bytes; the ones used longest ago go first.
_MOST_KEPT = 2 << 30
_keeping = threading.Lock()


def split_location(location: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of an `s3://` URL."""
    parts = urlparse(location.replace("s3a://", "s3://", 1).replace("s3n://", "s3://", 1))
    if parts.scheme != "s3" or not parts.netloc:
        raise QueryFailed(f"{location} is not a location in Amazon S3")
    return parts.netloc, parts.path.lstrip("/")


class Objects:
    """S3 as one caller may use it."""

    def __init__(self, folder: str, access_key: str, region: str):
        self._folder, self._access_key, self._region = folder, access_key, region
        self._names: dict[str, str] = {}

    def _require(self, action: str, bucket: str, key: str | None) -> None:
        resource = f"arn:aws:s3:::{bucket}" + ("" if key is None else f"/{key}")
        denied = iam_evaluator.enforce(self._access_key, action, "s3", self._region, resource_arn=resource)
        if denied:
            raise QueryFailed(
                f"Permission denied on S3 path: s3://{bucket}/{key or ''}\nUser: {getattr(denied, 'principal_arn', '')} is not "
                f"authorized to perform: {action} on resource: {resource}"
            )

    def keys(self, location: str) -> list[str]:
        """Keys below a location, without what Athena's reader skips: names that begin with `_` or `.`, and folder markers."""
        bucket, prefix = split_location(location)
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        held = s3._buckets.get(bucket)
        if held is None:
            raise QueryFailed(
                f"The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; Bucket: {bucket})"
            )
        self._require("s3:ListBucket", bucket, None)
        found = [
            key
            for key in list(held["objects"].keys())
            if key.startswith(prefix)
            and not key.endswith("/")
            and not any(part.startswith(("_", ".")) for part in key[len(prefix) :].split("/"))
        ]
        if found:
            self._require("s3:GetObject", bucket, found[0])
        return sorted(found)

    def file(self, bucket: str, key: str) -> tuple[str, int]:
        """A file with an object's bytes, and how many they are. Its name ends as the key does."""
        record = s3._buckets[bucket]["objects"].get(key) or {}
        stamp = "|".join(str(record.get(member)) for member in ("etag", "last_modified", "version_id"))
        digest = hashlib.sha256(f"{bucket}/{key}|{stamp}".encode()).hexdigest()[:32]
        path = os.path.join(self._folder, digest + _ending(key))
        self._names[path] = f"s3://{bucket}/{key}"
        if not os.path.exists(path):
            data = s3._get_object_data(bucket, key) or b""
            os.makedirs(self._folder, exist_ok=True)
            making = f"{path}.{threading.get_ident()}"
            with open(making, "wb") as file:
                file.write(data)
            os.rename(making, path)
        else:
            os.utime(path)
        return path, os.path.getsize(path)

    def name_of(self, path: str) -> str:
        """Where the object lies whose bytes a file has, as `s3://…`."""
        return self._names[path]

    def unnamed(self, text: str, folder: str) -> str:
        """A text without the names of this machine's files: objects under their own names, others as none."""
        for path, name in self._names.items():
            text = text.replace(path, name)
        return re.sub(rf"{re.escape(folder)}[^\s\"']*", "a file", text)

    def put(self, bucket: str, key: str, data: bytes, content_type: str) -> None:
        """Raises QueryFailed when the caller may not, or there is no bucket."""
        self._require("s3:PutObject", bucket, key)
        answer = s3._put_object(bucket, key, data, {"content-type": content_type, "content-length": str(len(data))})
        if isinstance(answer, tuple) and answer[0] >= 300:
            raise QueryFailed(f"Unable to verify/create output bucket {bucket}")

    def tidy(self) -> None:
        """Removes copies that were not used for longest, as far as there are too many."""
        with _keeping:
            try:
                entries = [(entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in os.scandir(self._folder)]
            except FileNotFoundError:
                return
            total = sum(size for _, size, _ in entries)
            for _, size, path in sorted(entries):
                if total <= _MOST_KEPT:
                    return
                os.unlink(path)
                total -= size


def _ending(key: str) -> str:
    name = key.rsplit("/", 1)[-1].lower()
    return next((ending for ending in (".gz", ".zst", ".bz2", ".snappy", ".parquet") if name.endswith(ending)), "")
