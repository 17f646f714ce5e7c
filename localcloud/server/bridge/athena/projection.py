"""Partition projection: partitions that a table's properties describe instead of the catalog ("Set up partition projection", Amazon
Athena User Guide)."""

import itertools
import re
from datetime import datetime, timedelta, timezone

from .errors import QueryFailed

# Athena refuses to enumerate without end; a table with more has to be narrowed by the query.
_MOST_PARTITIONS = 1_000_000

_JAVA_PATTERN = [
    ("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"), ("MMM", "%b"), ("DDD", "%j"),
]  # fmt: skip
_UNITS = {"YEARS": "year", "MONTHS": "month", "WEEKS": "week", "DAYS": "day", "HOURS": "hour", "MINUTES": "minute", "SECONDS": "second"}


def is_projected(parameters: dict) -> bool:
    return str(parameters.get("projection.enabled", "")).lower() == "true"


def projected(
    parameters: dict, keys: dict[str, str], location: str, wanted: dict[str, list[str]], now: datetime
) -> list[tuple[list[str], str]]:
    """Values and location of every partition. A value's text casts to its key's type.

    `keys` has the types of the keys, in their order, as the catalog spells them. `wanted` has the values that the query compares a key
    with for equality: they bound `injected` keys, and narrow the others.
    """
    columns = [_narrowed(_values(parameters, key, wanted.get(key), now), wanted.get(key), kind) for key, kind in keys.items()]
    count = 1
    for values in columns:
        count *= max(1, len(values))
    if count > _MOST_PARTITIONS:
        raise QueryFailed(f"CONSTRAINT_VIOLATION: partition projection would produce {count} partitions")
    template = parameters.get("storage.location.template") or _default_template(location, list(keys))
    formats = {key: parameters.get(f"projection.{key}.format") for key in keys}
    return [
        ([_valued(value, kind, formats[key]) for value, (key, kind) in zip(values, keys.items())], _fill(template, dict(zip(keys, values))))
        for values in itertools.product(*columns)
    ]


def _narrowed(values: list[str], wanted: list[str] | None, kind: str) -> list[str]:
    """What of the values is wanted: numbers by what they are, as `07` is 7; what is no text or number is left to the query."""
    if wanted is None or kind.lower() in ("date", "timestamp"):
        return values
    told = _number if _is_number(kind) else str
    those = {told(value) for value in wanted}
    return [value for value in values if told(value) in those]


def _is_number(kind: str) -> bool:
    return kind.lower() in ("tinyint", "smallint", "int", "integer", "bigint")


def _number(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _valued(value: str, kind: str, pattern: str | None) -> str:
    """A key's value: a date as SQL writes it, whatever its place in S3 is called."""
    if pattern is None or kind.lower() not in ("date", "timestamp"):
        return value
    return datetime.strptime(value, strftime_of(pattern)).isoformat(" ")


def _default_template(location: str, keys: list[str]) -> str:
    return location.rstrip("/") + "/" + "/".join(f"{key}=${{{key}}}" for key in keys) + "/"


def _fill(template: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found.group(1).lower(), found.group(0)), template)


def _values(parameters: dict, key: str, wanted: list[str] | None, now: datetime) -> list[str]:
    def setting(name, default=None):
        return parameters.get(f"projection.{key}.{name}", default)

    kind = str(setting("type", "")).lower()
    if kind == "injected":
        if not wanted:
            raise QueryFailed(
                f"CONSTRAINT_VIOLATION: For the injected projected partition column {key}, the WHERE clause must contain only "
                "static equality conditions, and at least one such condition must be present."
            )
        return wanted
    if kind == "enum":
        values = [value.strip() for value in _required(setting, key, "values").split(",")]
    elif kind == "integer":
        first, last = (int(part) for part in _required(setting, key, "range").split(","))
        digits, step = int(setting("digits", 0)), int(setting("interval", 1))
        values = [str(number).zfill(digits) for number in range(first, last + 1, step)]
    elif kind == "date":
        values = _dates(setting, key, now)
    else:
        raise QueryFailed(f"HIVE_METASTORE_ERROR: Column {key} has an invalid projection type: {kind or 'none'}")
    return values


def _required(setting, key: str, name: str) -> str:
    value = setting(name)
    if value is None:
        raise QueryFailed(f"HIVE_METASTORE_ERROR: Table is configured for partition projection, but projection.{key}.{name} is missing")
    return value


def _dates(setting, key: str, now: datetime) -> list[str]:
    pattern = _required(setting, key, "format")
    first, last = (part.strip() for part in _required(setting, key, "range").split(",", 1))
    day_only = not re.search(r"[Hms]", re.sub(r"'[^']*'", "", pattern))
    unit = _UNITS.get(str(setting("interval.unit", "DAYS" if day_only else "")).upper())
    if unit is None:
        raise QueryFailed(f"HIVE_METASTORE_ERROR: projection.{key}.interval.unit is missing")
    if unit == "day" and "dd" not in pattern:
        unit = "month" if "MM" in pattern else "year"
    step = int(setting("interval", 1))
    at, end = _bound(first, pattern, now), _bound(last, pattern, now)
    values = []
    while at <= end:
        text = at.strftime(strftime_of(pattern))
        if not values or values[-1] != text:
            values.append(text)
        at = _later(at, unit, step)
    return values


def _bound(text: str, pattern: str, now: datetime) -> datetime:
    found = re.fullmatch(r"NOW(?:\s*([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?", text.upper())
    if not found:
        return datetime.strptime(text, strftime_of(pattern)).replace(tzinfo=timezone.utc)
    sign, amount, unit = found.groups()
    return now if sign is None else _later(now, unit.lower(), int(amount) * (1 if sign == "+" else -1))


def _later(at: datetime, unit: str, step: int) -> datetime:
    if unit in ("year", "month"):
        months = at.year * 12 + at.month - 1 + step * (12 if unit == "year" else 1)
        day = min(at.day, 28) if at.day > 28 else at.day
        return at.replace(year=months // 12, month=months % 12 + 1, day=day)
    return at + timedelta(**{f"{unit}s": step})


def strftime_of(pattern: str) -> str:
    """A pattern of Java's DateTimeFormatter as one of strftime; literal text stands in quotes."""
    parts = re.split(r"('[^']*')", pattern)
    out = ""
    for part in parts:
        if part.startswith("'"):
            out += part.strip("'") or "'"
            continue
        for java, c in sorted(_JAVA_PATTERN, key=lambda pair: -len(pair[0])):
            part = part.replace(java, c)
        out += part
    return out
