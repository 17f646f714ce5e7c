"""Runs a query over events: command after command, then the rows of the answer."""

import math
import statistics

from .language import Command, Malformed, parse
from .values import FUNCTIONS, OF_EVENTS, Event, number, text, truth

#: Without a command or request that says otherwise ("limit", Amazon CloudWatch Logs User Guide).
MOST_ROWS = 10_000
DEFAULT_FIELDS = ("@timestamp", "@message", "@logStream", "@log")

Row = list[dict[str, str]]


def run(query: str, events: list[Event], limit: int | None = None) -> tuple[list[Row], int]:
    """The rows, and how many events had matched. @raises Malformed"""
    commands = parse(query, frozenset((*FUNCTIONS, *OF_EVENTS, *_AGGREGATES)))
    names: list[str] | None = None
    most = MOST_ROWS if limit is None else max(1, min(limit, MOST_ROWS))
    matched = len(events)
    is_grouped = False
    for command in commands:
        match command.name:
            case "filter":
                events = [each for each in events if truth(each.value(command.body))]
                matched = matched if is_grouped else len(events)
            case "fields" | "display":
                columns = command.body
                for event in events:
                    _set(event, [(column.name, event.value(column.tree)) for column in columns])
                own = [column.name for column in columns]
                # Later fields are shown beside the earlier ones; `display` alone says what is shown.
                names = own if command.name == "display" or names is None else [*names, *(each for each in own if each not in names)]
            case "parse":
                for event in events:
                    _set(event, _parsed(event, *command.body))
            case "sort":
                events = _sorted(events, command.body)
            case "dedup":
                seen: set = set()
                events = [each for each in events if _is_first(tuple(each.value(c.tree) for c in command.body), seen)]
            case "limit":
                most = min(most, command.body)
            case "stats":
                events = _grouped(events, command)
                names = [column.name for column in (*command.by, *command.body)]
                is_grouped = True
    shown = names or list(DEFAULT_FIELDS)
    if not is_grouped and "@ptr" not in shown:
        shown = [*shown, "@ptr"]
    return [_row(each, shown) for each in events[:most]], matched


def _row(event: Event, names: list[str]) -> Row:
    return [{"field": name, "value": text(event.fields[name])} for name in names if event.fields.get(name) is not None]


def _set(event: Event, values) -> None:
    event.fields = {**event.fields, **dict(values)}


def _parsed(event: Event, field: tuple, pattern, names: list[str] | None) -> list[tuple[str, str | None]]:
    found = pattern.search(text(event.value(field) or ""))
    if not found:
        return []
    return list(found.groupdict().items()) if names is None else list(zip(names, found.groups(), strict=True))


def _is_first(key: tuple, seen: set) -> bool:
    # An event without one of the fields is kept.
    if None in key:
        return True
    if key in seen:
        return False
    seen.add(key)
    return True


def _order(value) -> tuple:
    """What is not there comes first, then numbers, then texts."""
    if value is None:
        return (0, 0, "")
    found = number(value)
    return (1, found, "") if found is not None else (2, 0, text(value))


def _sorted(events: list[Event], orders) -> list[Event]:
    for tree, descending in reversed(orders):
        events = sorted(events, key=lambda each, by=tree: _order(each.value(by)), reverse=descending)
    return events


def _grouped(events: list[Event], command: Command) -> list[Event]:
    groups: dict[tuple, list[Event]] = {}
    for event in events:
        groups.setdefault(tuple(event.value(column.tree) for column in command.by), []).append(event)
    if not command.by:
        groups = {(): events}
    result = []
    for key, members in groups.items():
        fields = {column.name: value for column, value in zip(command.by, key, strict=True)}
        for column in command.body:
            fields[column.name] = Event(fields, 0).value(_aggregated(column.tree, members))
        result.append(Event(fields, members[0].milliseconds if members else 0))
    return result


def _aggregated(tree: tuple, members: list[Event]) -> tuple:
    """The expression with each function of a group in place of what it is worth."""
    if tree[0] != "call":
        return tree
    name, arguments = tree[1], tree[2]
    if name in _AGGREGATES:
        return ("value", _AGGREGATES[name](members, arguments))
    return ("call", name, [_aggregated(each, members) for each in arguments])


def _values(members: list[Event], arguments: list[tuple]) -> list:
    if not arguments:
        raise Malformed("a function of a group takes a field", 0)
    return [value for event in members if (value := event.value(arguments[0])) is not None]


def _numbers(members: list[Event], arguments: list[tuple]) -> list:
    return [found for value in _values(members, arguments) if (found := number(value)) is not None]


def _count(members: list[Event], arguments: list[tuple]) -> int:
    if not arguments or arguments[0] == ("value", "*"):
        return len(members)
    return len(_values(members, arguments))


def _percentile(members: list[Event], arguments: list[tuple]):
    """By interpolation between the two nearest ranks."""
    if len(arguments) != 2:
        raise Malformed("pct takes a field and a percentile", 0)
    values = sorted(_numbers(members, arguments[:1]))
    if not values:
        return None
    rank = (number(arguments[1][1]) or 0) / 100 * (len(values) - 1)
    below = max(0, min(math.floor(rank), len(values) - 1))
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (rank - below)


def _of_numbers(function):
    def apply(members, arguments):
        values = _numbers(members, arguments)
        return function(values) if values else None

    return apply


def _by_time(choose):
    def apply(members, arguments):
        there = [(event.milliseconds, value) for event in members if (value := event.value(arguments[0])) is not None]
        return choose(there, key=lambda each: each[0])[1] if there else None

    return apply


def _by_order(choose):
    return lambda members, arguments: choose(_values(members, arguments), key=_order, default=None)


_AGGREGATES = {
    "count": _count,
    "count_distinct": lambda members, arguments: len({text(value) for value in _values(members, arguments)}),
    "sum": _of_numbers(sum),
    "avg": _of_numbers(statistics.fmean),
    "min": _by_order(min),
    "max": _by_order(max),
    "median": _of_numbers(statistics.median),
    "stddev": _of_numbers(statistics.pstdev),
    "pct": _percentile,
    "percentile": _percentile,
    "earliest": _by_time(min),
    "latest": _by_time(max),
    "sortsfirst": _by_order(min),
    "sortslast": _by_order(max),
}
