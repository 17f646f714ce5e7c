"""A run of a job, and its bookmark: "Tracking processed data using job bookmarks", AWS Glue Developer Guide."""

import json
import os
import sys

from .utils import _parse

ENABLED, PAUSED = "job-bookmark-enable", "job-bookmark-pause"


class Job:
    """`init` at the beginning of a script, `commit` at its end: then what was read is not read again."""

    def __init__(self, glue_context):
        self._glue_context = glue_context
        self._name = None
        self._initialized = False

    def init(self, job_name, args=None):
        self._name = job_name
        self._initialized = True
        option = (args or {}).get("job_bookmark_option") or _parse(sys.argv).get("job-bookmark-option")
        self._glue_context.bookmark.begin(option)

    def isInitialized(self):
        return self._initialized

    def commit(self):
        if not self._initialized:
            raise RuntimeError("Job.commit without Job.init")
        self._glue_context.bookmark.commit()


class Bookmark:
    """What was processed, by transformation context. Kept by the service between runs, as a file in this one."""

    def __init__(self, path=None):
        self._path = path or os.environ.get("GLUE_JOB_BOOKMARK")
        self._option = None
        self._before = {}
        self._after = {}

    def begin(self, option):
        self._option = option
        if self._path and os.path.exists(self._path):
            with open(self._path, encoding="utf-8") as file:
                self._before = json.load(file)
        self._after = dict(self._before)

    @property
    def tracks(self):
        """Whether what was read before is left out."""
        return self._option in (ENABLED, PAUSED)

    def unread(self, context, entries):
        """Of `entries` ([(name, seconds of the epoch of its last change)]) those that no earlier run has committed."""
        known = self._before.get(context, {})
        until, seen = known.get("until", -1), set(known.get("at", []))
        new = [(name, changed) for name, changed in entries if changed > until or (changed == until and name not in seen)]
        if new:
            latest = max(changed for _, changed in new)
            at = sorted(name for name, changed in new if changed == latest)
            self._after[context] = {"until": latest, "at": sorted({*at, *seen}) if latest == until else at}
        return [name for name, _ in new]

    def commit(self):
        if self._option != ENABLED or not self._path:
            return
        with open(f"{self._path}.new", "w", encoding="utf-8") as file:
            json.dump(self._after, file)
        os.replace(f"{self._path}.new", self._path)
