"""Lambda functions run on the compute plane: ministack keeps functions, versions, layers and concurrency; here its executors
are replaced by one that hands each invocation over, with the code unpacked, and its log and metrics are left to us.
"""

import asyncio
import contextvars
import hashlib
import json
import logging
import threading
import time

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, lambda_svc

from . import services
from .function_roots import FunctionRoots
from .plane import ComputePlane, PlaneError

logger = logging.getLogger("crucible")

# Set while the front door's Invoke waits: its request is the invocation, and its answer is the function's, as it stands.
_invoked_directly: contextvars.ContextVar[bool] = contextvars.ContextVar("crucible_invoked", default=False)

_EMPTY_ZIP = b"PK\x05\x06" + bytes(18)

# What makes up an environment of a function; a change of anything else leaves the running ones as they are.
_REVISION_MEMBERS = ("Environment", "Handler", "MemorySize", "Role", "Runtime", "Timeout", "ImageUri", "ImageConfigResponse")


class Functions:
    """Executes functions for ministack."""

    def __init__(self, plane: ComputePlane, roots: FunctionRoots):
        self._plane, self._roots = plane, roots
        self._known_roots: dict[tuple, str] = {}

    def install(self) -> None:
        invoke = lambda_svc._invoke

        async def invoke_directly(*arguments, **options):
            reset = _invoked_directly.set(True)
            try:
                return await invoke(*arguments, **options)
            finally:
                _invoked_directly.reset(reset)

        lambda_svc._invoke = invoke_directly
        lambda_svc._execute_function = self.execute
        lambda_svc._emit_lambda_metrics = lambda *_arguments, **_options: None
        lambda_svc.invalidate_worker = self._retire

    def execute(self, func: dict, event, request_id: str | None = None) -> dict:
        """Runs one invocation on the calling thread. The answer has ministack's shape: `body`, `error`, `log`, `throttle`."""
        config = func.get("config") or func
        if lambda_svc._function_config_scope_mismatch(config):
            return lambda_svc._run_with_function_config_scope(config, self.execute, func, event, request_id)
        name, direct = config.get("FunctionName", ""), _invoked_directly.get()
        request_id = request_id or current_invocation_id()
        slot, limit = lambda_svc._acquire_execution_slot(self._function_record(func, name), config)
        if slot is None:
            _metric(config, Throttles=(1, "Count"))
            reason = "Reserved" if limit == "function" else "Concurrent"
            code = f"{reason}FunctionConcurrentInvocationLimitExceeded" if limit == "function" else "ConcurrentInvocationLimitExceeded"
            return lambda_svc._throttle_response(reason_code=code, msg="Rate Exceeded.")
        try:
            outcome = self._run(func, config, event, request_id)
        finally:
            lambda_svc._release_execution_slot(slot)
        failed = bool(outcome.get("functionError"))
        _metric(
            config,
            Invocations=(1, "Count"),
            Errors=(1 if failed else 0, "Count"),
            Throttles=(0, "Count"),
            Duration=(outcome["durationMillis"], "Milliseconds"),
            ConcurrentExecutions=(1 + lambda_svc._inflight.get(slot, 0), "Count"),
        )
        payload = outcome["payload"]
        result = {"body": payload.encode() if direct else _parsed(payload), "log": outcome["log"], "requestId": request_id}
        return {**result, "error": True, "function_error": "Unhandled"} if failed else result

    def _function_record(self, func: dict, name: str) -> dict:
        """Reserved concurrency belongs to the function, whichever version runs."""
        return lambda_svc._functions.get(name) or func

    def _run(self, func: dict, config: dict, event, request_id: str) -> dict:
        started = time.monotonic()
        try:
            message = self._message(func, config, event, request_id)
            return self.call("/function/invoke", message)
        except (PlaneError, OSError, ValueError, RuntimeError) as error:
            logger.error("function %s: %s", config.get("FunctionArn"), error)
            described = {"errorType": "Runtime.Unknown", "errorMessage": f"RequestId: {request_id} Error: {error}"}
            duration = (time.monotonic() - started) * 1000
            return {"payload": json.dumps(described), "functionError": "Unhandled", "log": str(error), "durationMillis": duration}

    def call(self, path: str, message: dict) -> dict:
        """Posts to the compute plane from a thread, and waits. Raises PlaneError."""
        return asyncio.run_coroutine_threadsafe(self._plane.post(path, message), self._plane.loop).result()

    def _message(self, func: dict, config: dict, event, request_id: str) -> dict:
        root, image = None, config.get("ImageUri") if config.get("PackageType") == "Image" else None
        if not image:
            root = self._root(func, config)
        revision = json.dumps([root, *(config.get(member) for member in _REVISION_MEMBERS)], sort_keys=True, default=str)
        logging_config = config.get("LoggingConfig") or {}
        return {
            "function": {
                "account": get_account_id(),
                "region": get_region(),
                "name": config["FunctionName"],
                "version": config.get("Version", "$LATEST"),
                "revision": hashlib.sha256(revision.encode()).hexdigest()[:32],
                "roleArn": config.get("Role", ""),
                "runtime": config.get("Runtime") or "",
                "handler": config.get("Handler") or "",
                "memoryMiB": int(config.get("MemorySize") or 128),
                "timeoutSeconds": int(config.get("Timeout") or 3),
                "environment": (config.get("Environment") or {}).get("Variables") or {},
                "logGroup": logging_config.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
                "root": root,
                "imageUri": image,
                "command": ((config.get("ImageConfigResponse") or {}).get("ImageConfig") or {}).get("Command"),
            },
            "requestId": request_id,
            "invokedArn": config.get("FunctionArn", ""),
            "event": json.dumps(event, ensure_ascii=False),
            "traceId": lambda_svc._xray_trace_id_for_invocation(config),
        }

    def _root(self, func: dict, config: dict) -> str:
        attached = config.get("Layers") or []
        runtime = config.get("Runtime") or ""
        known = (config.get("CodeSha256"), runtime, *(layer.get("Arn") for layer in attached))
        if known not in self._known_roots:
            layers = [package for layer in attached if (package := lambda_svc._resolve_layer_zip(layer))]
            self._known_roots[known] = self._roots.root_of(func.get("code_zip") or _EMPTY_ZIP, layers, runtime)
        return self._known_roots[known]

    def _retire(self, name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None) -> None:
        message = {"account": account or get_account_id(), "region": region or get_region(), "name": name, "version": qualifier}

        async def retire():
            try:
                await self._plane.post("/function/retire", message)
            except PlaneError as error:
                logger.warning("environments of function %s were not ended: %s", name, error)

        asyncio.run_coroutine_threadsafe(retire(), self._plane.loop)


def start_thread(target, *arguments) -> None:
    """Runs `target` on a thread of its own, for the same account and region, but as nobody's request."""
    context = contextvars.copy_context()
    context.run(_invoked_directly.set, False)
    threading.Thread(target=context.run, args=(target, *arguments), daemon=True).start()


def current_invocation_id() -> str:
    """Id of the front door's Invoke that is being answered, or a new one."""
    return (services.current_request_id() if _invoked_directly.get() else "") or new_uuid()


def _parsed(payload: str):
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _metric(config: dict, **values) -> None:
    for name, (value, unit) in values.items():
        cloudwatch.record_metric("AWS/Lambda", name, value, unit, {"FunctionName": config.get("FunctionName", "")})


put_metric = _metric
