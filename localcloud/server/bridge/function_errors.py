"""Errors of Lambda functions as the runtimes of AWS report them: with the class that was raised and its stack trace.

ministack's workers report the message only, under one name for all, so that a state machine's Catch by class never matches.
"""

import threading

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from .names import Incompatible

# What a worker's program says of an error, and what it says instead: the same with the runtime's own description added.
_PYTHON = (
    'json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()})',
    'json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc(), "described": {'
    '"errorMessage": str(e), "errorType": type(e).__name__, "requestId": _ms_ctx.get("request_id", ""), '
    '"stackTrace": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:])}})',
)
_DESCRIBE = (
    "described: ((e) => e instanceof Error || (e && e.stack) ? "
    '{ errorType: e.name || "Error", errorMessage: e.message, trace: String(e.stack).split("\\n") } : '
    "{ errorType: typeof e, errorMessage: String(e), trace: [] })"
)
_NODE = [
    ('trace: err.stack || ""', f'trace: err.stack || "", {_DESCRIBE}(err)'),
    ("error: e.message, trace: e.stack", f"error: e.message, trace: e.stack, {_DESCRIBE}(e)"),
]
# Where a function's code lies on AWS.
_TASK_ROOT = "/var/task"

_last = threading.local()


def _replaced(program: str, found: str, instead: str) -> str:
    if program.count(found) != 1:
        raise Incompatible(f"ministack's Lambda worker has no line with {found!r}, which the local cloud's bridge extends")
    return program.replace(found, instead)


def _at_task_root(value, folder: str):
    if isinstance(value, str):
        return value.replace(folder, _TASK_ROOT)
    if isinstance(value, list):
        return [_at_task_root(each, folder) for each in value]
    return value


def install() -> None:
    """Extends the workers' programs, and puts what they describe into the payload of a failed invocation."""
    lambda_runtime._PYTHON_WORKER_SCRIPT = _replaced(lambda_runtime._PYTHON_WORKER_SCRIPT, *_PYTHON)
    for found, instead in _NODE:
        lambda_runtime._NODEJS_WORKER_SCRIPT = _replaced(lambda_runtime._NODEJS_WORKER_SCRIPT, found, instead)

    invoke = lambda_runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def described_invoke(self, *arguments, **options):
        response = invoke(self, *arguments, **options)
        described = response.get("described")
        if described:
            folder = f"{self._tmpdir}/code"
            _last.described = {key: _at_task_root(value, folder) for key, value in described.items()}
        return response

    def described_execute(func, event, request_id):
        _last.described = None
        result = execute(func, event, request_id)
        return {**result, "body": _last.described} if result.get("error") and _last.described else result

    lambda_runtime.Worker.invoke = described_invoke
    lambda_svc._execute_function_warm = described_execute
