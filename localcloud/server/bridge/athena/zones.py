"""Times with a zone of their own. DuckDB's are instants, so a zone goes with the expression as long as what is made of it is known, and to
the result; anything else that would lose it is refused."""

from sqlglot import exp

from .errors import QueryFailed
from .functions import times
from .functions.building import call, literal, made, overloaded

_ZONE = "athena_zone"
_UTC = ("UTC", "Etc/UTC", "Z", "GMT", "+00:00")


def zone_of(node) -> str | None:
    while isinstance(node, (exp.Paren, exp.Alias)):
        node = node.this
    return node.meta.get(_ZONE) if isinstance(node, exp.Expression) else None


def zoned(value, zone: str) -> exp.Expression:
    instant = exp.paren(exp.cast(plain(value), "TIMESTAMPTZ"))
    if zone not in _UTC:
        instant.this.meta[_ZONE] = zone
    return instant


def plain(node) -> exp.Expression:
    """The same instant, its zone forgotten."""
    bare = node.copy()
    inner = bare
    while isinstance(inner, (exp.Paren, exp.Alias)):
        inner = inner.this
    inner.meta.pop(_ZONE, None)
    return bare


def local(node) -> exp.Expression:
    """What clocks show at that time, in its zone; an expression without zone as it is."""
    zone = zone_of(node)
    return node.copy() if zone is None else call("timezone", literal(region(zone)), plain(node))


def region(zone: str) -> str:
    """A zone's name as the engine knows it."""
    # POSIX counts the other way round.
    if zone[0] in "+-":
        hours, _, minutes = zone[1:].partition(":")
        if int(minutes or 0):
            raise QueryFailed(f"NOT_SUPPORTED: the zone {zone} is not supported on the local cloud")
        return f"Etc/GMT{'-' if zone[0] == '+' else '+'}{int(hours)}"
    return zone


def at_time_zone(node: exp.AtTimeZone) -> exp.Expression:
    return _at(node.this, node.args["zone"])


def _at(value, zone) -> exp.Expression:
    if not isinstance(zone, exp.Literal):
        raise QueryFailed("NOT_SUPPORTED: a time zone has to be a constant on the local cloud")
    return zoned(value, zone.name)


def call_with_zone(name: str, arguments: list):
    """A call some argument of which has a zone, or which gives one; None for any other call."""
    if name in ("at_timezone", "with_timezone") and len(arguments) == 2:
        if name == "at_timezone":
            return _at(*arguments)
        return zoned(call("timezone", literal(region(arguments[1].name)), exp.cast(arguments[0].copy(), "TIMESTAMP")), arguments[1].name)
    if name == "from_unixtime" and len(arguments) == 2:
        return _at(call("presto__from_unixtime", arguments[0]), arguments[1])
    zones = [zone for zone in map(zone_of, arguments) if zone]
    if not zones:
        return None
    if name in times.OF_LOCAL_TIME:
        return [local(arguments[0]), *arguments[1:]]
    if name == "date_diff":
        return [arguments[0], *(local(argument) for argument in arguments[1:])]
    if name in ("date_trunc", "date_add"):
        moved = overloaded(name, *arguments[:-1], local(arguments[-1]))
        return zoned(call("timezone", literal(region(zones[0])), moved), zones[0])
    if name == "to_iso8601":
        return made(
            "strftime(:clock, '%Y-%m-%dT%H:%M:%S.%g') || presto__offset(date_diff('minute', CAST(:instant AS TIMESTAMP), :clock))",
            clock=local(arguments[0]), instant=plain(arguments[0]),
        )  # fmt: skip
    if name in ("to_unixtime", "count", "approx_distinct"):
        return [plain(argument) for argument in arguments]
    return None


def shifted(function: str, value, interval) -> exp.Expression:
    zone = zone_of(value)
    moved = overloaded(function, local(value), interval)
    return moved if zone is None else zoned(call("timezone", literal(region(zone)), moved), zone)


def cast(node) -> exp.Expression | None:
    """CAST of an expression with a zone; None for any other."""
    zone = zone_of(node.this)
    if zone is None or node.to.is_type("timestamptz"):
        return None
    if node.to.is_type("varchar", "text"):
        return made("strftime(:clock, '%Y-%m-%d %H:%M:%S.%g') || :zone", clock=local(node.this), zone=literal(f" {zone}"))
    return type(node)(this=local(node.this), to=node.to.copy())


_FINE = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Ordered, exp.Group, exp.Is, exp.Paren, exp.Tuple, exp.NullSafeEQ, exp.NullSafeNEQ)


def outputs(tree: exp.Expression) -> dict[int, str]:
    """Zones of a query's columns by their places. Raises QueryFailed when a zone is lost elsewhere."""
    query = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    places = {}
    selected = query.expressions if isinstance(query, exp.Select) else []
    for node in tree.walk():
        zone = node.meta.get(_ZONE) if node._meta else None
        if zone is None:
            continue
        top, above = node, node.parent
        while isinstance(above, (exp.Paren, exp.Alias)):
            top, above = above, above.parent
        at = next((at for at, one in enumerate(selected) if one is top), None)
        if at is not None:
            places[at] = zone
        elif not isinstance(above, _FINE) and not (isinstance(above, exp.Anonymous) and above.name.startswith("presto__") and above.name[8:] in _COMPARISONS):
            raise QueryFailed(f"NOT_SUPPORTED: the time zone {zone} of a value would be lost here, which the local cloud does not support")
    return places


_COMPARISONS = ("item", "eq", "neq", "lt", "lte", "gt", "gte")
