"""What there is to load of a day, what was loaded, and the objects that say so.

A day's files lie below `<clean prefix>year=YYYY/month=MM/day=DD/`. Where a manifest `<clean prefix>_manifests/YYYY-MM-DD.json` names
the files of the export that counts, files of other exports are set aside: they are replaced, or not complete yet.
A day is loaded when `<curated prefix>_loads/YYYY-MM-DD.json` says so, which is written last.
"""

import datetime
import json
import re
from dataclasses import asdict, dataclass, field

DAY = re.compile(r"year=(\d{4})/month=(\d{2})/day=(\d{2})/[^/]+\.csv$")
# Files that an export writes; whatever else is in a day was put there by somebody.
EXPORTED = re.compile(r"/conversations-\d{8}T\d{6}Z-[^/]*\.csv$")
# How often a day is looked at whose manifest is replaced meanwhile.
ATTEMPTS = 10


class IncompleteExport(Exception):
    """A manifest names a file that is not there."""


@dataclass(frozen=True, order=True)
class File:
    """An object as it was when it was looked at."""

    key: str
    etag: str


@dataclass
class Day:
    """A day as it lies in the bucket."""

    date: str
    sources: list
    # Files that do not count, each with why.
    set_aside: list
    # The manifest's own object, and the rows of each file that it names.
    manifest: File = None
    rows: dict = field(default_factory=dict)


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar, as YYYY-MM-DD."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def day_of(date: str, files: list, manifest: File = None, content: dict = None) -> Day:
    """Which of a day's files count. Raises IncompleteExport."""
    if manifest is None:
        return Day(date, sorted(files), [])
    rows = {entry["key"]: entry["rows"] for entry in content["files"]}
    missing = sorted(set(rows) - {file.key for file in files})
    if missing:
        raise IncompleteExport(f"{manifest.key} names {', '.join(missing)}, which is not there")
    strays = [file for file in files if EXPORTED.search(file.key) and file.key not in rows]
    sources = [file for file in files if file not in strays]
    why = f"of an export other than the manifest's, {content['runId']}"
    return Day(date, sorted(sources), [{**asdict(file), "why": why} for file in sorted(strays)], manifest, rows)


class Days:
    """The days of a bucket."""

    def __init__(self, s3, bucket: str, clean_prefix: str, curated_prefix: str):
        self._s3, self.bucket = s3, bucket
        self._clean, self._curated = clean_prefix, curated_prefix

    def list(self, prefix: str) -> list:
        """Objects below a prefix."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [File(each["Key"], each["ETag"].strip('"')) for page in pages for each in page.get("Contents", [])]

    def read(self, key: str):
        """An object's JSON; None when there is no such object."""
        try:
            return json.loads(self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except self._s3.exceptions.NoSuchKey:
            return None

    def write(self, key: str, content) -> None:
        body = json.dumps(content, indent=2, ensure_ascii=False).encode()
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json")

    def delete(self, files: list) -> None:
        """Deletes objects, a thousand at a time: as many as one request takes."""
        for start in range(0, len(files), 1000):
            objects = [{"Key": file.key} for file in files[start : start + 1000]]
            answer = self._s3.delete_objects(Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True})
            if answer.get("Errors"):
                raise RuntimeError(f"{len(answer['Errors'])} objects were not deleted, the first: {answer['Errors'][0]}")

    def load_key(self, date: str) -> str:
        return f"{self._curated}_loads/{date}.json"

    def manifest_key(self, date: str) -> str:
        return f"{self._clean}_manifests/{date}.json"

    def day(self, date: str) -> Day:
        """A day as it is now: what is listed belongs to a manifest that was the same before and after."""
        year, month, day = date.split("-")
        for _ in range(ATTEMPTS):
            manifest, content = self._manifest(date)
            found = self.list(f"{self._clean}year={year}/month={month}/day={day}/")
            if self._manifest(date)[0] == manifest:
                return day_of(date, [file for file in found if DAY.search(file.key)], manifest, content)
        raise IncompleteExport(f"{self.manifest_key(date)} does not come to rest")

    def _manifest(self, date: str) -> tuple:
        key = self.manifest_key(date)
        try:
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return None, None
        return File(key, answer["ETag"].strip('"')), json.loads(answer["Body"].read())

    def dates(self) -> list:
        """Every day that there are files of, or that was loaded."""
        there = {"-".join(match.groups()) for file in self.list(self._clean) if (match := DAY.search(file.key))}
        loads = re.compile(re.escape(f"{self._curated}_loads/") + r"(\d{4}-\d{2}-\d{2})\.json$")
        loaded = {match.group(1) for file in self.list(f"{self._curated}_loads/") if (match := loads.match(file.key))}
        return sorted(there | loaded)
