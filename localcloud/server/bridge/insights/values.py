"""What expressions of Logs Insights are worth on one event. A value is None (not there), a number, a text or a truth."""

import math
import re
from datetime import datetime, timezone

from .language import Malformed

_SPAN = re.compile(r"^(\d+)(ms|s|m|h|d|w)$")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_MONTHS = re.compile(r"^(\d+)(mo|q|y)$")
_MONTHS_OF = {"mo": 1, "q": 3, "y": 12}


def timestamp(milliseconds: float) -> str:
    """A time as answers show it: UTC, with milliseconds."""
    whole = math.floor(milliseconds)
    time = datetime.fromtimestamp(whole // 1000, tz=timezone.utc)
    return f"{time:%Y-%m-%d %H:%M:%S}.{whole % 1000:03d}"


def number(value) -> float | int | None:
    """A value as a number; None for what is none, as in arithmetic on a field that is a word."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            try:
                found = float(value)
            except ValueError:
                return None
            return found if math.isfinite(found) else None
    return None


def text(value) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.4f}".rstrip("0").rstrip(".")
    return str(value)


def truth(value) -> bool:
    return value not in (None, False, 0, "")


def floor_to(milliseconds, span: str) -> str | None:
    """The beginning of the span of time that this one lies in."""
    if milliseconds is None:
        return None
    if found := _SPAN.match(span):
        width = int(found[1]) * _MILLISECONDS[found[2]]
        return timestamp(milliseconds // width * width) if width else None
    if found := _MONTHS.match(span):
        width = int(found[1]) * _MONTHS_OF[found[2]]
        time = datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
        month = (time.year * 12 + time.month - 1) // width * width if width else 0
        return f"{month // 12:04d}-{month % 12 + 1:02d}-01 00:00:00.000"
    raise Malformed(f"{span} is not a span of time", 0)


def _compared(left, right) -> int | None:
    """As numbers where both are, as texts otherwise; None where one is not there."""
    if left is None or right is None:
        return None
    a, b = number(left), number(right)
    if a is None or b is None:
        a, b = text(left), text(right)
    return (a > b) - (a < b)


def _calculated(sign: str, left, right):
    a, b = number(left), number(right)
    if a is None or b is None:
        return None
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return a / b if b else None
        case "%":
            return math.fmod(a, b) if b else None
    try:
        return a**b
    except (OverflowError, ZeroDivisionError):
        return None


def _substring(value, start, length=None):
    if value is None:
        return None
    begin = int(number(start) or 0)
    return text(value)[begin : None if length is None else begin + int(number(length) or 0)]


def _numeric(function):
    def apply(value, *more):
        found = [number(each) for each in (value, *more)]
        if any(each is None for each in found):
            return None
        try:
            return function(*found)
        except (ValueError, OverflowError):
            return None

    return apply


def _texts(function):
    return lambda value, *more: None if value is None else function(text(value), *(text(each) for each in more))


FUNCTIONS = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "greatest": _numeric(max),
    "least": _numeric(min),
    "log": _numeric(math.log),
    "sqrt": _numeric(math.sqrt),
    "strlen": _texts(len),
    "trim": _texts(lambda value, chars=None: value.strip(chars)),
    "ltrim": _texts(lambda value, chars=None: value.lstrip(chars)),
    "rtrim": _texts(lambda value, chars=None: value.rstrip(chars)),
    "toupper": _texts(str.upper),
    "tolower": _texts(str.lower),
    "replace": _texts(str.replace),
    "strcontains": lambda value, part: int(value is not None and text(part) in text(value)),
    "concat": lambda *values: "".join(text(each) for each in values if each is not None),
    "substr": _substring,
    "isempty": lambda value: value is None or text(value) == "",
    "isblank": lambda value: value is None or not text(value).strip(),
    "ispresent": lambda value: value is not None,
    "coalesce": lambda *values: next((each for each in values if each is not None), None),
    "frommillis": _numeric(timestamp),
}


#: Those that know which event they are about.
OF_EVENTS = ("bin", "datefloor", "tomillis", "now")


class Event:
    """An event: its fields by name, found in its message where that is JSON."""

    def __init__(self, fields: dict, milliseconds: int):
        self.fields = fields
        self.milliseconds = milliseconds

    def value(self, tree: tuple):
        kind = tree[0]
        if kind == "value":
            return tree[1]
        if kind == "field":
            return self.fields.get(tree[1])
        if kind == "regex":
            return tree[1]
        name, arguments = tree[1], tree[2]
        match name:
            case "and":
                return all(truth(self.value(each)) for each in arguments)
            case "or":
                return any(truth(self.value(each)) for each in arguments)
            case "not":
                return not truth(self.value(arguments[0]))
            case "like":
                return self._is_like(*arguments)
            case "in":
                value = self.value(arguments[0])
                return any(_compared(value, self.value(each)) == 0 for each in arguments[1][1])
            case "bin":
                return floor_to(self.milliseconds, text(self.value(arguments[0])))
            case "datefloor":
                return floor_to(self._time(arguments[0]), text(self.value(arguments[1])))
            case "tomillis":
                return self._time(arguments[0])
            case "now":
                return int(datetime.now(tz=timezone.utc).timestamp())
        values = [self.value(each) for each in arguments]
        if name in ("=", "!=", "<", "<=", ">", ">="):
            order = _compared(*values)
            if order is None:
                # What is not there is different from everything.
                return name == "!="
            return {"=": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[name]
        if name in ("+", "-", "*", "/", "%", "^"):
            return _calculated(name, *values)
        if name not in FUNCTIONS:
            raise Malformed(f"{name} belongs to stats", 0)
        try:
            return FUNCTIONS[name](*values)
        except TypeError:
            raise Malformed(f"{name} does not take {len(values)} arguments", 0) from None

    def _is_like(self, left: tuple, right: tuple) -> bool:
        value = self.value(left)
        if value is None:
            return False
        if right[0] == "regex":
            return re.search(right[1], text(value), right[2]) is not None
        return text(self.value(right)) in text(value)

    def _time(self, tree: tuple) -> int | None:
        """Milliseconds of a time that is a field: `@timestamp`, or one in the format of answers or of ISO 8601."""
        if tree == ("field", "@timestamp"):
            return self.milliseconds
        value = self.value(tree)
        if number(value) is not None:
            return int(number(value))
        try:
            time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            return None
        return int((time if time.tzinfo else time.replace(tzinfo=timezone.utc)).timestamp() * 1000)
