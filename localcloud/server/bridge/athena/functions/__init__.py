"""Functions of Athena's SQL (Trino's), by their names: what is not here, Athena's engine is said not to have.

Three kinds: a name that DuckDB has under the same meaning, a macro of DuckDB, and a builder that makes an expression of the arguments.
"""

import re

from . import aggregates, collections, comparisons, documents, numbers, texts, times
from .building import BY_TYPE

_PARTS = (times, texts, numbers, collections, documents, aggregates, comparisons)

# Macros are called so in DuckDB, and made for the queries that need them: `name` → everything after `CREATE MACRO name`.
PREFIX = "presto__"
MACROS: dict[str, str] = {name: body for part in _PARTS for name, body in part.MACROS.items()}
# Trino's name → DuckDB's.
SAME: dict[str, str] = {name: there for part in _PARTS for name, there in getattr(part, "SAME", {}).items()}
# Trino's name → what makes an expression of a call.
BUILDERS = {name: build for part in _PARTS for name, build in getattr(part, "BUILDERS", {}).items()}
# Macros that other macros and rewritten operators stand on: no functions of Athena's.
INNER = {
    "divide", "later", "earlier", "offset", "interval_text", "text", "exponential", "scientific", "figures", "subscript", "array_sorted",
    "first_of_keys", "multimap", "json_scalar", "json_text", "mean", "rounded", "whole", *comparisons.MACROS,
}  # fmt: skip


def macro(name: str) -> str | None:
    """Everything after the name in the definition of a macro; of one that is chosen by other arguments too (building.py)."""
    if not name.endswith(BY_TYPE):
        return MACROS.get(name)
    body = MACROS.get(name.removesuffix(BY_TYPE))
    return None if body is None else ", ".join(_by_type(overload) for overload in _overloads(body))


def is_overloaded(name: str) -> bool:
    parameters = (overload[: overload.index(") AS")] for overload in _overloads(MACROS[name]))
    return any(re.search(r"\w [A-Z]", listed) for listed in parameters)


def _by_type(overload: str) -> str:
    end = overload.index(") AS")
    parameters = [parameter.strip() for parameter in overload[1:end].split(",") if parameter.strip()]
    names = [parameter.split(" ")[0] for parameter in parameters]
    return f"({', '.join([*(f'of_{parameter}' for parameter in parameters), *names])}{overload[end:]}"


def _overloads(body: str) -> list[str]:
    """`(a) AS x, (a, b) AS y` in its parts."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(body):
        if character == "'":
            quoted = not quoted
        elif not quoted:
            depth += (character in "([{") - (character in ")]}")
            if character == "," and depth == 0 and re.match(r", \([^()]*\) AS ", body[at:]):
                parts.append(body[start:at].strip())
                start = at + 1
    return [*parts, body[start:].strip()]
