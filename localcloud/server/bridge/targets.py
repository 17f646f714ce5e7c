"""EventBridge and EventBridge Scheduler: targets of the compute plane's services are delivered to it.

ministack renders a target's input (InputPath, Input, InputTransformer) inside the function that delivers it. So a target
of ours goes through that same function under the disguise of an SQS queue, whose delivery hands the rendered text back.
"""

import asyncio
import contextvars
import json
import logging
from datetime import datetime, timezone

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import error_response_json, get_account_id, get_region, request_scope
from ministack.services import eventbridge, scheduler, sqs

from . import event_metrics, function_permissions, log_targets, timetable
from .plane import ComputePlane, PlaneError
from .schedule_errors import missing_parameters

logger = logging.getLogger("crucible")

_capture: contextvars.ContextVar[list | None] = contextvars.ContextVar("crucible_capture", default=None)
_deliveries: contextvars.ContextVar[list | None] = contextvars.ContextVar("crucible_deliveries", default=None)

# EventBridge Scheduler's universal targets name an API operation instead of a resource.
_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
# Where the SDK's name of a service is not that of its ARNs.
_SDK_NAMES = {"sfn": "states"}


def service_of(arn: str) -> str | None:
    """The service that a target's ARN belongs to."""
    if arn.startswith(_UNIVERSAL):
        name = arn.removeprefix(_UNIVERSAL).split(":", 1)[0]
        return _SDK_NAMES.get(name, name)
    try:
        return parse_arn(arn).service
    except ArnParseError:
        return None


def _error_code(error: PlaneError) -> str:
    """As EventBridge names it in a dead letter's attributes."""
    if error.code.startswith("AccessDenied"):
        return "NO_PERMISSIONS"
    return error.code if error.code == "NO_RESOURCE" else "SDK_CLIENT_ERROR"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class NotFound(Exception):
    """There is no such rule or schedule."""


class Targets:
    """Delivers target invocations; `fire` makes a schedule happen now."""

    def __init__(self, services: list[str], plane: ComputePlane):
        self._services, self._plane = frozenset(services), plane
        self._timetable = timetable.Timetable()
        self._dispatch = eventbridge._invoke_target
        self._to_sqs = eventbridge._dispatch_to_sqs
        self._validate = eventbridge._validate_target_arn

    def install(self) -> None:
        eventbridge._invoke_target = self._invoke_target
        eventbridge._dispatch_to_sqs = self._dispatch_to_sqs
        eventbridge._validate_target_arn = self._validate_target
        self._timetable.install()

    def _dispatch_to_sqs(self, spec, payload, sqs_parameters=None):
        rendered = _capture.get()
        if rendered is None:
            return self._to_sqs(spec, payload, sqs_parameters)
        rendered.append(payload)

    def _validate_target(self, target):
        arn = target.get("Arn", "")
        if service_of(arn) in self._services and not target.get("RoleArn"):
            return error_response_json("ValidationException", f"RoleArn is required for target {arn}.", 400)
        return self._validate(target) or missing_parameters(target)

    def _render(self, target, event, rule, view) -> str:
        rendered: list[str] = []
        reset = _capture.set(rendered)
        try:
            queue = f"arn:aws:sqs:{get_region()}:{get_account_id()}:crucible"
            self._dispatch({**target, "Arn": queue}, event, rule, view)
        finally:
            _capture.reset(reset)
        return rendered[0] if rendered else "{}"

    def _invoke_target(self, target, event, rule, view=None):
        arn = target.get("Arn", "")
        if service_of(arn) == "logs" and not arn.startswith(_UNIVERSAL):
            return log_targets.deliver(arn, self._render(target, event, rule, view), rule.get("Arn", ""))
        scheduled = rule.get("Arn", "").startswith("arn:aws:scheduler:")
        if service_of(arn) == "lambda" and not scheduled:
            return self._invoke_function(target, event, rule, view)
        # A schedule invokes everything as its role, so that also ministack's own services are asked through the front door.
        if service_of(arn) not in self._services and not scheduled:
            return self._dispatch(target, event, rule, view)
        invocation = {
            "account": get_account_id(),
            "region": get_region(),
            "arn": arn,
            "roleArn": target.get("RoleArn"),
            "input": self._render(target, event, rule, view),
            "target": target,
            "source": rule.get("Arn", ""),
        }
        # Delivery never blocks: this may be the event loop (PutEvents) or the thread of a ticking scheduler.
        future = asyncio.run_coroutine_threadsafe(self._deliver(invocation), self._plane.loop)
        pending = _deliveries.get()
        if pending is not None:
            pending.append(asyncio.wrap_future(future, loop=self._plane.loop))

    def _invoke_function(self, target, event, rule, view):
        """A rule's function: its own policy decides ("Using resource-based policies for Amazon EventBridge")."""
        rendered = self._render(target, event, rule, view)
        refusal = function_permissions.invoke_for_rule(target["Arn"], rendered, rule.get("Arn", ""), "events.amazonaws.com")
        if refusal:
            logger.warning("%s: target %s not invoked: %s", rule.get("Arn", ""), target["Arn"], refusal)
            invocation = {"arn": target["Arn"], "input": rendered, "target": target, "source": rule.get("Arn", "")}
            self._dead_letter(invocation, PlaneError(refusal, "NO_RESOURCE" if "no function" in refusal else "AccessDenied"))

    async def _deliver(self, invocation: dict) -> None:
        """The service acts as the target's role, through the front door; here only what EventBridge itself decides."""
        try:
            spec = None if invocation["arn"].startswith(_UNIVERSAL) else parse_arn(invocation["arn"])
            if spec and (spec.account_id, spec.region) != (invocation["account"], invocation["region"]):
                raise PlaneError("the target is in another account or region than the rule", "NO_RESOURCE")
            await self._plane.post("/target", invocation)
        except PlaneError as error:
            logger.warning("%s: target %s not invoked: %s", invocation["source"], invocation["arn"], error)
            with request_scope(invocation["account"], invocation["region"]):
                self._dead_letter(invocation, error)

    def _dead_letter(self, invocation: dict, error: PlaneError) -> None:
        event_metrics.failed(invocation["source"])
        queue_arn = (invocation["target"].get("DeadLetterConfig") or {}).get("Arn")
        if not queue_arn:
            return
        self._to_sqs(parse_arn(queue_arn), invocation["input"])
        queue = sqs._queue_by_arn(queue_arn)
        if queue and queue["messages"]:
            attributes = {
                "RULE_ARN": invocation["source"],
                "TARGET_ARN": invocation["arn"],
                "ERROR_CODE": _error_code(error),
                "ERROR_MESSAGE": str(error),
            }
            queue["messages"][-1]["message_attributes"] = {
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            }

    async def put_events(self, account: str, region: str, entries: list[dict]) -> dict:
        """Puts events, `aws.*` sources allowed; returns when the compute plane has taken every target that matched."""
        with request_scope(account, region):
            eventbridge._ensure_default_bus()
            pending: list = []
            reset = _deliveries.set(pending)
            try:
                results = []
                for start in range(0, len(entries), 10):
                    chunk = {"Entries": entries[start : start + 10]}
                    _, _, body = eventbridge._put_events(chunk, allow_aws_source=True)
                    results += json.loads(body)["Entries"]
            finally:
                _deliveries.reset(reset)
        await asyncio.gather(*pending)
        return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}

    async def fire(self, account: str, region: str, kind: str, name: str, group: str | None) -> int:
        """Invokes the targets of a scheduled rule or a schedule as if its time had come, also of a disabled one; returns
        how many there were. Raises NotFound."""
        with request_scope(account, region):
            if kind == "rule":
                key = eventbridge._rule_key(name, "default")
                subject, targets = eventbridge._rules.get(key), eventbridge._targets.get(key) or []
                if subject is None or not subject.get("ScheduleExpression"):
                    raise NotFound(f"account {account} has no scheduled rule {name} in {region}")
                event_source = "aws.events"
            else:
                subject = scheduler._schedules.get(f"{group or 'default'}/{name}")
                if subject is None:
                    raise NotFound(f"account {account} has no schedule {group or 'default'}/{name} in {region}")
                targets, event_source = [subject["Target"]], "aws.scheduler"
            pending: list = []
            reset = _deliveries.set(pending)
            try:
                timetable.invoke(event_source, subject, targets, account, region, self._timetable.now(account))
            finally:
                _deliveries.reset(reset)
        await asyncio.gather(*pending)
        return len(targets)

    async def advance(self, account: str, seconds: float | None, to: float | None) -> dict:
        """Moves an account's clock forward, by seconds or to a time: that of rules and schedules, and that of the compute plane's
        timetables. Returns when all that fell due was handed over, in order, with how many that were, and the time that it is.
        Raises ValueError for a time that is over."""
        now = self._timetable.now(account)
        target = now + seconds if to is None else to
        if target < now:
            raise ValueError(f"a clock only goes forward: it is {_iso(now)}, and {_iso(target)} is over")
        pending: list = []
        reset = _deliveries.set(pending)
        try:
            count, at = 0, now
            while at is not None:
                count += self._timetable.advance(account, at)
                count += (await self._plane.post("/clock/advance", {"account": account, "to": at}))["fired"]
                following = (await self._plane.post("/clock/next", {"account": account}))["at"]
                at = None if at >= target else target if following is None else min(following, target)
        finally:
            _deliveries.reset(reset)
        await asyncio.gather(*pending)
        return {"fired": count, "now": _iso(self._timetable.now(account))}
