"""Asynchronous invocation of Lambda functions: retries, the age of events, destinations and dead-letter queues ("Invoking a
Lambda function asynchronously" and "Capturing records of Lambda asynchronous invocations", AWS Lambda Developer Guide).

AWS waits one minute before the second attempt and two before the third. Here these minutes are seconds, so that a workflow that
fails is known to fail within a test; the age that an event may reach is counted in AWS's time.
"""

import json
import logging
import time
from datetime import datetime, timezone

from ministack.services import lambda_svc

from .functions import Functions, current_invocation_id, put_metric, start_thread
from .plane import PlaneError

logger = logging.getLogger("crucible")

# AWS's pauses before the second and third attempt, seconds, and how much shorter they are here.
_PAUSES, _SHORTENED = (60, 120), 60
# A throttled event is tried again after one second at first, later after five minutes.
_THROTTLED_FIRST, _THROTTLED_LAST = 1, 300
_DEFAULT_ATTEMPTS, _DEFAULT_AGE = 2, 21_600
# What a dead-letter queue's attribute carries of an error's message, characters.
_MOST_MESSAGE = 1024


class AsyncInvocations:
    """Replaces ministack's own."""

    def __init__(self, functions: Functions):
        self._functions = functions

    def install(self) -> None:
        lambda_svc.invoke_async_with_retry = self.invoke

    def invoke(self, func: dict, event) -> None:
        """Takes an event for the function and returns at once."""
        config = func.get("config") or func
        put_metric(config, AsyncEventsReceived=(1, "Count"))
        request_id = current_invocation_id()
        start_thread(lambda_svc._run_with_function_config_scope, config, self._work_off, func, config, event, request_id)

    def _work_off(self, func: dict, config: dict, event, request_id: str) -> None:
        settings = _settings(config)
        attempts = settings.get("MaximumRetryAttempts")
        attempts = _DEFAULT_ATTEMPTS if attempts is None else int(attempts)
        oldest = int(settings.get("MaximumEventAgeInSeconds") or _DEFAULT_AGE)
        started, waited_more, count, throttled_pause = time.monotonic(), 0.0, 0, _THROTTLED_FIRST
        while True:
            result = self._functions.execute(func, event, request_id)
            if result.get("throttle"):
                if lambda_svc._reserved_concurrency(lambda_svc._functions.get(config["FunctionName"]) or {}, config) == 0:
                    condition = "RetriesExhausted"
                    break
                pause, throttled_pause = throttled_pause, min(throttled_pause * 2, _THROTTLED_LAST)
                real = pause
            else:
                count += 1
                if not result.get("error"):
                    return self._tell(config, settings, "OnSuccess", "Success", event, result, request_id, count)
                if count > attempts:
                    condition = "RetriesExhausted"
                    break
                pause = _PAUSES[min(count, len(_PAUSES)) - 1]
                real = pause / _SHORTENED
            if time.monotonic() - started + waited_more + pause > oldest:
                condition = "EventAgeExceeded"
                break
            waited_more += pause - real
            time.sleep(real)
        put_metric(config, AsyncEventsDropped=(1, "Count"))
        self._dead_letter(config, event, result, request_id)
        self._tell(config, settings, "OnFailure", condition, event, result, request_id, count)

    def _dead_letter(self, config: dict, event, result: dict, request_id: str) -> None:
        target = (config.get("DeadLetterConfig") or {}).get("TargetArn")
        if not target:
            return
        attributes = {
            "RequestID": request_id,
            "ErrorCode": "429" if result.get("throttle") else "200",
            "ErrorMessage": str((result.get("body") or {}).get("errorMessage") or "Rate Exceeded.")[:_MOST_MESSAGE],
        }
        self._deliver(config, target, json.dumps(event), attributes, "", "DeadLetterErrors")

    def _tell(self, config, settings, which: str, condition: str, event, result: dict, request_id: str, count: int) -> None:
        target = ((settings.get("DestinationConfig") or {}).get(which) or {}).get("Destination")
        if not target:
            return
        failed = which == "OnFailure"
        arn = config["FunctionArn"]
        qualified = arn if len(arn.split(":")) == 8 else f"{arn}:{config.get('Version', '$LATEST')}"
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {
            "version": "1.0",
            "timestamp": now,
            "requestContext": {
                "requestId": request_id,
                "functionArn": qualified,
                "condition": condition,
                "approximateInvokeCount": count,
            },
            "requestPayload": event,
        }
        if not result.get("throttle"):
            record["responseContext"] = {
                "statusCode": 200,
                "executedVersion": config.get("Version", "$LATEST"),
                **({"functionError": result.get("function_error") or "Unhandled"} if failed else {}),
            }
            record["responsePayload"] = result.get("body")
        kind = f"Lambda Function Invocation Result - {'Failure' if failed else 'Success'}"
        self._deliver(config, target, json.dumps(record), {}, kind, "DestinationDeliveryFailures")

    def _deliver(self, config: dict, target: str, body: str, attributes: dict, detail_type: str, metric: str) -> None:
        """The compute plane delivers it as the function's role, so that IAM decides."""
        account, region = lambda_svc._account_region_from_function_config(config)
        message = {
            "account": account,
            "region": region,
            "functionName": config["FunctionName"],
            "functionArn": config["FunctionArn"],
            "roleArn": config.get("Role", ""),
            "target": target,
            "body": body,
            "attributes": attributes,
            "detailType": detail_type,
        }
        try:
            self._functions.call("/function/deliver", message)
        except PlaneError as error:
            logger.warning("function %s: nothing delivered to %s: %s", config["FunctionArn"], target, error)
            put_metric(config, **{metric: (1, "Count")})


def _settings(config: dict) -> dict:
    """The event invoke configuration of what was invoked: of the alias or version, else of the function."""
    func = lambda_svc._functions.get(config["FunctionName"]) or {}
    parts = config["FunctionArn"].split(":")
    qualifier = parts[7] if len(parts) == 8 else config.get("Version") or "$LATEST"
    found = lambda_svc._event_invoke_config(func, qualifier)
    # What was put without a qualifier is `$LATEST`'s.
    return found or (lambda_svc._event_invoke_config(func, None) if qualifier == "$LATEST" else None) or {}
