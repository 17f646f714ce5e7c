"""Runs a job's script as AWS Glue runs it: as __main__, with its arguments, and with the reason of a failure left in a file.

usage: launch.py REASON-FILE SCRIPT [ARGUMENT ...]
"""

import json
import re
import runpy
import sys
import traceback

# "Error classification of AWS Glue jobs": the category that an error's text or type falls into, the first that fits.
_CATEGORIES = [
    ("OUT_OF_MEMORY_ERROR", re.compile(r"OutOfMemoryError|MemoryError|Java heap space")),
    ("PERMISSION_ERROR", re.compile(r"AccessDenied|Access Denied|not authorized to perform")),
    ("RESOURCE_NOT_FOUND_ERROR", re.compile(r"NoSuchBucket|NoSuchKey|EntityNotFoundException|ResourceNotFoundException")),
    ("QUERY_ERROR", re.compile(r"AnalysisException|ParseException")),
    ("IMPORT_ERROR", re.compile(r"^(ModuleNotFoundError|ImportError)")),
    ("SYNTAX_ERROR", re.compile(r"^(SyntaxError|IndentationError)")),
    ("INVALID_ARGUMENT_ERROR", re.compile(r"GlueArgumentError|IllegalArgumentException")),
    ("TIMEOUT_ERROR", re.compile(r"^TimeoutError|ReadTimeout|ConnectTimeout")),
    ("CONNECTION_ERROR", re.compile(r"ConnectionError|ConnectionRefused|EndpointConnectionError")),
]


def category_of(text: str) -> str:
    """The category of an error that reads `Type: message`."""
    return next((name for name, pattern in _CATEGORIES if pattern.search(text)), "UNCLASSIFIED_ERROR")


def line_in(script: str, error: BaseException) -> int | None:
    """Where in the script it happened; in whatever the script called, the script's own line counts."""
    if isinstance(error, SyntaxError) and error.filename == script:
        return error.lineno
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    return frames[-1].lineno if frames else None


def describe(script: str, error: BaseException) -> dict:
    """What the service makes the run's ErrorMessage of."""
    name, said = type(error).__name__, str(error)
    text = f"{name}: {said}" if said else name
    return {"category": category_of(text), "line": line_in(script, error), "message": text}


def main() -> int:
    reason, script, *arguments = sys.argv[1:]
    sys.argv = [script, *arguments]
    try:
        runpy.run_path(script, run_name="__main__")
        return 0
    except SystemExit as end:
        if end.code in (None, 0):
            return 0
        error = end
        if not isinstance(end.code, int):
            print(end.code, file=sys.stderr)
    except BaseException as raised:  # noqa: BLE001 - whatever ends the script is the reason of the run's end
        error = raised
        own = raised.__traceback__
        # The frames of this launcher say nothing to the script's author.
        while own is not None and own.tb_frame.f_code.co_filename != script:
            own = own.tb_next
        traceback.print_exception(type(raised), raised, own or raised.__traceback__)
    with open(reason, "w", encoding="utf-8") as file:
        json.dump(describe(script, error), file)
    return 1


if __name__ == "__main__":
    sys.exit(main())
