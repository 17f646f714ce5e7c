"""Operators that Athena has for fewer types than DuckDB: a text is never compared with a number or a date."""

from sqlglot import exp

from .building import has_aggregate, overloaded

_OPERATORS = {exp.EQ: ("eq", "="), exp.NEQ: ("neq", "<>"), exp.LT: ("lt", "<"), exp.LTE: ("lte", "<="), exp.GT: ("gt", ">"), exp.GTE: ("gte", ">=")}
_OTHERS = ("BIGINT", "DOUBLE", "DECIMAL", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "BOOLEAN")
_NUMBERS = ("BIGINT", "DOUBLE", "DECIMAL")
# `_reason` in engine.py makes Athena's words of it; `z` has no type before the macro is used, so that this is an error only then.
MISMATCH = "presto__mismatch"


def _refused(operator: str, one: str, other: str) -> str:
    return f"(z, a {one}, b {other}) AS (z).{MISMATCH}_{operator}_{one}_{other}"


def _body(name: str, sign: str) -> str:
    overloads = [f"(z, a VARCHAR, b VARCHAR) AS a {sign} b"]
    pairs = [("VARCHAR", other) for other in _OTHERS] + [("BOOLEAN", number) for number in _NUMBERS]
    overloads += [_refused(name, *pair) for pair in pairs] + [_refused(name, *reversed(pair)) for pair in pairs]
    return ", ".join([*overloads, f"(z, a, b) AS a {sign} b"])


_NUMBERED = ("sum", "count", "count_if", "cast_to_type", "presto__divide", "stddev_samp", "var_samp", "presto__rounded", "round")

MACROS = {
    **{name: _body(name, sign) for name, sign in _OPERATORS.values()},
    # A date less a date is an interval.
    "minus": f"(z, a DATE, b DATE) AS to_days((a - b)::INTEGER), {_refused('minus', 'DATE', 'BIGINT')}, {_refused('minus', 'VARCHAR', 'BIGINT')}, "
    f"{_refused('minus', 'BIGINT', 'VARCHAR')}, (z, a, b) AS a - b",
    # An element of IN's list: itself, if the value may be compared with it.
    "item": _body("eq", "=").replace(" AS a = b", " AS b"),
    # An array takes an element at either end.
    "join": "(z, a VARCHAR, b VARCHAR) AS a || b, "
    + ", ".join(f"(z, a {kind}[], b {kind}) AS list_append(a, b), (z, a {kind}, b {kind}[]) AS list_prepend(a, b)" for kind in ("VARCHAR", *_OTHERS))
    + ", "
    + ", ".join(f"{_refused('join', 'VARCHAR', other)}, {_refused('join', other, 'VARCHAR')}" for other in _OTHERS)
    + ", (z, a, b) AS a || b",
    "plus": f"{_refused('plus', 'DATE', 'BIGINT')}, {_refused('plus', 'BIGINT', 'DATE')}, {_refused('plus', 'VARCHAR', 'BIGINT')}, "
    f"{_refused('plus', 'BIGINT', 'VARCHAR')}, (z, a, b) AS a + b",
}
_SIGNS = {**{name: sign for name, sign in _OPERATORS.values()}, "minus": "-", "plus": "+", "join": "||"}


def words(found: str) -> str:
    """`eq_VARCHAR_BIGINT` as Athena says it."""
    name, one, other = found.split("_")
    kinds = {"TIMESTAMP": "timestamp(3)", "TIMESTAMPTZ": "timestamp(3) with time zone"}
    return f"TYPE_MISMATCH: line 1:8: Cannot apply operator: {kinds.get(one, one.lower())} {_SIGNS[name]} {kinds.get(other, other.lower())}"


def compared(node: exp.Expression) -> exp.Expression:
    """A comparison, addition or subtraction under the rules of types. What has none (NULL), or is no plain value, stays."""
    sides = (node.this, node.expression)
    if any(isinstance(side.unnest(), (exp.Null, exp.Query, exp.Any, exp.All, exp.Tuple)) for side in sides):
        return node
    name = _OPERATORS[type(node)][0] if type(node) in _OPERATORS else _OTHER_OPERATORS[type(node)]
    if any(map(has_aggregate, sides)) and any(map(_is_number, sides)):
        return node
    return overloaded(name, exp.Literal.number(0), *sides)


def between(node: exp.Between) -> exp.Expression:
    if node.args.get("symmetric"):
        return node
    bounds = (exp.GTE(this=node.this.copy(), expression=node.args["low"].copy()), exp.LTE(this=node.this.copy(), expression=node.args["high"].copy()))
    return exp.paren(exp.And(this=compared(bounds[0]), expression=compared(bounds[1])))


def among(node: exp.In) -> exp.Expression:
    """IN with its first element checked; the others are of its type."""
    items = node.expressions
    sides = (node.this, *items[:1])
    if not items or any(isinstance(side.unnest(), (exp.Null, exp.Query, exp.Tuple)) for side in sides) or any(map(_is_number, sides[:1])):
        return node
    changed = node.copy()
    changed.set("expressions", [overloaded("item", exp.Literal.number(0), *sides), *(item.copy() for item in items[1:])])
    return changed


def _is_number(node) -> bool:
    """Whether that is known without looking at columns: a number with a number needs no macro."""
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return not node.is_string
    if isinstance(node, (exp.Add, exp.Sub)):
        return _is_number(node.this) or _is_number(node.expression)
    if isinstance(node, (exp.Filter, exp.Window, exp.Neg)):
        return _is_number(node.this)
    return isinstance(node, (exp.Mul, exp.Mod)) or (isinstance(node, exp.Anonymous) and node.name.lower() in _NUMBERED)


_OTHER_OPERATORS = {exp.Add: "plus", exp.Sub: "minus", exp.DPipe: "join"}
COMPARED = (*_OPERATORS, *_OTHER_OPERATORS)
