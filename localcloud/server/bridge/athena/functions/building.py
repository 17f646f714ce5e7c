"""Expressions of DuckDB made of text and of trees."""

import sqlglot
from sqlglot import exp

from ..errors import QueryFailed

# Marks an inner aggregate of an expression that stands for one of Trino's: FILTER and OVER belong to it.
AGGREGATE = "athena_aggregate"


# Ends the name of a macro that takes its arguments twice: for their types, and as they are.
BY_TYPE = "__by_type"
_COUNTS = ("count", "count_if", "rank", "dense_rank", "row_number", "ntile")
_MEASURES = (
    "corr", "covar_pop", "covar_samp", "regr_intercept", "regr_slope", "skewness", "kurtosis", "stddev_samp", "stddev_pop", "var_samp",
    "var_pop", "cume_dist", "percent_rank",
)  # fmt: skip
_VALUES = (
    "sum", "max", "min", "any_value", "arg_max", "arg_min", "arg_max_null", "arg_min_null", "quantile_disc", "bit_and", "bit_or", "bool_and",
    "bool_or", "avg", "quantile_cont", "list", "histogram",
)  # fmt: skip
_OVER_WINDOWS = (exp.FirstValue, exp.LastValue, exp.NthValue, exp.Lag, exp.Lead, exp.Rank, exp.DenseRank, exp.PercentRank, exp.RowNumber, exp.Ntile)


def _is_aggregate(node) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in (*_COUNTS, *_MEASURES, *_VALUES)
    return isinstance(node, (exp.Window, exp.Filter, exp.GroupConcat, *_OVER_WINDOWS))


def has_aggregate(node) -> bool:
    return any(_is_aggregate(found) for found in node.walk(prune=lambda found: isinstance(found, exp.Query)))


def like(node) -> exp.Expression:
    """An expression of the same type without aggregates."""
    if isinstance(node, (exp.Window, exp.Filter)):
        return like(node.this)
    if isinstance(node, exp.GroupConcat):
        return literal("")
    if _is_aggregate(node):
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        if name in _COUNTS:
            return exp.cast(exp.Literal.number(0), "BIGINT")
        if name in _MEASURES:
            return exp.cast(exp.Literal.number(0), "DOUBLE")
        first = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
        while isinstance(first, (exp.Distinct, exp.Order)):
            first = first.expressions[0] if isinstance(first, exp.Distinct) else first.this
        value = like(first)
        if name in ("avg", "quantile_cont"):
            return call("presto__mean", value)
        if name == "histogram":
            return call("map", exp.Array(expressions=[value]), exp.Array(expressions=[exp.Literal.number(1)]))
        return exp.Array(expressions=[value]) if name == "list" else exp.paren(value)
    copied = node.copy()
    for child in list(copied.iter_expressions()):
        if not isinstance(child, exp.Query) and has_aggregate(child):
            child.replace(like(child))
    return copied


def call(name: str, *arguments) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def aggregate(name: str, *arguments) -> exp.Anonymous:
    made = call(name, *arguments)
    made.meta[AGGREGATE] = True
    return made


def overloaded(name: str, *arguments) -> exp.Anonymous:
    """A call of a macro that has a body for each type. DuckDB does not know the type of an aggregate when it chooses: there, something of
    the same type goes before the arguments."""
    if any(map(has_aggregate, arguments)):
        return call(f"presto__{name}{BY_TYPE}", *map(like, arguments), *arguments)
    return call(f"presto__{name}", *arguments)


def made(text: str, /, **parts) -> exp.Expression:
    """The expression of a text of DuckDB's, with trees in the place of the `:names` in it."""
    tree = sqlglot.parse_one(text, read="duckdb")
    for node in list(tree.find_all(exp.Placeholder)):
        if node.name in parts:
            part = parts[node.name].copy()
            node.replace(part if isinstance(part, (exp.Literal, exp.Column, exp.Anonymous, exp.Lambda)) else exp.paren(part))
    return tree


def text(node, of: str) -> str:
    """A constant text. Raises QueryFailed for anything else, which the local cloud cannot translate."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.name
    raise QueryFailed(f"NOT_SUPPORTED: {of} has to be a constant on the local cloud")


def literal(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def applied(function, *arguments) -> exp.Expression:
    """A lambda's body with arguments in the place of its parameters."""
    if not isinstance(function, exp.Lambda):
        raise QueryFailed("TYPE_MISMATCH: a function is expected, as in x -> x + 1")
    names = [parameter.name.lower() for parameter in function.expressions]
    if len(names) != len(arguments):
        raise QueryFailed(f"INVALID_PARAMETER_USAGE: Expected a lambda that takes {len(arguments)} argument(s)")
    body = exp.paren(function.this.copy())
    for node in list(body.find_all(exp.Identifier)):
        is_field = isinstance(node.parent, (exp.Column, exp.PropertyEQ, exp.Lambda)) or (isinstance(node.parent, exp.Dot) and node.arg_key == "expression")
        if node.name.lower() in names and not is_field:
            node.replace(exp.paren(arguments[names.index(node.name.lower())].copy()))
    return body


def with_arity(name: str, arguments: list, *counts: int) -> None:
    if len(arguments) not in counts:
        raise QueryFailed(f"FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters ({len(arguments)} of them) for function {name}")
