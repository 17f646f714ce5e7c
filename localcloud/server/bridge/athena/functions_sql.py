"""Athena's functions and operators in a query's tree as DuckDB's; what DuckDB has besides is refused."""

import re

from sqlglot import exp

from . import functions, zones
from .errors import QueryFailed
from .functions import collections, comparisons, documents
from .functions.building import AGGREGATE, call, made, overloaded
from .functions.texts import BLANKS

# Nodes that the parser makes of what is no call of a function.
_SYNTAX = (
    exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Array, exp.Exists, exp.Unnest, exp.Struct, exp.GroupConcat,
    exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.Substring, exp.StrPosition, exp.Trim, exp.Extract, exp.Normalize,
    exp.JSONValue, exp.JSONExtract, exp.ParseJSON, exp.Anonymous, exp.CurrentUser, exp.JSONExtractQuote,
    exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Rank, exp.DenseRank, exp.PercentRank, exp.RowNumber, exp.Ntile,
)  # fmt: skip


# Functions that NULL is a value for.
_OF_NOTHING = ("array_position", "array_remove", "contains", "repeat", "concat_ws")


def rewrite(tree: exp.Expression) -> exp.Expression:
    """The tree for DuckDB. Raises QueryFailed for a function that Athena has not, or the local cloud has not."""
    # From the leaves up: what was rewritten is not looked at again.
    for node in reversed(list(tree.walk())):
        changed = _changed(node)
        if changed is not node:
            if node.parent is None:
                tree = changed
            else:
                node.replace(changed)
    return tree


def macros(sql: str, made_already: set[str]) -> list[str]:
    """Definitions of the macros that a text for DuckDB needs, each after those it needs itself."""
    wanted = []
    for name in dict.fromkeys(re.findall(rf"{functions.PREFIX}(\w+)", sql, re.IGNORECASE)):
        name = name.lower()
        body = functions.macro(name)
        if name in made_already or body is None:
            continue
        made_already.add(name)
        wanted += macros(body, made_already)
        wanted.append(f"CREATE TEMP MACRO {functions.PREFIX}{name}{body}")
    return wanted


def _changed(node):
    change = _CHANGES.get(type(node))
    if change is not None:
        return change(node)
    if isinstance(node, exp.Func) and not isinstance(node, _SYNTAX):
        raise QueryFailed(f"FUNCTION_NOT_FOUND: line 1:8: Function '{node.sql_name().lower()}' not registered")
    return node


def _call(node: exp.Anonymous):
    name, arguments = node.name.lower(), node.expressions
    with_zone = zones.call_with_zone(name, arguments)
    if isinstance(with_zone, exp.Expression):
        return with_zone
    return function(name, with_zone or arguments, node)


def function(name: str, arguments: list, node=None):
    if name == "row":
        # A cast gives the fields their names.
        return call("row", *arguments) if node is not None and _in_cast(node) else collections.row(arguments)
    if name in functions.BUILDERS:
        return functions.BUILDERS[name](arguments)
    if name in functions.SAME:
        return call(functions.SAME[name], *arguments)
    if name in functions.MACROS and name not in functions.INNER:
        if any(isinstance(argument, exp.Null) for argument in arguments) and name not in _OF_NOTHING:
            # Nothing has no type to choose among a macro's.
            return exp.null()
        return overloaded(name, *arguments) if functions.is_overloaded(name) else call(f"{functions.PREFIX}{name}", *arguments)
    raise QueryFailed(f"FUNCTION_NOT_FOUND: line 1:8: Function '{name}' not registered")


def _in_cast(node) -> bool:
    above = node.parent
    while above is not None and not isinstance(above, exp.Query):
        if isinstance(above, (exp.Cast, exp.TryCast)):
            return True
        above = above.parent
    return False


def _is_interval(node) -> bool:
    node = node.unnest()
    if isinstance(node, (exp.Neg, exp.Mul)):
        return any(_is_interval(part) for part in (node.this, node.args.get("expression")) if part is not None)
    return isinstance(node, exp.Interval)


def _operator(node):
    if isinstance(node, (exp.Add, exp.Sub)):
        one, other = node.this, node.expression
        if _is_interval(one) and not _is_interval(other) and isinstance(node, exp.Add):
            one, other = other, one
        if _is_interval(other):
            name = "later" if isinstance(node, exp.Add) else "earlier"
            return zones.shifted(name, one, other)
    return comparisons.compared(node)


def _divide(node: exp.Div):
    pair = (node.this, node.expression)
    return call(f"{functions.PREFIX}divide", *pair)


def _bracket(node: exp.Bracket):
    if len(node.expressions) != 1:
        return node
    return call(f"{functions.PREFIX}subscript", node.this, node.expressions[0])


def _cast(node):
    with_zone = zones.cast(node)
    if with_zone is not None:
        return with_zone
    kind = node.to
    literal = isinstance(node.this, exp.Literal) and node.this.is_string
    if literal and kind.is_type("decimal") and not kind.expressions:
        whole, _, fraction = node.this.name.lstrip("+-").partition(".")
        return exp.cast(node.this.copy(), f"DECIMAL({max(1, len(whole.lstrip('0')) + len(fraction))}, {len(fraction)})")
    if literal and kind.is_type("timestamptz"):
        zone = re.search(r"\s([A-Za-z]+/\S+|[+-]\d\d:\d\d)$", node.this.name)
        if zone:
            return zones.zoned(node.copy(), zone.group(1))
    if kind.is_type("json"):
        return call("to_json", node.this)
    if kind.is_type("tinyint", "smallint", "int", "bigint") and not literal:
        return type(node)(this=overloaded("whole", node.this), to=kind.copy())
    if kind.is_type("varchar", "text", "char"):
        shown = node.this if literal else overloaded("text", node.this, node.this)
        shown = call("try", shown) if isinstance(node, exp.TryCast) else shown
        size = kind.expressions[0].this if kind.expressions else None
        return call("left", shown, size) if size is not None else shown
    return node


def _extract(node: exp.Extract):
    name = node.name.lower()
    if name not in ("year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy", "year_of_week", "yow", "hour", "minute", "second"):
        raise QueryFailed(f"line 1:8: mismatched input: '{name}' is not a field that EXTRACT has")
    return function(name, [zones.local(node.expression)])


def _trim(node: exp.Trim):
    position = str(node.args.get("position") or "").lower()
    name = {"leading": "ltrim", "trailing": "rtrim"}.get(position, "trim")
    characters = node.expression if node.expression is not None else made(BLANKS)
    return call(name, node.this, characters)


def _inner(node):
    """FILTER and OVER of an expression that stands for one aggregate belong to the aggregates within it."""
    whole = node.this
    inner = [found for found in whole.walk() if found.meta.get(AGGREGATE)] if isinstance(whole, exp.Expression) else []
    if not inner or whole is inner[0]:
        return node
    for one in inner:
        if isinstance(one, exp.Filter) and isinstance(node, exp.Filter):
            continue
        around = node.copy()
        bare = one.copy()
        bare.meta[AGGREGATE] = False
        around.set("this", bare)
        # An outer OVER around this FILTER goes further in.
        around.meta[AGGREGATE] = True
        one.replace(around)
    return whole


def _json_extract(node: exp.JSONExtract):
    if not node.args.get("json_query"):
        raise QueryFailed("line 1:8: mismatched input '->'")
    return documents.query(node)


def _unnest(node: exp.Unnest):
    """UNNEST of a map gives keys and values, of several arrays a column each: not so in DuckDB."""
    alias, place = node.args.get("alias"), node.args.get("offset")
    names, sources = (alias.columns if alias else []), node.expressions
    if len(sources) == 1 and len(names) == 2:
        entries = call("map_entries", sources[0])
        parts = ("key", "value")
        pairs = [exp.Lambda(this=exp.Dot(this=exp.column("__e"), expression=exp.to_identifier(part)), expressions=[exp.to_identifier("__e")], colon=True) for part in parts]
        columns = [call("list_transform", entries, pair) for pair in pairs]
    elif len(sources) > 1 and len(names) == len(sources):
        columns = list(sources)
    else:
        return node
    shown = [exp.alias_(call("unnest", column), name.name, quoted=True) for column, name in zip(columns, names)]
    if place:
        lengths = call("greatest", *(call("len", column) for column in columns))
        shown.append(exp.alias_(call("unnest", call("generate_series", exp.Literal.number(1), lengths)), place.name, quoted=True))
    return exp.Subquery(this=exp.Select(expressions=shown), alias=exp.TableAlias(this=alias.this))


_CHANGES = {
    exp.Anonymous: _call,
    exp.AtTimeZone: zones.at_time_zone,
    exp.Between: comparisons.between,
    exp.In: comparisons.among,
    exp.Bracket: _bracket,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Div: _divide,
    exp.Extract: _extract,
    exp.Filter: _inner,
    exp.Window: _inner,
    exp.JSONExtract: _json_extract,
    exp.JSONValue: documents.value,
    exp.Normalize: lambda node: function("normalize", [node.this]),
    exp.ParseJSON: lambda node: call("json", node.this),
    exp.StrPosition: lambda node: call("strpos", node.this, node.args["substr"]),
    exp.Substring: lambda node: function("substr", [part for part in (node.this, node.args.get("start"), node.args.get("length")) if part is not None]),
    exp.Localtimestamp: lambda _: exp.cast(exp.CurrentTimestamp(), "TIMESTAMP"),
    exp.Trim: _trim,
    exp.Unnest: _unnest,
    **{kind: _operator for kind in comparisons.COMPARED},
}  # fmt: skip
