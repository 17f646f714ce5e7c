"""Types of the Data Catalog (Hive's) as DuckDB's."""

_SIMPLE = {
    "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "integer": "INTEGER",
    "bigint": "BIGINT", "float": "FLOAT", "real": "FLOAT", "double": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP",
    "binary": "BLOB", "varbinary": "BLOB", "decimal": "DECIMAL(10,0)",
}  # fmt: skip


def duck_type(text: str | None) -> str:
    """The type that a Hive type's values have in DuckDB; what is not known is text."""
    kind = (text or "string").strip().lower()
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind.startswith("decimal("):
        return kind.upper()
    inner = kind[kind.find("<") + 1 : -1] if kind.endswith(">") else ""
    if kind.startswith("array<"):
        return f"{duck_type(inner)}[]"
    if kind.startswith("map<"):
        key, value = _parts(inner)
        return f"MAP({duck_type(key)}, {duck_type(value)})"
    if kind.startswith("struct<"):
        members = (part.split(":", 1) for part in _parts(inner))
        return "STRUCT(" + ", ".join(f'"{name.strip()}" {duck_type(of)}' for name, of in members) + ")"
    return "VARCHAR"


def _parts(text: str) -> list[str]:
    """Parts between commas that are in no brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
