"""Aggregate and window functions ("Aggregate functions", "Window functions", Trino's documentation)."""

from sqlglot import exp

from ..errors import QueryFailed
from .building import AGGREGATE, aggregate, call, made, with_arity

MACROS = {
    # What the type of an average goes by.
    "mean": "(x DECIMAL) AS x, (x BIGINT) AS x::DOUBLE, (x HUGEINT) AS x::DOUBLE, (x DOUBLE) AS x, (x FLOAT) AS x",
}  # fmt: skip

SAME = {
    "array_agg": "list", "arbitrary": "any_value", "any_value": "any_value", "bool_and": "bool_and", "bool_or": "bool_or", "every": "bool_and",
    "corr": "corr", "count": "count", "count_if": "count_if", "covar_pop": "covar_pop", "covar_samp": "covar_samp", "max": "max", "min": "min",
    "regr_intercept": "regr_intercept", "regr_slope": "regr_slope", "skewness": "skewness", "kurtosis": "kurtosis", "stddev": "stddev_samp",
    "stddev_pop": "stddev_pop", "stddev_samp": "stddev_samp", "sum": "sum", "variance": "var_samp", "var_pop": "var_pop",
    "var_samp": "var_samp", "histogram": "histogram", "bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or",
    "cume_dist": "cume_dist", "grouping": "grouping",
    "coalesce": "coalesce", "nullif": "nullif", "try": "try",
}  # fmt: skip

_WINDOW = {
    "first_value": exp.FirstValue, "last_value": exp.LastValue, "nth_value": exp.NthValue, "lag": exp.Lag, "lead": exp.Lead,
    "rank": exp.Rank, "dense_rank": exp.DenseRank, "percent_rank": exp.PercentRank, "row_number": exp.RowNumber, "ntile": exp.Ntile,
}  # fmt: skip


def _window(kind):
    # Nodes of their own kind: only those keep IGNORE NULLS.
    return lambda arguments: kind.from_arg_list([argument.copy() for argument in arguments])


def _percentile(arguments):
    """The value itself at that place: what an approximation comes to for few rows."""
    if len(arguments) != 2:
        raise QueryFailed("NOT_SUPPORTED: approx_percentile with weights is not supported on the local cloud")
    return call("quantile_disc", *arguments)


def _distinct(arguments):
    with_arity("approx_distinct", arguments, 1, 2)
    return call("count", exp.Distinct(expressions=[arguments[0].copy()]))


def _avg(arguments):
    with_arity("avg", arguments, 1)
    bare = arguments[0].expressions[0] if isinstance(arguments[0], exp.Distinct) else arguments[0]
    # A decimal's average is a decimal of its own scale; a quantile has that type, and none of its rows is looked at.
    nothing = exp.Filter(this=call("quantile_cont", bare, exp.Literal.number("0.5")), expression=exp.Where(this=exp.false()))
    nothing.meta[AGGREGATE] = True
    return call("cast_to_type", aggregate("avg", arguments[0]), nothing)


def _by(name: str):
    def build(arguments):
        with_arity(f"{name[4:]}_by", arguments, 2, 3)
        return call(name if len(arguments) == 3 else f"{name}_null", *arguments)

    return build


def _geometric(arguments):
    with_arity("geometric_mean", arguments, 1)
    return made("exp(:mean)", mean=aggregate("avg", call("presto__ln", arguments[0])))


BUILDERS = {
    **{name: _window(kind) for name, kind in _WINDOW.items()},
    "approx_percentile": _percentile,
    "approx_distinct": _distinct,
    "avg": _avg,
    "max_by": _by("arg_max"),
    "min_by": _by("arg_min"),
    "geometric_mean": _geometric,
}  # fmt: skip
