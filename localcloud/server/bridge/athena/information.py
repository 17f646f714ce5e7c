"""Tables that tell of others: `information_schema` and `"table$partitions"`."""

from . import catalog
from .hive_types import duck_type
from .texts import literal, quoted

_CATALOG = "awsdatacatalog"
_SHAPES = {
    "schemata": ("catalog_name", "schema_name"),
    "tables": ("table_catalog", "table_schema", "table_name", "table_type"),
    "columns": ("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable", "data_type"),
    "views": ("table_catalog", "table_schema", "table_name"),
}


def body(database: str, name: str) -> str | None:
    """The query for DuckDB that gives such a table's rows; None for any other table."""
    if database == "information_schema" and name in _SHAPES:
        return _values(_SHAPES[name], list(_ROWS[name]()))
    if name.endswith("$partitions") and catalog.table(database, name.removesuffix("$partitions")):
        return _partitions(database, name.removesuffix("$partitions"))
    return None


def _values(names: tuple, rows: list[tuple]) -> str:
    shown = ", ".join(map(quoted, names))
    if not rows:
        return f"SELECT {', '.join(f'CAST(NULL AS VARCHAR) AS {quoted(name)}' for name in names)} WHERE false"
    lines = ("(" + ", ".join("NULL" if cell is None else str(cell) if isinstance(cell, int) else literal(cell) for cell in row) + ")" for row in rows)
    return f"SELECT * FROM (VALUES {', '.join(lines)}) AS v({shown})"


def _partitions(database: str, name: str) -> str:
    keys = catalog.require_table(database, name).get("PartitionKeys") or []
    names = tuple(key["Name"] for key in keys)
    rows = [tuple(partition["Values"]) for partition in catalog.partitions(database, name)]
    typed = ", ".join(f"CAST({quoted(key['Name'])} AS {duck_type(key.get('Type'))}) AS {quoted(key['Name'])}" for key in keys)
    return f"SELECT {typed or '1'} FROM ({_values(names or ('nothing',), rows)})"


def _every_table():
    return ((database, table) for database in catalog.databases() for table in catalog.tables(database))


def _is_view(table: dict) -> bool:
    return table.get("TableType") == "VIRTUAL_VIEW"


def _columns():
    for database, table in _every_table():
        for at, column in enumerate([*((table.get("StorageDescriptor") or {}).get("Columns") or []), *(table.get("PartitionKeys") or [])], start=1):
            yield (_CATALOG, database, table["Name"], column["Name"], at, None, "YES", _presto(column.get("Type") or "string"))


def _presto(kind: str) -> str:
    """A type of Hive's as Trino calls it."""
    kind = kind.lower()
    if kind.startswith("array<"):
        return f"array({_presto(kind[6:-1])})"
    return {"string": "varchar", "int": "integer", "float": "real", "binary": "varbinary", "timestamp": "timestamp(3)"}.get(kind, kind)


_ROWS = {
    "schemata": lambda: ((_CATALOG, name) for name in [*catalog.databases(), "information_schema"]),
    "tables": lambda: ((_CATALOG, database, table["Name"], "VIEW" if _is_view(table) else "BASE TABLE") for database, table in _every_table()),
    "columns": _columns,
    "views": lambda: ((_CATALOG, database, table["Name"]) for database, table in _every_table() if _is_view(table)),
}
