"""When scheduled rules and schedules fire: by time zones and daylight saving time, windows, start and end, on a clock that can be
moved ("Schedule types in EventBridge Scheduler" and "Creating a rule that runs on a schedule in Amazon EventBridge").

Each account has a clock of its own, so that who moves it disturbs nobody else on the same cloud.
"""

import hashlib
import logging
import threading
import time
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ministack.core.responses import new_uuid, request_scope
from ministack.services import eventbridge, scheduler

from . import event_metrics

logger = logging.getLogger("crucible")

# Seconds between two looks; a schedule has the accuracy of a minute on AWS.
_LOOK_SECONDS = 1
# A cron expression that has no occurrence in so many days that do not exist in its time zone has none.
_MOST_SKIPPED = 50


def next_occurrence(expression: str, zone: str | None, after: float, anchor: float) -> float | None:
    """The first time after `after` (seconds of the epoch) that an expression names; None when there is no other.

    `anchor` is where a rate begins to count. An hour that daylight saving time skips is skipped, one that it repeats counts once.
    """
    seconds = eventbridge._parse_rate_seconds(expression)
    if seconds is not None:
        return anchor + (max(0, int((after - anchor) // seconds)) + 1) * seconds
    try:
        place = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if expression.startswith("at("):
        local = datetime.fromisoformat(expression[3:].rstrip(")").strip())
        at = local.replace(tzinfo=place).timestamp()
        return at if at > after else None
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return None
    # The search knows no zones: it is done with the time that clocks on the wall show.
    wall = datetime.fromtimestamp(after, place).replace(tzinfo=timezone.utc, fold=0)
    for _ in range(_MOST_SKIPPED):
        wall = eventbridge._cron_next_fire(fields, wall)
        if wall is None:
            return None
        local = wall.replace(tzinfo=place, fold=0)
        at = local.timestamp()
        exists = datetime.fromtimestamp(at, place).replace(tzinfo=None) == wall.replace(tzinfo=None)
        if exists and at > after:
            return at
    return None


def filled_in(text: str, arn: str, at: float) -> str:
    """An input with the context attributes of EventBridge Scheduler ("Adding context attributes")."""
    time_text = datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name, value in (
        ("schedule-arn", arn),
        ("scheduled-time", time_text),
        ("execution-id", new_uuid()),
        ("attempt-number", "1"),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


class Timetable:
    """Fires what is due, in order."""

    def __init__(self):
        self._offsets: dict[str, float] = {}
        # Key of a rule or schedule → what it was when it was last looked at, up to when it has fired, and where a rate begins.
        self._seen: dict[tuple, tuple[tuple, float, float]] = {}
        self._looking = threading.RLock()

    def install(self) -> None:
        """Replaces ministack's own looks, which its threads go on to call."""
        scheduler._tick_schedules = self.look
        eventbridge._tick_scheduled_rules = lambda: None
        scheduler._SCHEDULE_TICK_INTERVAL = _LOOK_SECONDS

    def now(self, account: str) -> float:
        return time.time() + self._offsets.get(account, 0.0)

    def advance(self, account: str, to: float) -> int:
        """Moves an account's clock to a time, firing on the way what falls due, each at its time. Returns how many that were; a
        time that is over does nothing."""
        with self._looking:
            # What was made since the last look begins to count before the clock moves.
            count = self._fire_until(account, self.now(account))
            if to > self.now(account):
                count += self._fire_until(account, to)
                self._offsets[account] = to - time.time()
        return count

    def look(self) -> None:
        """Fires what is due now."""
        with self._looking:
            accounts = {key[0] for store in (scheduler._schedules, eventbridge._rules) for key in list(store._data.keys())}
            for account in accounts:
                self._fire_until(account, self.now(account))

    def _fire_until(self, account: str, end: float) -> int:
        count = 0
        while True:
            due = [entry for entry in self._entries(account) if entry[0] <= end]
            if not due:
                return count
            at, kind, key, subject, occurrence = min(due, key=lambda entry: entry[0])
            shape, _, anchor = self._seen[(kind, *key)]
            self._seen[(kind, *key)] = (shape, occurrence, anchor)
            self._fire(kind, key, subject, occurrence)
            count += 1

    def _entries(self, account: str):
        """Each enabled rule's and schedule's next time: (when it fires, kind, key, subject, its time)."""
        for kind, store in (("schedule", scheduler._schedules), ("rule", eventbridge._rules)):
            for key, subject in list(store._data.items()):
                expression = subject.get("ScheduleExpression") or ""
                if key[0] != account or not expression:
                    continue
                occurrence = self._next(kind, key, subject, expression)
                if occurrence is None:
                    self._complete(kind, key, subject, expression)
                elif subject.get("State") == "ENABLED":
                    yield occurrence + _delay(subject, occurrence), kind, key, subject, occurrence

    def _next(self, kind: str, key: tuple, subject: dict, expression: str) -> float | None:
        zone = subject.get("ScheduleExpressionTimezone")
        start, end = scheduler._to_epoch(subject.get("StartDate")), scheduler._to_epoch(subject.get("EndDate"))
        shape = (expression, zone, start, end, subject.get("State"), subject.get("LastModificationDate"))
        known = self._seen.get((kind, *key))
        if known is None or known[0] != shape:
            # A one-time schedule that was missed by less than a look is still due.
            created = subject.get("CreationDate") or subject.get("CreationTime")
            begin = self.now(key[0]) if known or created is None else float(created) + self._offsets.get(key[0], 0.0)
            known = (shape, begin, begin)
            self._seen[(kind, *key)] = known
        after = known[1] if start is None else max(known[1], start - 1)
        anchor = known[2] if start is None else start
        occurrence = next_occurrence(expression, zone, after, anchor)
        return None if occurrence is None or (end is not None and occurrence > end) else occurrence

    def _complete(self, kind: str, key: tuple, subject: dict, expression: str) -> None:
        """A schedule that will not fire again is removed, if it says so."""
        end = scheduler._to_epoch(subject.get("EndDate"))
        over = expression.startswith("at(") or (end is not None and self.now(key[0]) > end)
        if kind == "schedule" and over and subject.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules._data.pop(key, None)
            self._seen.pop((kind, *key), None)

    def _fire(self, kind: str, key: tuple, subject: dict, occurrence: float) -> None:
        account, region, name = key
        with request_scope(account, region):
            targets = eventbridge._targets._data.get(key, []) if kind == "rule" else [subject.get("Target") or {}]
            source = "aws.events" if kind == "rule" else "aws.scheduler"
            invoke(source, subject, targets, account, region, occurrence)


def invoke(source: str, subject: dict, targets: list[dict], account: str, region: str, at: float) -> None:
    """Invokes the targets of a rule or schedule for its time `at`."""
    event = {
        "EventId": new_uuid(),
        "Source": source,
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": subject.get("EventBusName", "default"),
        "Time": int(at),
        "Resources": [subject.get("Arn", "")],
        "Account": account,
        "Region": region,
    }
    if source == "aws.events":
        event_metrics.triggered(subject)
    for target in targets:
        if not target.get("Arn"):
            continue
        if source == "aws.scheduler" and target.get("Input"):
            target = {**target, "Input": filled_in(target["Input"], subject.get("Arn", ""), at)}
        try:
            eventbridge._invoke_target(target, event, subject)
        except Exception:
            logger.exception("%s: target %s", subject.get("Arn"), target.get("Arn"))


def _delay(subject: dict, occurrence: float) -> float:
    """Where in its flexible window an invocation falls: anywhere, but always the same."""
    window = subject.get("FlexibleTimeWindow") or {}
    if window.get("Mode") != "FLEXIBLE":
        return 0.0
    digest = hashlib.sha256(f"{subject.get('Arn')}|{occurrence}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 * timedelta(minutes=int(window.get("MaximumWindowInMinutes") or 0)).total_seconds()
