"""Schedules that EventBridge and EventBridge Scheduler refuse: what is taken here has a time at which it fires ("Cron expressions
reference", "Rate expressions reference", Amazon EventBridge User Guide; "Schedule types in EventBridge Scheduler").
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import error_response_json
from ministack.services import eventbridge, scheduler

from .constraints import violations

_RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
# Minutes, hours, months, years: where they are among what ministack reads from an expression, and their range.
_RANGES = ((0, 0, 59), (1, 0, 23), (3, 1, 12), (5, 1970, 2199))

# What a target of the service cannot do without.
_PARAMETERS = {"batch": "BatchParameters", "ecs": "EcsParameters"}


def is_cron(expression: str) -> bool:
    """Whether it is a cron expression all of whose values exist; day of the month or of the week is `?`, and not both are."""
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None or (fields[6] == "?") == (fields[7] == "?"):
        return False
    for index, least, most in _RANGES:
        values = fields[index]
        if values is not None and (not values or min(values) < least or max(values) > most):
            return False
    for days, most in ((fields[2], 31), (fields[4], 7)):
        numbers = days["days"]
        if not any(days.values()) or (numbers and (min(numbers) < 1 or max(numbers) > most)):
            return False
    return True


def is_rate(expression: str, strict: bool) -> bool:
    """`strict`: rules want the singular after 1, and the plural after anything else."""
    found = _RATE.fullmatch(expression)
    return found is not None and not (strict and (found[1] == "1") == bool(found[3]))


def is_at(expression: str) -> bool:
    found = _AT.fullmatch(expression)
    try:
        return found is not None and bool(datetime.fromisoformat(found[1]))
    except ValueError:
        return False


def _schedule_error(operation: str, name: str, body: dict):
    """The answer to a schedule that Scheduler does not take, or None."""
    message = violations("scheduler", operation, {"Name": name, **body}) or _schedule_message(body)
    return scheduler._error(400, "ValidationException", message) if message else None


def _schedule_message(body: dict) -> str | None:
    expression = body.get("ScheduleExpression")
    if expression and not (is_rate(expression, strict=False) or is_cron(expression) or is_at(expression)):
        return f"Invalid Schedule Expression {expression}."
    zone = body.get("ScheduleExpressionTimezone")
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"Invalid ScheduleExpressionTimezone {zone}."
    start, end = scheduler._to_epoch(body.get("StartDate")), scheduler._to_epoch(body.get("EndDate"))
    if start is not None and end is not None and end <= start:
        return "The EndDate you specify must come after the StartDate."
    window = body.get("FlexibleTimeWindow") or {}
    if window.get("Mode") == "FLEXIBLE" and window.get("MaximumWindowInMinutes") is None:
        return "MaximumWindowInMinutes must be specified for a FlexibleTimeWindow of mode FLEXIBLE."
    target = body.get("Target") or {}
    if _service(target.get("Arn", "")) == "ecs" and not target.get("EcsParameters"):
        return f"Parameter(s) EcsParameters must be specified for target: {target['Arn']}."
    return None


def missing_parameters(target: dict):
    """The answer to a rule's target that lacks what its service needs, or None."""
    needed = _PARAMETERS.get(_service(target.get("Arn", "")))
    if needed is None or target.get(needed):
        return None
    message = f"Parameter(s) {needed} must be specified for target: {target.get('Id')}."
    return error_response_json("ValidationException", message, 400)


def _service(arn: str) -> str | None:
    try:
        return None if arn.startswith("arn:aws:scheduler:::aws-sdk:") else parse_arn(arn).service
    except ArnParseError:
        return None


def _rule_error(data: dict):
    """The answer to a rule that EventBridge does not take, or None."""
    if not data.get("ScheduleExpression") and not data.get("EventPattern"):
        message = "Parameter(s) EventPattern or ScheduleExpression must be specified."
    elif data.get("ScheduleExpression") and data.get("EventBusName", "default").rpartition("/")[2] != "default":
        message = "ScheduleExpression is supported only on the default event bus."
    else:
        return None
    return error_response_json("ValidationException", message, 400)


def install() -> None:
    create, update, put = scheduler._create_schedule, scheduler._update_schedule, eventbridge._put_rule
    scheduler._create_schedule = lambda name, body: _schedule_error("CreateSchedule", name, body) or create(name, body)
    scheduler._update_schedule = lambda name, body: _schedule_error("UpdateSchedule", name, body) or update(name, body)
    eventbridge._put_rule = lambda data: _rule_error(data) or put(data)
    eventbridge._validate_schedule_expression = lambda text: not text or is_rate(text, strict=True) or is_cron(text)
