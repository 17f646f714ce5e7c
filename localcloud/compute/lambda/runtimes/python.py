"""The Python runtime of functions: loads the handler and runs it for one invocation after the other.

A program of its own, which knows nothing of the local cloud but the runtime API; messages and errors are those of the
runtimes that AWS provides. It runs without the machine's site packages: a function has its code, its layers and boto3.
"""

import http.client
import importlib
import io
import json
import logging
import os
import sys
import time
import traceback
from datetime import datetime, timezone

LINE_END = "\x1e"
TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
ROOT = os.path.dirname(os.path.dirname(TASK_ROOT))
API = "/2018-06-01/runtime"


class _Output(io.TextIOBase):
    """Standard output and error: passed on line by line, at once."""

    def __init__(self, fd: int):
        self._fd, self._pending = fd, ""

    def fileno(self):
        return self._fd

    def writable(self):
        return True

    def write(self, text):
        self._pending += text
        *lines, self._pending = self._pending.split("\n")
        for line in lines:
            self.line(line)
        return len(text)

    def flush(self):
        if self._pending:
            line, self._pending = self._pending, ""
            self.line(line)

    def line(self, text):
        data = (text + "\n").encode("utf-8", "replace")
        while data:
            data = data[os.write(self._fd, data) :]


def _one_event(text: str) -> str:
    return text.replace(ROOT, "").replace("\n", LINE_END)


class _Handler(logging.Handler):
    """The handler that AWS's runtime puts on the root logger."""

    def emit(self, record):
        sys.stdout.line(_one_event(self.format(record)))


class _Formatter(logging.Formatter):
    def format(self, record):
        at = datetime.fromtimestamp(record.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        at = f"{at}.{int(record.msecs):03d}Z"
        text = f"[{record.levelname}]\t{at}\t{Context.current or ''}\t{record.getMessage()}"
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


class Context:
    current = ""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client) if client else None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))


class _RuntimeError(Exception):
    def __init__(self, kind: str, message: str, trace=()):
        super().__init__(message)
        self.kind, self.trace = kind, list(trace)


def _call(connection, method: str, path: str, body: bytes = b""):
    connection.request(method, API + path, body=body, headers={"content-type": "application/json"})
    response = connection.getresponse()
    return response.headers, response.read()


def _load(name: str):
    try:
        module_name, handler_name = name.rsplit(".", 1)
    except ValueError:
        raise _RuntimeError("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise _RuntimeError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'.replace(ROOT, "")
        raise _RuntimeError("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}".replace(ROOT, ""), [where])
    try:
        return getattr(module, handler_name)
    except AttributeError:
        raise _RuntimeError("Runtime.HandlerNotFound", f"Handler '{handler_name}' missing on module '{module_name}'")


def _describe(error: BaseException, request_id: str | None) -> dict:
    if isinstance(error, _RuntimeError):
        described = {"errorMessage": str(error), "errorType": error.kind}
        frames = error.trace
    else:
        described = {"errorMessage": str(error), "errorType": type(error).__name__}
        frames = [
            frame.replace(ROOT, "")
            for frame in traceback.format_list([f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__])
        ]
    return {**described, "requestId": request_id or "", "stackTrace": frames}


def _log_error(described: dict) -> None:
    lines = [f"[ERROR] {described['errorType']}: {described['errorMessage']}"]
    if described["stackTrace"]:
        lines += ["Traceback (most recent call last):", *(frame.rstrip("\n") for frame in described["stackTrace"])]
    sys.stdout.line(_one_event("\n".join(lines)))


def _plain(value):
    """What AWS's encoder takes besides JSON's own types."""
    import decimal

    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _answer(handler, headers, body: bytes) -> tuple[str, bytes]:
    context = Context(headers)
    Context.current = context.aws_request_id
    trace_id = headers.get("Lambda-Runtime-Trace-Id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        result = handler(json.loads(body), context)
    except Exception as error:
        described = _describe(error, context.aws_request_id)
    else:
        try:
            return "response", json.dumps(result, default=_plain).encode()
        except (TypeError, ValueError) as error:
            message = f"Unable to marshal response: {error}"
            described = {"errorMessage": message, "errorType": "Runtime.MarshalError", "requestId": context.aws_request_id, "stackTrace": []}
    _log_error(described)
    return "error", json.dumps(described).encode()


def main() -> None:
    sys.stdout, sys.stderr = _Output(1), _Output(2)
    formatted = _Handler()
    formatted.setFormatter(_Formatter())
    logging.getLogger().addHandler(formatted)
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = _load(os.environ["_HANDLER"])
    except BaseException as error:
        described = _describe(error, None)
        _log_error(described)
        _call(connection, "POST", "/init/error", json.dumps(described).encode())
        sys.exit(1)
    while True:
        headers, body = _call(connection, "GET", "/invocation/next")
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        kind, answer = _answer(handler, headers, body)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            stream.line(LINE_END + LINE_END + request_id)
        _call(connection, "POST", f"/invocation/{request_id}/{kind}", answer)
        Context.current = ""


if __name__ == "__main__":
    # Its own folder is no place for a function's modules to be found.
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
    sys.path[:0] = [TASK_ROOT]
    layers = os.path.join(ROOT, "opt", "python")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[1:1] = [path for path in (os.path.join(layers, "lib", version, "site-packages"), layers) if os.path.isdir(path)]
    sys.path.append(os.environ.pop("CRUCIBLE_RUNTIME_PACKAGES"))
    main()
