"""Statements that change or show the Data Catalog ("DDL statements", Amazon Athena User Guide): each takes what was found in its text,
the database and S3, and gives the columns and rows that it shows."""

import base64
import json
import re
from urllib.parse import unquote

import duckdb
from ministack.services import athena as base

from . import catalog, translate
from .errors import QueryFailed
from .objects import Objects
from .relations import Relations, view_definition
from .values import Column, glue_type


def create_table(ddl, database: str, _objects):
    if ddl.iceberg:
        raise QueryFailed("NOT_SUPPORTED: Iceberg tables are not supported on the local cloud")
    owner = (ddl.database or database).lower()
    if catalog.table(owner, ddl.table.lower()) is not None:
        if ddl.if_not_exists:
            return [], []
        raise QueryFailed(f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Table {ddl.table} already exists)")
    table_input = base._create_table_input(ddl)
    table_input["Name"] = ddl.table.lower()
    for column in [*table_input["StorageDescriptor"]["Columns"], *table_input["PartitionKeys"]]:
        column["Name"] = column["Name"].lower()
    catalog.create_table(owner, table_input)
    return [], []


def create_view(found, database: str, objects: Objects):
    replace, name, query = found.groups()
    owner, view = _split(name, database)
    there = catalog.table(owner, view)
    if there is not None and not replace:
        raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.{owner}.{view}'")
    with duckdb.connect(":memory:") as connection:
        described = connection.sql(Relations(connection, objects).make(translate.translate(translate.parse(query), database)))
        shown = [(name.lower(), kind) for name, kind in zip(described.columns, described.types)]
        columns = [{"Name": name, "Type": glue_type(kind)} for name, kind in shown]
        presto = [{"name": name, "type": Column(name, kind).kind} for name, kind in shown]
    definition = {"originalSql": query, "catalog": "awsdatacatalog", "schema": database, "columns": presto}
    encoded = base64.b64encode(json.dumps(definition).encode()).decode()
    table_input = {
        "Name": view,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": columns, "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": "/* Presto View */",
    }
    if there is None:
        catalog.create_table(owner, table_input)
    else:
        catalog.update_table(owner, table_input)
    return [], []


_FORMATS = {"PARQUET": "parquet", "ORC": "orc", "AVRO": "avro", "TEXTFILE": "textfile"}
_JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"


def created_table_input(name: str, types: dict[str, str], keys: list[str], location: str, options: dict) -> dict:
    """The catalog's entry of a table that a query makes."""
    kind = str(options.get("format", "PARQUET")).upper()
    if kind == "JSON":
        input_format, output_format, serde = (*base._STORED_AS["textfile"][:2], _JSON_SERDE)
    elif kind in _FORMATS:
        input_format, output_format, serde = base._STORED_AS[_FORMATS[kind]]
    else:
        raise QueryFailed(f"INVALID_TABLE_PROPERTY: Unable to set table property 'format' to ['{kind}']")
    parameters = {"serialization.format": "1"}
    if kind == "TEXTFILE":
        parameters["field.delim"] = options.get("field_delimiter", "\x01")
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
        "PartitionKeys": [{"Name": key, "Type": types[key]} for key in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": kind} for column, kind in types.items() if column not in keys],
            "Location": location,
            "InputFormat": input_format,
            "OutputFormat": output_format,
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
            "NumberOfBuckets": -1,
            "Compressed": False,
        },
    }


def _split(name: str, database: str) -> tuple[str, str]:
    parts = [part.strip('"`').lower() for part in name.split(".")]
    return (parts[-2] if len(parts) > 1 else database), parts[-1]


def unescape(text: str) -> str:
    """A partition's value as its folder spells it."""
    return unquote(text)


def _lines(name: str, lines: list[str]):
    with duckdb.connect() as connection:
        kind = connection.sql("SELECT ''").types[0]
    return [Column(name, kind)], [[line] for line in lines]


def _table_of(found, database: str) -> tuple[str, str, dict]:
    owner, name = _split(found["name"], database)
    return owner, name, catalog.require_table(owner, name)


def _create_database(found, _database, _objects):
    name = found["name"].strip('"`').lower()
    if catalog.database_exists(name):
        if found["exists"]:
            return [], []
        raise QueryFailed(f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Database {name} already exists")
    comment = re.sub(r"\\(.)", r"\1", (found["comment"] or "").replace("''", "'"))
    catalog.create_database(name, comment or None, found["location"])
    return [], []


def _drop_database(found, _database, _objects):
    name = found["name"].strip('"`').lower()
    if not catalog.database_exists(name):
        if found["exists"]:
            return [], []
        raise QueryFailed(f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}")
    held = catalog.tables(name)
    if held and not found["cascade"]:
        raise QueryFailed(f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)")
    for table in held:
        catalog.delete_table(name, table["Name"])
    catalog.delete_database(name)
    return [], []


def _drop_table(found, database, _objects):
    owner, name = _split(found["name"], database)
    table = catalog.table(owner, name)
    is_view = (table or {}).get("TableType") == "VIRTUAL_VIEW"
    if table is None or is_view != (found["what"].lower() == "view"):
        if found["exists"]:
            return [], []
        raise QueryFailed(f"FAILED: SemanticException [Error 10001]: Table not found {owner}.{name}")
    catalog.delete_table(owner, name)
    return [], []


def _specs(text: str, keys: list[dict]) -> list[tuple[list[str], str | None]]:
    """`PARTITION (a = '1', b = 2) LOCATION 's3://…'`, any number of them."""
    specs = []
    pattern = r"partition\s*\(([^)]*)\)(?:\s*location\s*'([^']*)')?"
    for inner, location in re.findall(pattern, text, re.IGNORECASE):
        given = {name.lower().strip('"`'): quoted or plain for name, quoted, plain in re.findall(r"([\w\"`]+)\s*=\s*(?:'([^']*)'|([\w.-]+))", inner)}
        if set(given) != {key["Name"].lower() for key in keys}:
            raise QueryFailed("FAILED: SemanticException Partition spec {" + ", ".join(given) + "} contains non-partition columns")
        specs.append(([given[key["Name"].lower()] for key in keys], location or None))
    return specs


def _add_partitions(found, database, _objects):
    owner, name, table = _table_of(found, database)
    keys = table.get("PartitionKeys") or []
    known = [partition["Values"] for partition in catalog.partitions(owner, name)]
    for values, location in _specs(found["specs"], keys):
        if values in known:
            if found["exists"]:
                continue
            raise QueryFailed("FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. AlreadyExistsException(message:Partition already exists.)")
        folder = "/".join(f"{key['Name']}={value}" for key, value in zip(keys, values))
        catalog.add_partition(owner, name, values, location or f"{table['StorageDescriptor']['Location'].rstrip('/')}/{folder}")
    return [], []


def _drop_partitions(found, database, _objects):
    owner, name, table = _table_of(found, database)
    known = [partition["Values"] for partition in catalog.partitions(owner, name)]
    for values, _ in _specs(found["specs"], table.get("PartitionKeys") or []):
        if values in known:
            catalog.drop_partition(owner, name, values)
        elif not found["exists"]:
            raise QueryFailed("FAILED: SemanticException [Error 10006]: Partition not found")
    return [], []


def _repair(found, database, objects: Objects):
    """Adds the partitions whose folders are there, in Hive's form; what has none stays."""
    owner, name, table = _table_of(found, database)
    keys = [key["Name"].lower() for key in table.get("PartitionKeys") or []]
    location = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
    known = [partition["Values"] for partition in catalog.partitions(owner, name)]
    prefix = location.split("/", 3)[3] if location.count("/") > 2 else ""
    lines, added = [], []
    for key in objects.keys(location):
        folders = key[len(prefix) :].split("/")[:-1][: len(keys)]
        pairs = [folder.split("=", 1) for folder in folders]
        if len(pairs) != len(keys) or [pair[0].lower() for pair in pairs] != keys:
            continue
        values = [unescape(pair[1]) for pair in pairs]
        if values in known or values in added:
            continue
        added.append(values)
        catalog.add_partition(owner, name, values, location + "/".join(folders))
        lines.append(f"{name}:" + "/".join(folders))
    if not added:
        return _lines("result", [])
    shown = ["Partitions not in metastore:\t" + "\t".join(lines)]
    return _lines("result", shown + [f"Repair: Added partition to metastore {line}" for line in lines])


def _set_properties(found, database, _objects):
    owner, _, table = _table_of(found, database)
    changed = dict(re.findall(r"'([^']*)'\s*=\s*'([^']*)'", found["properties"]))
    catalog.update_table(owner, {**table, "Parameters": {**(table.get("Parameters") or {}), **changed}})
    return [], []


def _set_location(found, database, _objects):
    owner, _, table = _table_of(found, database)
    storage = {**table["StorageDescriptor"], "Location": found["location"].rstrip("/")}
    catalog.update_table(owner, {**table, "StorageDescriptor": storage})
    return [], []


def _add_columns(found, database, _objects):
    owner, _, table = _table_of(found, database)
    cursor = base._Cursor(found["columns"])
    added = [{**column, "Name": column["Name"].lower()} for column in base._column_list(cursor)]
    storage = table["StorageDescriptor"]
    columns = added if found["how"].lower() == "replace" else [*storage["Columns"], *added]
    catalog.update_table(owner, {**table, "StorageDescriptor": {**storage, "Columns": columns}})
    return [], []


def _like(pattern: str | None):
    expression = re.compile((pattern or "*").replace("*", ".*"), re.IGNORECASE)
    return lambda name: expression.fullmatch(name) is not None


def _show_databases(found, _database, _objects):
    return _lines("database_name", [name for name in catalog.databases() if _like(found["like"])(name)])


def _show_tables(found, database, _objects):
    owner = (found["in"] or database).strip('"`').lower()
    if not catalog.database_exists(owner):
        raise QueryFailed(f"FAILED: SemanticException [Error 10072]: Database does not exist: {owner}")
    views = found["what"].lower() == "views"
    shown = [table["Name"] for table in catalog.tables(owner) if not views or table.get("TableType") == "VIRTUAL_VIEW"]
    return _lines("views" if views else "tab_name", [name for name in shown if _like(found["like"])(name)])


def _show_partitions(found, database, _objects):
    owner, name, table = _table_of(found, database)
    keys = [key["Name"] for key in table.get("PartitionKeys") or []]
    if not keys:
        raise QueryFailed(f"FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Table {name} is not a partitioned table")
    rows = ["/".join(f"{key}={value}" for key, value in zip(keys, partition["Values"])) for partition in catalog.partitions(owner, name)]
    return _lines("partition", sorted(rows))


def _show_columns(found, database, _objects):
    _, _, table = _table_of(found, database)
    columns = [*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])]
    return _lines("field", [column["Name"] for column in columns])


def _show_properties(found, database, _objects):
    _, _, table = _table_of(found, database)
    return _lines("prpt_name", [f"{name}\t{value}" for name, value in (table.get("Parameters") or {}).items()])


def _show_create(found, database, _objects):
    owner, name, table = _table_of(found, database)
    if table.get("TableType") == "VIRTUAL_VIEW":
        return _lines("Create View", [f"CREATE VIEW {owner}.{name} AS", *view_definition(table)["originalSql"].split("\n")])

    def listed(columns):
        return ", \n".join(f"  `{column['Name']}` {column.get('Type', 'string')}" for column in columns)

    storage, keys = table["StorageDescriptor"], table.get("PartitionKeys") or []
    serde = storage.get("SerdeInfo") or {}
    text = f"CREATE EXTERNAL TABLE `{owner}.{name}`(\n{listed(storage['Columns'])})"
    if keys:
        text += f"\nPARTITIONED BY ( \n{listed(keys)})"
    text += f"\nROW FORMAT SERDE \n  '{serde.get('SerializationLibrary', '')}' "
    if serde.get("Parameters"):
        pairs = ", \n".join(f"  '{key}'='{value}'" for key, value in serde["Parameters"].items())
        text += f"\nWITH SERDEPROPERTIES ( \n{pairs}) "
    text += f"\nSTORED AS INPUTFORMAT \n  '{storage.get('InputFormat')}' \nOUTPUTFORMAT \n  '{storage.get('OutputFormat')}'"
    text += f"\nLOCATION\n  '{storage.get('Location')}'\nTBLPROPERTIES (\n"
    text += ", \n".join(f"  '{key}'='{value}'" for key, value in (table.get("Parameters") or {}).items()) + ")"
    return _lines("createtab_stmt", text.split("\n"))


def _describe(found, database, _objects):
    _, _, table = _table_of(found, database)
    keys = table.get("PartitionKeys") or []

    def line(column):
        return f"{column['Name']:<20}\t{column.get('Type', 'string'):<20}\t{column.get('Comment', ''):<20}"

    lines = [line(column) for column in [*table["StorageDescriptor"]["Columns"], *keys]]
    if keys:
        heading = f"{'# col_name':<20}\t{'data_type':<20}\t{'comment':<20}"
        lines += ["\t \t ", "# Partition Information\t \t ", heading, "\t \t ", *(line(key) for key in keys)]
    return _lines("col_name", lines)


_NAME = r"(?P<name>[\w.\"`-]+)"
_EXISTS = r"(?P<exists>if\s+exists\s+)?"
# Pattern of a statement, its kind, and what carries it out.
STATEMENTS = [
    (rf"create\s+(?:database|schema)\s+(?P<exists>if\s+not\s+exists\s+)?{_NAME}(?:\s+comment\s+'(?P<comment>(?:[^'\\]|\\.|'')*)')?(?:\s+location\s+'(?P<location>[^']*)')?(?:\s+with\s+.*)?", "create", _create_database),
    (rf"drop\s+(?:database|schema)\s+{_EXISTS}{_NAME}(?:\s+(?:(?P<cascade>cascade)|restrict))?", "drop", _drop_database),
    (rf"drop\s+(?P<what>table|view)\s+{_EXISTS}{_NAME}", "drop", _drop_table),
    (rf"alter\s+table\s+{_NAME}\s+add\s+(?P<exists>if\s+not\s+exists\s+)?(?P<specs>partition.*)", "alter", _add_partitions),
    (rf"alter\s+table\s+{_NAME}\s+drop\s+{_EXISTS}(?P<specs>partition.*)", "alter", _drop_partitions),
    (rf"alter\s+table\s+{_NAME}\s+set\s+tblproperties\s*\((?P<properties>.*)\)", "alter", _set_properties),
    (rf"alter\s+table\s+{_NAME}\s+set\s+location\s+'(?P<location>[^']*)'", "alter", _set_location),
    (rf"alter\s+table\s+{_NAME}\s+(?P<how>add|replace)\s+columns\s*(?P<columns>\(.*\))", "alter", _add_columns),
    (rf"msck\s+repair\s+table\s+{_NAME}", "msck", _repair),
    (r"show\s+(?:databases|schemas)(?:\s+like\s+'(?P<like>[^']*)')?", "show", _show_databases),
    (r"show\s+(?P<what>tables|views)(?:\s+in\s+(?P<in>[\w\"`]+))?(?:\s+(?:like\s+)?'(?P<like>[^']*)')?", "show", _show_tables),
    (rf"show\s+partitions\s+{_NAME}", "show", _show_partitions),
    (rf"show\s+columns\s+(?:in|from)\s+{_NAME}", "show", _show_columns),
    (rf"show\s+tblproperties\s+{_NAME}", "show", _show_properties),
    (rf"show\s+create\s+(?:table|view)\s+{_NAME}", "show", _show_create),
    (rf"desc(?:ribe)?\s+(?:extended\s+|formatted\s+)?{_NAME}", "describe", _describe),
]  # fmt: skip
