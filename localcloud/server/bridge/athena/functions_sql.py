"""Functions of Athena's SQL that DuckDB does not have, or has under another meaning, as macros and as rewritings of the tree.

What sqlglot translates by itself is not here.
"""

from sqlglot import exp

from .projection import strftime_of

MACROS = [
    "at_timezone(t, zone) AS timezone(zone, t)",
    "codepoint(text) AS unicode(text)",
    "hamming_distance(a, b) AS hamming(a, b)",
    "infinity() AS 'Infinity'::DOUBLE",
    "nan() AS 'NaN'::DOUBLE",
    "is_finite(x) AS isfinite(x)",
    "is_infinite(x) AS isinf(x)",
    "map_agg(k, v) AS map(list(k), list(v))",
    "multimap_agg(k, v) AS map_from_entries(list({'key': k, 'value': [v]}))",
    "normalize(text) AS nfc_normalize(text)",
    "to_iso8601(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "url_extract_fragment(url) AS nullif(regexp_extract(url, '#(.*)$', 1), '')",
    "url_extract_host(url) AS nullif(regexp_extract(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1), '')",
    "url_extract_parameter(url, name) AS url_decode(nullif(regexp_extract(url, '[?&]' || name || '=([^&#]*)', 1), ''))",
    "url_extract_path(url) AS regexp_extract(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*([^?#]*)', 1)",
    "url_extract_port(url) AS try_cast(nullif(regexp_extract(url, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*:([0-9]+)', 1), '') AS BIGINT)",
    "url_extract_protocol(url) AS nullif(regexp_extract(url, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1), '')",
    "url_extract_query(url) AS nullif(regexp_extract(url, '[?]([^#]*)', 1), '')",
    "zip(a, b) AS list_zip(a, b)",
]

_DAYS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}


def _name(node) -> str:
    return node.name.lower() if isinstance(node, exp.Anonymous) else ""


def rewrite(tree: exp.Expression, types: dict[str, str]) -> exp.Expression:
    """The tree with what a macro cannot say. `types` has the types of columns by their names."""

    def change(node):
        if isinstance(node, exp.Anonymous):
            return _call(node)
        kind = type(node).__name__
        if kind in ("ArrayAny", "ArrayAll"):
            return _matches(node, "any" if kind == "ArrayAny" else "all", node.this, node.expression)
        if kind == "ParseDatetime":
            return _joda(node, "strptime", node.this, node.args.get("format"))
        if isinstance(node, (exp.DateAdd, exp.Add, exp.Sub)) and _adds_days(node, types):
            return exp.cast(node.copy(), "DATE")
        if isinstance(node, exp.DateTrunc) and _is_date(node.this, types):
            return exp.cast(node.copy(), "DATE")
        if isinstance(node, exp.Unnest):
            return _unnest_map(node)
        return node

    # From the leaves up: what was rewritten is not looked at again.
    for node in reversed(list(tree.walk())):
        changed = change(node)
        if changed is not node:
            if node.parent is None:
                tree = changed
            else:
                node.replace(changed)
    return tree


def _call(node: exp.Anonymous):
    name, arguments = _name(node), node.expressions
    if name in ("any_match", "all_match", "none_match") and len(arguments) == 2:
        return _matches(node, name.split("_")[0], *arguments)
    if name == "format_datetime" and len(arguments) == 2:
        return _joda(node, "strftime", *arguments)
    if name == "parse_datetime" and len(arguments) == 2:
        return _joda(node, "strptime", *arguments)
    return node


def _matches(node, which: str, array, condition):
    """any_match, all_match and none_match: the list of what matches, counted."""
    matching = exp.func("len", exp.func("list_filter", array.copy(), condition.copy()))
    if which == "all":
        return exp.paren(exp.EQ(this=matching, expression=exp.func("len", array.copy())))
    comparison = exp.GT if which == "any" else exp.EQ
    return exp.paren(comparison(this=matching, expression=exp.Literal.number(0)))


def _joda(node, function: str, value, pattern):
    """Patterns of Joda-Time; one that is no constant cannot be translated."""
    if not isinstance(pattern, exp.Literal):
        return node
    return exp.Anonymous(this=function, expressions=[value.copy(), exp.Literal.string(strftime_of(pattern.name))])


def _is_date(node, types: dict[str, str]) -> bool:
    if isinstance(node, exp.Paren):
        return _is_date(node.this, types)
    if isinstance(node, exp.Column):
        return types.get(node.name.lower()) == "date"
    return isinstance(node, (exp.CurrentDate, exp.Date, exp.TsOrDsToDate)) or (
        isinstance(node, (exp.Cast, exp.TryCast)) and node.to.is_type("date")
    )


def _adds_days(node, types: dict[str, str]) -> bool:
    """Whether days or more are added to a date: a date in Athena, a timestamp in DuckDB."""
    if isinstance(node, exp.DateAdd):
        unit = node.args.get("unit")
        return (unit is not None and unit.name.upper() in _DAYS) and _is_date(node.this, types)
    interval = node.expression
    unit = interval.args.get("unit") if isinstance(interval, exp.Interval) else None
    return unit is not None and unit.name.upper() in _DAYS and _is_date(node.this, types)


def _unnest_map(node: exp.Unnest):
    """UNNEST of a map gives keys and values: of its entries, in DuckDB."""
    alias = node.args.get("alias")
    names = alias.columns if alias else []
    if len(node.expressions) != 1 or len(names) != 2 or node.args.get("offset"):
        return node
    key, value = (f'"{name.name}"' for name in names)
    entries = node.expressions[0].sql(dialect="duckdb")
    text = f"SELECT entry.key AS {key}, entry.value AS {value} FROM (SELECT unnest(map_entries({entries})) AS entry)"
    from sqlglot import parse_one

    return exp.Subquery(this=parse_one(text, read="duckdb"), alias=exp.TableAlias(this=alias.this))
