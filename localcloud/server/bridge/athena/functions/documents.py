"""JSON ("JSON functions and operators", Trino's documentation)."""

import re

from sqlglot import exp

from ..errors import QueryFailed
from .building import call, literal, made, with_arity

_SCALAR = "CASE WHEN json_type(j) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE j ->> '$' END"

MACROS = {
    "json_extract": "(j, p) AS CASE WHEN json_valid(j) THEN json_extract(j, p) END",
    "json_extract_scalar": "(j, p) AS presto__json_scalar(presto__json_extract(j, p))",
    "json_scalar": f"(j) AS {_SCALAR}",
    "json_text": "(j) AS CASE WHEN json_type(j) = 'NULL' THEN NULL ELSE j ->> '$' END",
    "json_array_length": "(j) AS CASE WHEN json_type(j) = 'ARRAY' THEN json_array_length(j)::BIGINT END",
    "json_array_contains": "(j, x) AS list_contains(json_extract(j, '$[*]'), to_json(x))",
    "json_array_get": "(j, n) AS json_extract(j, n::BIGINT)",
    "json_format": "(j) AS CAST(json(j) AS VARCHAR)",
    "json_parse": "(t) AS json(t)",
    "json_size": "(j, p) AS CASE json_type(json_extract(j, p)) WHEN 'ARRAY' THEN json_array_length(json_extract(j, p)) "
    "WHEN 'OBJECT' THEN len(json_keys(json_extract(j, p))) WHEN NULL THEN NULL ELSE 0 END::BIGINT",
    "is_json_scalar": "(j) AS json_type(j) NOT IN ('OBJECT', 'ARRAY')",
}  # fmt: skip


def path(node) -> exp.Expression:
    """A JSON path as DuckDB has it."""
    if not isinstance(node, exp.Literal):
        return node.copy()
    text = node.name.strip()
    for mode in ("lax ", "strict "):
        text = text[len(mode) :].strip() if text.lower().startswith(mode) else text
    if "*" in text or ".." in text or "?" in text or "(" in text:
        raise QueryFailed(f"NOT_SUPPORTED: the JSON path '{node.name}' is not supported on the local cloud")
    text = re.sub(r"\[\s*'([^']*)'\s*\]|\[\s*\"([^\"]*)\"\s*\]", lambda found: '."' + (found.group(1) or found.group(2) or "") + '"', text)
    return literal(text if text.startswith("$") else f"$.{text}")


def _at(name: str):
    def build(arguments):
        with_arity(name, arguments, 2)
        return call(f"presto__{name}", arguments[0], path(arguments[1]))

    return build


def value(node: exp.JSONValue) -> exp.Expression:
    """`json_value(document, 'lax path' RETURNING type)`."""
    if node.args.get("on_condition"):
        raise QueryFailed("NOT_SUPPORTED: json_value's ON EMPTY and ON ERROR are not supported on the local cloud")
    found = call("presto__json_extract_scalar", node.this, path(node.args["path"]))
    return exp.cast(found, node.args["returning"].copy()) if node.args.get("returning") else found


def query(node: exp.JSONExtract) -> exp.Expression:
    """`json_query(document, 'lax path')`: the JSON as a text."""
    if any(node.args.get(name) for name in ("option", "quote", "on_condition")):
        raise QueryFailed("NOT_SUPPORTED: json_query's WRAPPER, QUOTES and ON are not supported on the local cloud")
    return exp.cast(call("presto__json_extract", node.this, path(node.expression)), "VARCHAR")


def _exists(arguments):
    with_arity("json_exists", arguments, 2)
    return made("json_exists(:document, :path)", document=arguments[0], path=path(arguments[1]))


BUILDERS = {
    "json_extract": _at("json_extract"),
    "json_extract_scalar": _at("json_extract_scalar"),
    "json_size": _at("json_size"),
    "json_exists": _exists,
}  # fmt: skip
