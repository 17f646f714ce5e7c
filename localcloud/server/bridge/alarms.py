"""CloudWatch alarms as they are evaluated on AWS ("Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data",
Amazon CloudWatch User Guide): by their own dimensions, period by period, M out of N, with missing data treated as they say.

ministack looks at an alarm only when somebody puts metric data, at one period of all dimensions together. Here every figure is
looked at as it comes, and all alarms again as time passes, so that they also recover.
"""

import json
import logging
import threading
import time
from datetime import datetime, timezone

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch

logger = logging.getLogger("crucible")

# CloudWatch looks at an alarm once a minute, at those of shorter periods every ten seconds.
_LOOK_SECONDS = 60
_SHORT_LOOK_SECONDS = 10

_BREACHES = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def state_of(breaching: list[bool | None], to_alarm: int, missing: str, present: str) -> str:
    """The state that periods amount to.

    `breaching`: for each of the N periods whether it breaches, None where it has no data. `to_alarm`: how many have to (M).
    `missing`: TreatMissingData. `present`: the state until now, which `ignore` keeps.
    """
    bad = sum(one is True for one in breaching)
    good = sum(one is False for one in breaching)
    unknown = len(breaching) - bad - good
    if missing == "breaching":
        return "ALARM" if bad + unknown >= to_alarm else "OK"
    if missing == "notBreaching" or unknown == 0:
        return "ALARM" if bad >= to_alarm else "OK"
    if bad >= to_alarm:
        return "ALARM"
    if missing == "ignore":
        return "OK" if len(breaching) - good < to_alarm else present
    if bad + good == 0:
        return "INSUFFICIENT_DATA"
    return "ALARM" if good == 0 else "OK"


def values_of(alarm: dict, points: list[dict], now: float) -> list[float | None]:
    """The alarm's statistic in each of its periods, the newest first; None where there is no data."""
    period, count = int(alarm.get("Period") or _LOOK_SECONDS), int(alarm.get("EvaluationPeriods") or 1)
    unit, statistic = alarm.get("Unit"), alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    periods: list[list[dict]] = [[] for _ in range(count)]
    for point in points:
        # What is stamped with a time to come counts as of now.
        index = int(max(0.0, now - point["Timestamp"]) // period)
        if index < count and unit in (None, point.get("Unit")):
            periods[index].append(point)
    values = []
    for some in periods:
        figures = cloudwatch._calc_stats(some)
        values.append(cloudwatch._stat_value(figures, statistic, some) if figures else None)
    return values


def evaluate(alarm: dict) -> None:
    """Brings a metric alarm of the current account and region to the state that its metric's data amount to."""
    breaches = _BREACHES.get(alarm.get("ComparisonOperator") or "")
    if breaches is None or not alarm.get("MetricName"):
        return
    dimensions = cloudwatch._dims_from_list(alarm.get("Dimensions") or [])
    key = (alarm.get("Namespace"), alarm["MetricName"], cloudwatch._dims_key(dimensions))
    values = values_of(alarm, cloudwatch._metrics.get(key) or [], time.time())
    breaching = [None if value is None else breaches(value, alarm["Threshold"]) for value in values]
    to_alarm = alarm.get("DatapointsToAlarm") or len(values)
    old = alarm["StateValue"]
    new = state_of(breaching, to_alarm, alarm.get("TreatMissingData") or "missing", old)
    if new == old:
        return
    reason = _reason(alarm, values, new)
    now = time.time()
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(now), StateReasonData=_reason_data(alarm, values, now))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _reason(alarm: dict, values: list[float | None], state: str) -> str:
    known = [value for value in values if value is not None]
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {len(values)} datapoint(s) were unknown."
    if not known:
        treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}.get(alarm.get("TreatMissingData"), "missing")
        return (
            f"Threshold Crossed: no datapoints were received for {len(values)} period(s) and {len(values)} missing "
            f"datapoint(s) were treated as [{treated}]."
        )
    breaches = _BREACHES[alarm["ComparisonOperator"]]
    told = [value for value in known if breaches(value, alarm["Threshold"]) == (state == "ALARM")]
    was = "was" if state == "ALARM" else "was not"
    comparison = {
        "GreaterThanOrEqualToThreshold": "greater than or equal to",
        "GreaterThanThreshold": "greater than",
        "LessThanThreshold": "less than",
        "LessThanOrEqualToThreshold": "less than or equal to",
    }[alarm["ComparisonOperator"]]
    return (
        f"Threshold Crossed: {len(told)} out of the last {len(values)} datapoints {told} {was} {comparison} "
        f"the threshold ({alarm['Threshold']})."
    )


def _reason_data(alarm: dict, values: list[float | None], now: float) -> str:
    return json.dumps(
        {
            "version": "1.0",
            "queryDate": datetime.fromtimestamp(now, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "+0000"),
            "statistic": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
            "period": alarm.get("Period"),
            "recentDatapoints": [value for value in values if value is not None],
            "threshold": alarm.get("Threshold"),
        }
    )


def look_at(namespace: str, name: str) -> None:
    """Evaluates the current account's and region's alarms on a metric."""
    for alarm in list(cloudwatch._alarms.values()):
        if (alarm.get("Namespace"), alarm.get("MetricName")) == (namespace, name):
            _evaluate_safely(alarm)


def look() -> float:
    """Evaluates all alarms. Returns the seconds until the next look."""
    every = _LOOK_SECONDS
    for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
        if (alarm.get("Period") or _LOOK_SECONDS) < _LOOK_SECONDS:
            every = _SHORT_LOOK_SECONDS
        with request_scope(account, region):
            _evaluate_safely(alarm)
    return every - time.time() % every


def _evaluate_safely(alarm: dict) -> None:
    """An alarm's action that fails must not fail what published the figure."""
    try:
        evaluate(alarm)
    except Exception:
        logger.exception("alarm %s of %s in %s was not evaluated", alarm.get("AlarmName"), get_account_id(), get_region())


def _watch() -> None:
    while True:
        time.sleep(look())


def install() -> None:
    cloudwatch._evaluate_alarm = evaluate
    record = cloudwatch.record_metric

    def record_metric(namespace, metric_name, value, unit="None", dimensions=None):
        record(namespace, metric_name, value, unit, dimensions)
        look_at(namespace, metric_name)

    cloudwatch.record_metric = record_metric
    threading.Thread(target=_watch, daemon=True, name="alarms").start()
