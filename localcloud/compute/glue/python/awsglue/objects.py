"""Objects in S3, as a job's role sees them."""

import fnmatch
from urllib.parse import urlsplit

import boto3

# Objects that are no data: of folders, of committers and hidden ones.
_HIDDEN = ("_", ".")


def split(path):
    """`s3://bucket/key` → (bucket, key)."""
    parts = urlsplit(path.replace("s3a://", "s3://", 1).replace("s3n://", "s3://", 1), allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"{path} is not an s3:// path")
    return parts.netloc, parts.path.lstrip("/")


def listing(path, recurse=True, exclusions=()):
    """[(s3:// path, seconds of the epoch of the last change)] of the data below a path, or of the object it is."""
    bucket, key = split(path)
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    entries = [entry for page in pages for entry in page.get("Contents", [])]
    folder = key if not key or key.endswith("/") else f"{key}/"
    found = []
    for entry in entries:
        name = entry["Key"]
        rest = name[len(folder):] if name.startswith(folder) else None
        if name != key and rest is None:
            continue
        parts = (rest or name.rsplit("/", 1)[-1]).split("/")
        if name.endswith("/") or any(part.startswith(_HIDDEN) and "=" not in part for part in parts):
            continue
        if not recurse and len(parts) > 1:
            continue
        full = f"s3://{bucket}/{name}"
        if any(fnmatch.fnmatch(full, pattern.replace("**", "*")) for pattern in exclusions):
            continue
        found.append((full, int(entry["LastModified"].timestamp())))
    return found


def purge(path, older_than_hours):
    """Deletes what is below a path and older; returns how many objects."""
    import time

    bucket, _ = split(path)
    limit = time.time() - older_than_hours * 3600
    keys = [{"Key": split(name)[1]} for name, changed in listing(path) if changed <= limit]
    client = boto3.client("s3")
    for start in range(0, len(keys), 1000):
        client.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + 1000], "Quiet": True})
    return len(keys)
