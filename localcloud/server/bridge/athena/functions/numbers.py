"""Arithmetic and mathematical functions ("Mathematical functions and operators", Trino's documentation)."""

from sqlglot import exp

from .building import call, made, overloaded, with_arity

_DIGITS = "'0123456789abcdefghijklmnopqrstuvwxyz'"

MACROS = {
    # Whole numbers are cut, decimals keep the larger scale, doubles go to infinity: the sum has the quotient's type.
    "divide": "(a, b) AS CASE WHEN typeof(a + b) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT') THEN cast_to_type(a // b, a + b) "
    "WHEN typeof(a + b) LIKE 'DECIMAL%' AND b = 0 THEN cast_to_type(1 // (0 * b::BIGINT), a + b) ELSE cast_to_type(a / b, a + b) END",
    "e": "() AS 2.718281828459045::DOUBLE",
    "infinity": "() AS 'Infinity'::DOUBLE",
    "nan": "() AS 'NaN'::DOUBLE",
    "is_finite": "(x) AS isfinite(x::DOUBLE)",
    "is_infinite": "(x) AS isinf(x::DOUBLE)",
    "is_nan": "(x) AS isnan(x::DOUBLE)",
    "ln": "(x) AS CASE WHEN x::DOUBLE > 0 THEN ln(x::DOUBLE) WHEN x::DOUBLE = 0 THEN '-Infinity'::DOUBLE WHEN x IS NULL THEN NULL ELSE 'NaN'::DOUBLE END",
    "log": "(b, x) AS presto__ln(x) / presto__ln(b)",
    "log2": "(x) AS CASE WHEN x::DOUBLE > 0 THEN log2(x::DOUBLE) ELSE presto__ln(x) END",
    "log10": "(x) AS CASE WHEN x::DOUBLE > 0 THEN log10(x::DOUBLE) ELSE presto__ln(x) END",
    "sqrt": "(x) AS CASE WHEN x::DOUBLE < 0 THEN 'NaN'::DOUBLE ELSE sqrt(x::DOUBLE) END",
    "sign": "(x BIGINT) AS CASE WHEN x < 0 THEN -1 WHEN x > 0 THEN 1 WHEN x = 0 THEN 0 END::BIGINT, "
    "(x DOUBLE) AS CASE WHEN isnan(x) THEN x ELSE sign(x)::DOUBLE END, (x DECIMAL) AS sign(x)::DECIMAL(1,0)",
    "random": "() AS random(), (n) AS floor(random() * n)::BIGINT, (a, b) AS (a + floor(random() * (b - a)))::BIGINT",
    "width_bucket": "(x, bins) AS len(list_filter(bins, lambda bin: bin::DOUBLE <= x::DOUBLE)), (x, low, high, n) AS CASE "
    "WHEN low < high THEN CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 ELSE floor((x - low)::DOUBLE / (high - low) * n) + 1 END "
    "ELSE CASE WHEN x > low THEN 0 WHEN x <= high THEN n + 1 ELSE floor((low - x)::DOUBLE / (low - high) * n) + 1 END END::BIGINT",
    "from_base": f"(t, radix) AS list_reduce(list_transform(string_split(lower(t), ''), lambda c: (strpos({_DIGITS}, c) - 1)::BIGINT), lambda a, d: a * radix + d)",
    "to_base": "(x, radix) AS lower(to_base(x, radix))",
    "cbrt": "(x) AS CASE WHEN power(round(cbrt(x::DOUBLE)), 3) = x THEN round(cbrt(x::DOUBLE)) ELSE cbrt(x::DOUBLE) END",
    # A decimal keeps its scale, and has a figure more before the point.
    "rounded": "(t DECIMAL, x, n) AS cast_to_type(round(x, n), x + x), (t DOUBLE, x, n) AS round(x, n), (t FLOAT, x, n) AS round(x, n), (t BIGINT, x, n) AS round(x, n)",
    # Half is away from zero, which DuckDB's cast of a double does not do.
    "whole": "(x DOUBLE) AS round(x), (x FLOAT) AS round(x), (x) AS x",
    "truncate": "(x) AS trunc(x), (x, n) AS trunc(x, n)",
    "bitwise_and": "(a, b) AS a::BIGINT & b::BIGINT",
    "bitwise_or": "(a, b) AS a::BIGINT | b::BIGINT",
    "bitwise_xor": "(a, b) AS xor(a::BIGINT, b::BIGINT)",
    "bitwise_not": "(a) AS ~(a::BIGINT)",
    "bitwise_left_shift": "(a, n) AS cast_to_type(CASE WHEN a >= 0 THEN a::BIGINT << n::BIGINT ELSE a::BIGINT * (1::BIGINT << n::BIGINT) END, a)",
    "bitwise_right_shift_arithmetic": "(a, n) AS cast_to_type(a::BIGINT >> n::BIGINT, a)",
    "bit_count": "(x, bits) AS CASE WHEN bits = 64 THEN bit_count(x::BIGINT) WHEN bits < 64 THEN bit_count(x::BIGINT & ((1::BIGINT << bits) - 1)) END::BIGINT",
}  # fmt: skip

SAME = {
    "abs": "abs", "ceil": "ceil", "ceiling": "ceil", "degrees": "degrees", "exp": "exp", "floor": "floor", "pi": "pi",
    "pow": "power", "power": "power", "radians": "radians", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin",
    "acos": "acos", "atan": "atan", "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
}  # fmt: skip


def _mod(arguments):
    with_arity("mod", arguments, 2)
    return exp.paren(exp.Mod(this=exp.paren(arguments[0].copy()), expression=exp.paren(arguments[1].copy())))


def _extreme(name: str):
    def build(arguments):
        nothing = exp.or_(*(exp.Is(this=exp.paren(argument.copy()), expression=exp.null()) for argument in arguments))
        return made("CASE WHEN :nothing THEN NULL ELSE :value END", nothing=nothing, value=call(name, *arguments))

    return build


def _round(arguments):
    with_arity("round", arguments, 1, 2)
    return overloaded("rounded", arguments[0], *arguments) if len(arguments) == 2 else call("round", *arguments)


BUILDERS = {"round": _round, "mod": _mod, "greatest": _extreme("greatest"), "least": _extreme("least"), "rand": lambda arguments: call("presto__random", *arguments)}
