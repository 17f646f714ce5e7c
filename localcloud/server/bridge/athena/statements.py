"""Statements of Athena: what kind one is, and what it is made of."""

import re
from dataclasses import dataclass, field

from ministack.services import athena as base
from sqlglot import exp

from . import ddl, translate
from .errors import QueryFailed
from .objects import Objects


@dataclass
class Statement:
    """`kind` is query, ctas, insert, unload, or a statement of the catalog's."""

    kind: str
    type: str
    tree: exp.Expression | None = None
    database: str | None = None
    name: str = ""
    options: dict = field(default_factory=dict)
    columns: list = field(default_factory=list)
    location: str = ""
    if_not_exists: bool = False
    no_data: bool = False
    action: tuple = ()


def parse(sql: str, parameters: list[str]) -> Statement:
    """What a text says. Raises QueryFailed, in words for the caller of StartQueryExecution."""
    text = sql.strip().rstrip(";").strip()
    cursor = base._Cursor(text)
    if not cursor.tokens:
        raise QueryFailed("Query string is empty")
    words = [token[1] for token in cursor.tokens[:8] if token[0] == "name"]
    first = words[0] if words else ""
    if first in ("select", "with", "values", "table") or cursor.tokens[0][1] == "(":
        return Statement("query", "DML", tree=_bound(translate.parse(text), parameters))
    if first == "insert":
        return _insert(translate.parse(text), parameters)
    if first == "unload":
        return _unload(text, parameters)
    if first in ("update", "delete", "merge"):
        raise QueryFailed("NOT_SUPPORTED: Modifying Hive table rows is only supported for Iceberg tables, which the local cloud has not")
    if first == "create" and "view" in words[:4]:
        return _create_view(text, cursor)
    if first == "create" and "table" in words[:3]:
        return _create_table(text, cursor, parameters)
    for pattern, kind, build in ddl.STATEMENTS:
        found = re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL)
        if found:
            utility = kind in ("msck", "show", "describe")
            return Statement(kind, "UTILITY" if utility else "DDL", action=(build, found))
    raise QueryFailed(f"line 1:1: mismatched input '{text.split()[0]}'. Expecting: a statement that Athena knows")


def executed(text: str) -> tuple[str | None, list[str]]:
    """Name and parameters of `EXECUTE name USING …`; no name for any other statement."""
    found = re.fullmatch(r"\s*execute\s+([\w\"]+)(?:\s+using\s+(.*?))?\s*;?\s*", text, re.IGNORECASE | re.DOTALL)
    if not found:
        return None, []
    using = found.group(2)
    values = translate.parse(f"SELECT {using}").expressions if using else []
    return found.group(1).strip('"'), [value.sql(dialect="trino") for value in values]


def prepared(text: str) -> tuple[str, str | None] | None:
    """Name and query of `PREPARE name FROM query`; no query of `DEALLOCATE PREPARE name`; None for any other statement."""
    found = re.fullmatch(r"\s*prepare\s+([\w\"]+)\s+from\s+(.*?)\s*;?\s*", text, re.IGNORECASE | re.DOTALL)
    if found:
        return found.group(1).strip('"'), found.group(2)
    found = re.fullmatch(r"\s*deallocate\s+prepare\s+([\w\"]+)\s*;?\s*", text, re.IGNORECASE)
    return (found.group(1).strip('"'), None) if found else None


def _bound(tree, parameters: list[str]):
    return translate.bind(tree, parameters)


def _names(table: exp.Table) -> tuple[str | None, str]:
    return (table.db or None), table.name


def _insert(tree, parameters: list[str]) -> Statement:
    if not isinstance(tree, exp.Insert) or tree.expression is None:
        raise QueryFailed("line 1:1: mismatched input. Expecting: INSERT INTO")
    _bound(tree, parameters)
    target, columns = tree.this, []
    if isinstance(target, exp.Schema):
        target, columns = target.this, [column.name for column in target.expressions]
    database, name = _names(target)
    return Statement("insert", "DML", tree=tree.expression, database=database, name=name, columns=columns)


def _unload(text: str, parameters: list[str]) -> Statement:
    found = re.fullmatch(r"unload\s*\((.*)\)\s*to\s*'([^']+)'(?:\s*with\s*\((.*)\))?", text, re.IGNORECASE | re.DOTALL)
    if not found:
        raise QueryFailed("line 1:1: mismatched input. Expecting: UNLOAD (query) TO 'location' WITH (...)")
    tree = _bound(translate.parse(found.group(1)), parameters)
    return Statement("unload", "DML", tree=tree, location=found.group(2), options=_options(found.group(3) or ""))


def _options(text: str) -> dict:
    """`name = 'text'`, `name = number`, `name = ARRAY['a', 'b']`."""
    options = {}
    for name, array, quoted, plain in re.findall(r"(\w+)\s*=\s*(?:array\s*\[([^\]]*)\]|'((?:[^']|'')*)'|([\w.]+))", text, re.IGNORECASE):
        options[name.lower()] = re.findall(r"'([^']*)'", array) if array else quoted.replace("''", "'") if quoted else plain
    return options


def _create_table(text: str, cursor, parameters: list[str]) -> Statement:
    made = re.fullmatch(
        r"create\s+table\s+(if\s+not\s+exists\s+)?([\w.\"`]+)\s*(?:with\s*\((.*?)\))?\s*as\s+(.*?)(\s+with\s+no\s+data|\s+with\s+data)?",
        text,
        re.IGNORECASE | re.DOTALL,
    )
    if made:
        exists, name, options, query, data = made.groups()
        parts = [part.strip('"`') for part in name.split(".")]
        tree = _bound(translate.parse(query), parameters)
        return Statement(
            "ctas", "DDL", tree=tree, database=parts[-2] if len(parts) > 1 else None, name=parts[-1], options=_options(options or ""),
            if_not_exists=bool(exists), no_data=bool(data and "no" in data.lower()),
        )  # fmt: skip
    parsed = base._parse_ddl(text)
    if not isinstance(parsed, base._CreateTable):
        raise QueryFailed("line 1:8: mismatched input. Expecting: a CREATE TABLE statement that Athena knows")
    if not parsed.external and not parsed.iceberg:
        raise QueryFailed("External keyword required for table type HIVE")
    return Statement("create", "DDL", action=(ddl.create_table, parsed))


def _create_view(text: str, _cursor) -> Statement:
    found = re.fullmatch(r"create\s+(or\s+replace\s+)?view\s+([\w.\"`]+)\s+as\s+(.*)", text, re.IGNORECASE | re.DOTALL)
    if not found:
        raise QueryFailed("line 1:1: mismatched input. Expecting: CREATE [OR REPLACE] VIEW name AS query")
    translate.parse(found.group(3))
    return Statement("view", "DDL", action=(ddl.create_view, found))


def execute(statement: Statement, database: str, objects: Objects):
    """Carries out a statement of the catalog's: columns and rows that it shows."""
    run, found = statement.action
    return run(found, database, objects)
