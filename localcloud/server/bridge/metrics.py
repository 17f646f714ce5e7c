"""Figures that services of ministack publish of themselves: one point a minute for each metric, however much happens, and the
alarms on the metric are looked at with every figure."""

import time

from ministack.services import cloudwatch

from . import alarms

_MINUTE = 60


def count(namespace: str, name: str, dimensions: dict[str, str], value: float = 1.0, unit: str = "Count") -> None:
    """Adds a value to the current account's and region's metric."""
    now = time.time()
    points = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
    last = points[-1] if points else None
    if last is not None and "_stat" in last and last["Timestamp"] // _MINUTE == now // _MINUTE:
        figures = last["_stat"]
        last["_stat"] = {
            "SampleCount": figures["SampleCount"] + 1,
            "Sum": figures["Sum"] + value,
            "Minimum": min(figures["Minimum"], value),
            "Maximum": max(figures["Maximum"], value),
        }
        last["Timestamp"] = now
        last["Value"] = last["_stat"]["Sum"] / last["_stat"]["SampleCount"]
    else:
        figures = {"SampleCount": 1, "Sum": value, "Minimum": value, "Maximum": value}
        points.append({"Timestamp": now, "Value": value, "Unit": unit, "Dimensions": dict(dimensions), "_stat": figures})
    alarms.look_at(namespace, name)
