"""Arrays, maps and rows ("Array functions and operators", "Map functions and operators", "Lambda expressions", Trino's documentation)."""

from sqlglot import exp

from .building import aggregate, applied, call, made, with_arity

_MAP = "typeof(a) LIKE 'MAP(%)'"
_THERE = f"CASE WHEN {_MAP} THEN list_contains(json_keys(to_json(a)), k::VARCHAR) WHEN typeof(a) LIKE '%]' THEN try_cast(k AS BIGINT) BETWEEN 1 AND json_array_length(to_json(a)) ELSE true END"
_ABSENT = (
    f"'presto!INVALID_FUNCTION_ARGUMENT: ' || CASE WHEN {_MAP} THEN 'Key not present in map: ' || k::VARCHAR "
    "WHEN try_cast(k AS BIGINT) = 0 THEN 'SQL array indices start at 1' WHEN try_cast(k AS BIGINT) < 0 THEN 'Array subscript is negative: ' || k::VARCHAR "
    "ELSE 'Array subscript must be less than or equal to array length: ' || k::VARCHAR || ' > ' || json_array_length(to_json(a)) END "
    # A constant would be evaluated for rows that do not need it.
    "|| left((a[k] IS NULL)::VARCHAR, 0)"
)
# `x IN l`, with NULL found as a value.
_FIRST = "list_filter(list_transform(l, lambda x, i: {'x': x, 'i': i}), lambda e: list_position(l, e.x) = e.i)"

MACROS = {
    # What is not there is an error; a way through JSON, which takes any type, tells it from what is NULL.
    "subscript": f"(a, k) AS CASE WHEN a IS NULL OR k IS NULL THEN NULL WHEN ({_MAP} OR try_cast(k AS BIGINT) > 0) AND a[k] IS NOT NULL THEN a[k] WHEN {_THERE} THEN a[k] WHEN CAST({_ABSENT} AS BOOLEAN) THEN NULL END",
    "cardinality": ", ".join(f"(c {kind}[]) AS len(c)" for kind in ("VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP"))
    + ", (c) AS CASE WHEN typeof(c) LIKE 'MAP(%)' THEN json_array_length(to_json(json_keys(to_json(c)))) ELSE json_array_length(to_json(c)) END::BIGINT",
    "array_distinct": f"(l) AS list_transform({_FIRST}, lambda e: e.x)",
    "array_intersect": "(a, b) AS list_filter(presto__array_distinct(a), lambda x: list_position(b, x) IS NOT NULL)",
    "array_except": "(a, b) AS list_filter(presto__array_distinct(a), lambda x: list_position(b, x) IS NULL)",
    "array_union": "(a, b) AS presto__array_distinct(list_concat(a, b))",
    "arrays_overlap": "(a, b) AS CASE WHEN list_has_any(a, b) THEN true WHEN len(a) <> list_count(a) OR len(b) <> list_count(b) THEN NULL ELSE false END",
    "array_max": "(l) AS CASE WHEN len(l) = list_count(l) THEN list_max(l) END",
    "array_min": "(l) AS CASE WHEN len(l) = list_count(l) THEN list_min(l) END",
    "array_position": "(l, x) AS coalesce(list_position(l, x), CASE WHEN l IS NULL OR x IS NULL THEN NULL ELSE 0 END)::BIGINT",
    "array_remove": "(l, x) AS list_filter(l, lambda y: y IS DISTINCT FROM x)",
    "array_sorted": "(l) AS list_sort(l, 'ASC', 'NULLS LAST')",
    "contains": "(l, x) AS CASE WHEN list_contains(l, x) THEN true WHEN l IS NULL OR x IS NULL OR len(l) <> list_count(l) THEN NULL ELSE false END",
    "element_at": "(a, k) AS a[k]",
    "flatten": "(l) AS flatten(l)",
    "repeat": "(x, n) AS list_transform(range(n), lambda i: x)",
    "sequence": "(a BIGINT, b BIGINT) AS generate_series(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END), (a BIGINT, b BIGINT, step BIGINT) AS generate_series(a, b, step), "
    "(a DATE, b DATE) AS list_transform(generate_series(a, b, CASE WHEN a <= b THEN INTERVAL 1 DAY ELSE INTERVAL (-1) DAY END), lambda t: t::DATE), "
    "(a DATE, b DATE, step INTERVAL) AS list_transform(generate_series(a, b, step), lambda t: t::DATE), "
    "(a TIMESTAMP, b TIMESTAMP, step INTERVAL) AS generate_series(a, b, step)",
    "slice": "(l, start, n) AS CASE WHEN start > 0 THEN l[start : start + n - 1] WHEN -start > len(l) THEN l[1 : 0] ELSE l[len(l) + start + 1 : len(l) + start + n] END",
    "trim_array": "(l, n) AS l[1 : len(l) - n]",
    "ngrams": "(l, n) AS CASE WHEN n >= len(l) THEN [l] ELSE list_transform(generate_series(1, len(l) - n + 1), lambda i: l[i : i + n - 1]) END",
    "first_of_keys": "(ks, vs) AS map(list_filter(presto__array_distinct(ks), lambda k: k IS NOT NULL), "
    "list_transform(list_filter(presto__array_distinct(ks), lambda k: k IS NOT NULL), lambda k: vs[list_position(ks, k)]))",
    "multimap": "(ks, vs) AS map(list_filter(presto__array_distinct(ks), lambda k: k IS NOT NULL), list_transform(list_filter(presto__array_distinct(ks), "
    "lambda k: k IS NOT NULL), lambda k: list_transform(list_filter(list_transform(ks, lambda o, i: {'k': o, 'v': vs[i]}), lambda e: e.k = k), lambda e: e.v)))",
}  # fmt: skip

SAME = {"map_keys": "map_keys", "map_values": "map_values", "map_entries": "map_entries", "map_from_entries": "map_from_entries", "map_concat": "map_concat"}

_INDEX, _ENTRY = exp.column("__i"), exp.column("__e")
_KEY, _VALUE = (exp.Dot(this=_ENTRY.copy(), expression=exp.to_identifier(part)) for part in ("key", "value"))


def _over(function: str, values, variable, body):
    """`function(values, lambda variable: body)`."""
    return call(function, values, exp.Lambda(this=body, expressions=[variable.this.copy()], colon=True))


def _lists(function: str, name: str):
    def build(arguments):
        with_arity(name, arguments, 2)
        applied(arguments[1], exp.null())
        return call(function, *arguments)

    return build


def _matches(which: str):
    """Whether all, any or none of a list's elements meet a condition; NULL where that is not known."""
    def build(arguments):
        with_arity(f"{which}_match", arguments, 2)
        found = call("list_transform", *arguments)
        wanted, given = {"all": ("false", "false"), "any": ("true", "true"), "none": ("true", "false")}[which]
        return made(
            f"CASE WHEN list_contains(:found, {wanted}) THEN {given} WHEN :list IS NULL OR len(:found) <> list_count(:found) THEN NULL "
            f"ELSE {'false' if given == 'true' else 'true'} END",
            found=found, list=arguments[0],
        )  # fmt: skip

    return build


def _array_sort(arguments):
    """With a comparison of its own: each element put behind those that are no greater."""
    with_arity("array_sort", arguments, 1, 2)
    if len(arguments) == 1:
        return call("presto__array_sorted", *arguments)
    new, other = exp.column("__n"), exp.column("__o")
    value = exp.Bracket(this=new.copy(), expressions=[exp.Literal.number(1)], offset=1)
    order = applied(arguments[1], other, value)
    before = _over("list_filter", exp.column("__s"), other, exp.LTE(this=order.copy(), expression=exp.Literal.number(0)))
    after = _over("list_filter", exp.column("__s"), other, exp.GT(this=order.copy(), expression=exp.Literal.number(0)))
    step = call("list_concat", call("list_concat", before, new), after)
    inserting = exp.Lambda(this=step, expressions=[exp.to_identifier("__s"), exp.to_identifier("__n")], colon=True)
    singles = _over("list_transform", arguments[0], _INDEX, exp.Array(expressions=[_INDEX.copy()]))
    sorting = call("list_reduce", singles, inserting)
    return made("CASE WHEN len(:list) = 0 THEN :list ELSE :sorted END", list=arguments[0], sorted=sorting)


def _array_join(arguments):
    with_arity("array_join", arguments, 2, 3)
    element = exp.column("__x")
    shown = call("presto__text", element, element)
    if len(arguments) == 3:
        shown = call("coalesce", shown, arguments[2])
    return call("array_to_string", _over("list_transform", arguments[0], element, shown), arguments[1])


def _reduce(arguments):
    with_arity("reduce", arguments, 4)
    values, start, step, finish = arguments
    return applied(finish, call("list_reduce", values, step, start))


def _zip_with(arguments):
    with_arity("zip_with", arguments, 3)
    one, other, function = arguments
    places = made("generate_series(1, greatest(len(:one), len(:other)))", one=one, other=other)
    items = (exp.Bracket(this=exp.paren(values.copy()), expressions=[_INDEX.copy()], offset=1) for values in (one, other))
    return _over("list_transform", places, _INDEX, applied(function, *items))


def _zip(arguments):
    lengths = [call("len", argument) for argument in arguments]
    places = call("generate_series", exp.Literal.number(1), call("greatest", *lengths))
    items = [exp.Bracket(this=exp.paren(argument.copy()), expressions=[_INDEX.copy()], offset=1) for argument in arguments]
    return _over("list_transform", places, _INDEX, row(items))


def row(values: list) -> exp.Expression:
    """A row without names: Athena calls its fields `field0`, `field1`, …."""
    pairs = [exp.PropertyEQ(this=exp.to_identifier(f"field{at}", quoted=True), expression=value.copy()) for at, value in enumerate(values)]
    return exp.Struct(expressions=pairs)


def _map_filter(arguments):
    with_arity("map_filter", arguments, 2)
    kept = _over("list_filter", call("map_entries", arguments[0]), _ENTRY, applied(arguments[1], _KEY, _VALUE))
    return call("map_from_entries", kept)


def _transform(which: str):
    def build(arguments):
        with_arity(f"transform_{which}", arguments, 2)
        entries, changed = call("map_entries", arguments[0]), applied(arguments[1], _KEY, _VALUE)
        keys = changed if which == "keys" else _KEY
        values = changed if which == "values" else _VALUE
        return call("map", _over("list_transform", entries, _ENTRY, keys), _over("list_transform", entries, _ENTRY, values))

    return build


def _map(arguments):
    with_arity("map", arguments, 0, 2)
    return call("map", *arguments) if arguments else made("map([], [])")


def _map_union(arguments):
    with_arity("map_union", arguments, 1)
    every = aggregate("list", arguments[0])
    return made("list_reduce(list_filter(:every, lambda m: m IS NOT NULL), lambda a, b: map_concat(b, a))", every=every)


BUILDERS = {
    "filter": _lists("list_filter", "filter"),
    "transform": _lists("list_transform", "transform"),
    "all_match": _matches("all"),
    "any_match": _matches("any"),
    "none_match": _matches("none"),
    "array_join": _array_join,
    "array_sort": _array_sort,
    "reduce": _reduce,
    "zip_with": _zip_with,
    "zip": _zip,
    "map": _map,
    "map_filter": _map_filter,
    "transform_keys": _transform("keys"),
    "transform_values": _transform("values"),
    "map_union": _map_union,
    "map_agg": lambda arguments: call("presto__first_of_keys", *(aggregate("list", argument) for argument in arguments)),
    "multimap_agg": lambda arguments: call("presto__multimap", *(aggregate("list", argument) for argument in arguments)),
}  # fmt: skip
