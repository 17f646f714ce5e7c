"""Dates and times ("Date and time functions and operators", Trino's documentation). What an expression with a zone of its own gives is in
zones.py."""

import re

from sqlglot import exp

from ..errors import QueryFailed
from .building import call, literal, text, with_arity

_AMOUNT = (
    "CASE lower(unit) WHEN 'year' THEN to_years(n::INTEGER) WHEN 'quarter' THEN to_months(3 * n::INTEGER) WHEN 'month' THEN to_months(n::INTEGER) "
    "WHEN 'week' THEN to_weeks(n::INTEGER) WHEN 'day' THEN to_days(n::INTEGER)"
)
_SMALL = (
    "WHEN 'hour' THEN to_hours(n::BIGINT) WHEN 'minute' THEN to_minutes(n::BIGINT) WHEN 'second' THEN to_seconds(n::DOUBLE) "
    "WHEN 'millisecond' THEN to_milliseconds(n::DOUBLE)"
)
_OF_DATES = "lower(unit) IN ('day', 'week', 'month', 'quarter', 'year')"
_OF_TIMES = f"({_OF_DATES} OR lower(unit) IN ('hour', 'minute', 'second', 'millisecond'))"


def _checked(known: str, kind: str, value: str) -> str:
    # Of a CASE, unlike of OR, only what is needed is evaluated.
    return (
        f"CASE WHEN unit IS NULL THEN NULL WHEN {known} THEN {value} "
        f"WHEN CAST('presto!INVALID_FUNCTION_ARGUMENT: ''' || unit || ''' is not a valid {kind} field' AS BOOLEAN) THEN NULL END"
    )


_ADDED_DATE = _checked(_OF_DATES, "DATE", f"CAST(t + ({_AMOUNT} END) AS DATE)")
_ADDED = _checked(_OF_TIMES, "TIMESTAMP", f"t + ({_AMOUNT} {_SMALL} END)")
_CLOCK = "CAST('presto!INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date' || left(i::VARCHAR, 0) AS BOOLEAN)"
_WHOLE = "i - to_months(datepart('year', i)::INTEGER * 12 + datepart('month', i)::INTEGER) = to_days(datepart('day', i)::INTEGER)"


def _moved(sign: str) -> str:
    return f"(t DATE, i INTERVAL) AS CASE WHEN i IS NULL THEN NULL WHEN {_WHOLE} THEN CAST(t {sign} i AS DATE) WHEN {_CLOCK} THEN NULL END, " + ", ".join(
        f"(t {kind}, i INTERVAL) AS t {sign} i" for kind in ("TIMESTAMP", "TIMESTAMPTZ", "TIME", "INTERVAL")
    )


MACROS = {
    "date_diff": f"(unit VARCHAR, a DATE, b DATE) AS {_checked(_OF_DATES, 'DATE', 'date_sub(unit, a, b)')}, "
    f"(unit VARCHAR, a TIMESTAMP, b TIMESTAMP) AS {_checked(_OF_TIMES, 'TIMESTAMP', 'date_sub(unit, a, b)')}, "
    f"(unit VARCHAR, a TIMESTAMPTZ, b TIMESTAMPTZ) AS {_checked(_OF_TIMES, 'TIMESTAMP', 'date_sub(unit, a::TIMESTAMP, b::TIMESTAMP)')}, "
    "(unit VARCHAR, a TIME, b TIME) AS date_sub(unit, a, b)",
    "date_add": f"(unit VARCHAR, n BIGINT, t DATE) AS {_ADDED_DATE}, (unit VARCHAR, n BIGINT, t TIMESTAMP) AS {_ADDED}, "
    f"(unit VARCHAR, n BIGINT, t TIMESTAMPTZ) AS {_ADDED}, (unit VARCHAR, n BIGINT, t TIME) AS t + (CASE lower(unit) {_SMALL} END)",
    "date_trunc": f"(unit VARCHAR, t DATE) AS {_checked(_OF_DATES, 'DATE', 'CAST(date_trunc(unit, t) AS DATE)')}, "
    f"(unit VARCHAR, t TIMESTAMP) AS {_checked(_OF_TIMES, 'TIMESTAMP', 'date_trunc(unit, t)')}, "
    f"(unit VARCHAR, t TIMESTAMPTZ) AS {_checked(_OF_TIMES, 'TIMESTAMP', 'date_trunc(unit, t)')}",
    "later": _moved("+"),
    "earlier": _moved("-"),
    "date": "(t) AS CAST(t AS DATE)",
    "day_of_week": "(t) AS isodow(t)",
    "day_of_year": "(t) AS dayofyear(t)",
    "week": "(t) AS weekofyear(t)",
    "year_of_week": "(t) AS isoyear(t)",
    "millisecond": "(t) AS millisecond(t) % 1000",
    "last_day_of_month": "(t) AS last_day(t)",
    "from_unixtime": "(n) AS to_timestamp(n::DOUBLE)",
    "to_unixtime": "(t) AS epoch(t)::DOUBLE",
    "from_iso8601_date": "(t) AS CAST(t AS DATE)",
    "from_iso8601_timestamp": "(t) AS CAST(t AS TIMESTAMPTZ)",
    "to_iso8601": "(t DATE) AS strftime(t, '%Y-%m-%d'), (t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'), (t TIMESTAMPTZ) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "to_milliseconds": "(i) AS (epoch(i) * 1000)::BIGINT",
    "offset": "(minutes) AS CASE WHEN minutes < 0 THEN '-' ELSE '+' END || lpad((abs(minutes) // 60)::VARCHAR, 2, '0') || ':' || lpad((abs(minutes) % 60)::VARCHAR, 2, '0')",
    "interval_text": "(i) AS CASE WHEN datepart('year', i) <> 0 OR datepart('month', i) <> 0 THEN datepart('year', i) || '-' || datepart('month', i) "
    "ELSE CASE WHEN epoch(i) < 0 THEN '-' ELSE '' END || (abs(epoch_ms(i)) // 86400000) || strftime(make_timestamp_ms(abs(epoch_ms(i)) % 86400000), ' %H:%M:%S.%g') END",
}  # fmt: skip

SAME = {"now": "now", "year": "year", "quarter": "quarter", "month": "month", "day": "day", "hour": "hour", "minute": "minute", "second": "second"}

# Functions that look at the clock and calendar of their argument, by its place among the arguments.
OF_LOCAL_TIME = {
    "year": 0, "quarter": 0, "month": 0, "day": 0, "day_of_month": 0, "hour": 0, "minute": 0, "second": 0, "millisecond": 0, "week": 0,
    "week_of_year": 0, "day_of_week": 0, "dow": 0, "day_of_year": 0, "doy": 0, "year_of_week": 0, "yow": 0, "date": 0, "date_format": 0,
    "format_datetime": 0, "last_day_of_month": 0,
}  # fmt: skip

_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I", "i": "%M", "j": "%j", "k": "%-H",
    "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p", "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "Y": "%Y",
    "y": "%y", "x": "%G", "%": "%%",
}  # fmt: skip
_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "xxxx": "%G", "yy": "%y", "y": "%Y", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "d": "%-d", "dd": "%d",
    "H": "%-H", "HH": "%H", "h": "%-I", "hh": "%I", "a": "%p", "m": "%-M", "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g", "SSSSSS": "%f",
    "E": "%a", "EEE": "%a", "EEEE": "%A", "D": "%-j", "DDD": "%j", "w": "%-V", "ww": "%V", "e": "%u",
}  # fmt: skip


def mysql_pattern(pattern: str) -> str:
    """A pattern of date_format and date_parse as one of DuckDB."""
    def part(found):
        code = found.group(1)
        if code in "DUuVwX":
            raise QueryFailed(f"INVALID_FUNCTION_ARGUMENT: %{code} not supported in date format string")
        return _MYSQL.get(code, code)

    return re.sub(r"%(.)", part, pattern, flags=re.DOTALL)


def joda_pattern(pattern: str) -> str:
    """A pattern of Joda-Time's DateTimeFormat as one of DuckDB. Raises QueryFailed for a letter it has no word for."""
    out = ""
    for found in re.finditer(r"('(?:[^']|'')*')|(([A-Za-z])\3*)|([^A-Za-z'])", pattern):
        quoted, letters, other = found.group(1), found.group(2), found.group(4)
        if quoted:
            out += (quoted[1:-1].replace("''", "'") or "'").replace("%", "%%")
        elif letters:
            if letters not in _JODA:
                raise QueryFailed(f"NOT_SUPPORTED: the local cloud knows no '{letters}' in a date's pattern")
            out += _JODA[letters]
        else:
            out += "%%" if other == "%" else other
    return out


def _formatted(name: str, function: str, pattern_of):
    def build(arguments):
        with_arity(name, arguments, 2)
        return call(function, arguments[0], literal(pattern_of(text(arguments[1], f"the pattern of {name}"))))

    return build


def _parse_datetime(arguments):
    return exp.cast(_formatted("parse_datetime", "strptime", joda_pattern)(arguments), "TIMESTAMPTZ")


def _named(name: str):
    return lambda arguments: call(name, *arguments)


BUILDERS = {
    "date_format": _formatted("date_format", "strftime", mysql_pattern),
    "date_parse": _formatted("date_parse", "strptime", mysql_pattern),
    "format_datetime": _formatted("format_datetime", "strftime", joda_pattern),
    "parse_datetime": _parse_datetime,
    "day_of_month": _named("day"),
    "dow": _named("presto__day_of_week"),
    "doy": _named("presto__day_of_year"),
    "week_of_year": _named("presto__week"),
    "yow": _named("presto__year_of_week"),
    "current_timestamp": lambda _: exp.CurrentTimestamp(),
    "localtimestamp": lambda _: exp.cast(exp.CurrentTimestamp(), "TIMESTAMP"),
}  # fmt: skip
