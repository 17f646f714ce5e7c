"""One JSON object a line, as CloudWatch Logs Insights reads it without a parser."""

import json
import sys
import threading
from datetime import datetime, timezone

_LOCK = threading.Lock()


def log(level: str, message: str, **fields: object) -> None:
    """Writes one line: `info` to standard output, all else to standard error."""
    time = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"time": time, "level": level, "job": "preprocessing", "message": message, **fields})
    stream = sys.stdout if level == "info" else sys.stderr
    # Two threads hand on what the script writes; a line is written by one of them.
    with _LOCK:
        print(line, file=stream, flush=True)
