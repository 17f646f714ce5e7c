"""Statements of Athena: what kind one is, and what those that are no queries do to the Data Catalog ("DDL statements", Amazon Athena
User Guide)."""

import base64
import json
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

import duckdb
from ministack.services import athena as base
from sqlglot import exp

from . import catalog, translate
from .errors import QueryFailed
from .objects import Objects
from .relations import view_definition
from .values import Column, glue_type


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
    for pattern, kind, build in _CATALOG:
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
    ddl = base._parse_ddl(text)
    if not isinstance(ddl, base._CreateTable):
        raise QueryFailed("line 1:8: mismatched input. Expecting: a CREATE TABLE statement that Athena knows")
    if not ddl.external and not ddl.iceberg:
        raise QueryFailed("External keyword required for table type HIVE")
    return Statement("create", "DDL", action=(_run_create, ddl))


def _run_create(ddl, database: str, _objects):
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


def _create_view(text: str, _cursor) -> Statement:
    found = re.fullmatch(r"create\s+(or\s+replace\s+)?view\s+([\w.\"`]+)\s+as\s+(.*)", text, re.IGNORECASE | re.DOTALL)
    if not found:
        raise QueryFailed("line 1:1: mismatched input. Expecting: CREATE [OR REPLACE] VIEW name AS query")
    translate.parse(found.group(3))
    return Statement("view", "DDL", action=(_run_create_view, found))


def _run_create_view(found, database: str, objects: Objects):
    from .relations import Relations

    replace, name, query = found.groups()
    owner, view = _split(name, database)
    there = catalog.table(owner, view)
    if there is not None and not replace:
        raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: 'awsdatacatalog.{owner}.{view}'")
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET integer_division = true")
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


def execute(statement: Statement, database: str, objects: Objects):
    """Carries out a statement of the catalog's: columns and rows that it shows."""
    run, found = statement.action
    return run(found, database, objects)


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
_CATALOG = [
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
