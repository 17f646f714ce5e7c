"""Types and values of results: DuckDB's as Athena shows them."""

import csv
import datetime
import decimal
import io
import json
import re

_TYPES = {
    "boolean": "boolean", "tinyint": "tinyint", "smallint": "smallint", "integer": "integer", "bigint": "bigint",
    "utinyint": "smallint", "usmallint": "integer", "uinteger": "bigint", "ubigint": "bigint", "hugeint": "bigint",
    "uhugeint": "bigint", "bignum": "bigint", "float": "float", "double": "double", "varchar": "varchar", "char": "char", "json": "json",
    "uuid": "uuid", "blob": "varbinary", "date": "date", "time": "time", "timestamp": "timestamp", "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp", "timestamp_ns": "timestamp", "timestamp with time zone": "timestamp with time zone",
    "interval": "interval day to second", "enum": "varchar", "decimal": "decimal", "list": "array", "array": "array",
    "map": "map", "struct": "row", '"null"': "unknown", "null": "unknown",
}  # fmt: skip
# ColumnInfo's Precision and Scale, as GetQueryResults gives them.
_PRECISIONS = {
    "tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "float": 17, "double": 17, "varchar": 2147483647, "timestamp": 3,
    "timestamp with time zone": 3, "varbinary": 1073741824,
}  # fmt: skip
_GLUE_TYPES = {"integer": "int", "varchar": "string", "varbinary": "binary", "json": "string", "unknown": "string", "timestamp with time zone": "timestamp"}


class Column:
    """One column of a result."""

    def __init__(self, name: str, duck_type):
        self.name, self.duck = name, duck_type
        text = str(duck_type)
        self.kind = "json" if text == "JSON" else _TYPES.get(duck_type.id, "varchar")
        self.precision, self.scale = _PRECISIONS.get(self.kind, 0), 0
        if self.kind == "decimal":
            self.precision, self.scale = (int(part) for part in re.findall(r"\d+", text))

    def info(self) -> dict:
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.kind,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.kind in ("varchar", "char"),
        }


def glue_type(duck_type) -> str:
    """A type as the Data Catalog has it."""
    kind = _TYPES.get(duck_type.id, "varchar")
    if kind == "decimal":
        return str(duck_type).lower()
    if kind == "array":
        return f"array<{glue_type(duck_type.children[0][1])}>"
    if kind == "map":
        return "map<" + ",".join(glue_type(child) for _, child in duck_type.children) + ">"
    if kind == "row":
        return "struct<" + ",".join(f"{name}:{glue_type(child)}" for name, child in duck_type.children) + ">"
    return _GLUE_TYPES.get(kind, kind)


def text_of(value, kind: str = "") -> str | None:
    """A value as a result's text; None for NULL."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex(" ")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_nested(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_nested(key)}={_nested(item)}" for key, item in value.items()) + "}"
    return str(value)


def _nested(value) -> str:
    text = text_of(value)
    return "null" if text is None else text


def _double(value: float) -> str:
    """As Java prints a double: plain from a thousandth to ten million, with an exponent beyond."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return format(decimal.Decimal(text), "f") if "e" in text else text
    sign, digits, exponent = decimal.Decimal(repr(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + exponent - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def csv_of(columns: list[str], rows: list[list[str | None]]) -> bytes:
    """A result's object: everything quoted, NULL as nothing."""
    out = io.StringIO()
    for row in [columns, *rows]:
        out.write(",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in row) + "\n")
    return out.getvalue().encode()


def metadata_of(columns: list[Column]) -> bytes:
    """What lies beside a result: its columns. Athena's own format is not documented."""
    return json.dumps({"columnInfo": [column.info() for column in columns]}).encode()


def text_lines(rows: list[list[str | None]]) -> bytes:
    """A statement's result that is no table: tab-separated lines."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, escapechar="\\", quotechar=None)
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
    return out.getvalue().encode()
