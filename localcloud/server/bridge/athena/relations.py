"""A table of the Data Catalog as a relation of DuckDB: the files of the partitions that a query needs, read as the table says."""

import base64
import json
from datetime import datetime, timezone

import duckdb
from sqlglot import exp

from . import catalog, functions_sql, information, projection, translate
from .errors import QueryFailed
from .hive_types import duck_type
from .objects import Objects, split_location
from .texts import literal, quoted

# Athena's hidden column: the object that a row comes from.
PATH = "$path"
_NOTHING = "\x02\x02nothing\x02\x02"
# Stands between the columns of text that has but one.
_NEVER = "\x02\x03\x02\x03"
# Longest line of a text file. DuckDB's buffer would be sixteen times as much: more than a query has for a file whose size it cannot
# tell, as of a compressed one.
_LINE_BYTES = 64 << 20



class Relations:
    """Makes the relations of one query, on its connection; counts what they read."""

    def __init__(self, connection, objects: Objects):
        self._connection, self._objects = connection, objects
        self.bytes_scanned = 0
        # Time zones of the columns of what was made last, by their places.
        self.zones: dict[int, str] = {}
        self._macros: set[str] = set()

    def prepared(self, sql: str) -> str:
        """The text, all macros that it needs being there."""
        for macro in functions_sql.macros(sql, self._macros):
            self._connection.execute(macro)
        return sql

    def make(self, translated: translate.Translated) -> str:
        """Makes everything that the query stands on. Returns its text for DuckDB."""
        for use in translated.tables:
            described = information.body(use.database, use.name)
            if described is not None:
                self._connection.execute(f"CREATE TEMP VIEW {quoted(use.relation)} AS {described}")
                continue
            table = catalog.require_table(use.database, use.name)
            if table.get("TableType") == "VIRTUAL_VIEW":
                body = self._view(table, use)
            else:
                body = self._table(table, use, translated.columns)
            self._connection.execute(f"CREATE TEMP VIEW {quoted(use.relation)} AS {body}")
        sql, self.zones, aliases = translated.for_engine()
        sql = self.prepared(sql)
        for name, everything in aliases:
            self._require_column(name, everything)
        return sql

    def _require_column(self, name: str, everything: str) -> None:
        try:
            there = self._connection.sql(self.prepared(everything)).columns
        except duckdb.Error:
            # What is wrong there, the query itself will tell.
            return
        if name not in (column.lower() for column in there):
            raise QueryFailed(f"COLUMN_NOT_FOUND: line 1:8: Column '{name}' cannot be resolved")

    def _view(self, table: dict, use: translate.TableUse) -> str:
        definition = view_definition(table)
        tree = translate.parse(definition["originalSql"])
        inner = translate.translate(tree, definition.get("schema") or use.database, prefix=f"{use.relation.strip('_')}_")
        return self.make(inner)

    def _table(self, table: dict, use: translate.TableUse, wanted: set[str] | None) -> str:
        storage = table.get("StorageDescriptor") or {}
        columns = storage.get("Columns") or []
        keys = [key for key in table.get("PartitionKeys") or []]
        found = self._files(table, use, keys)
        if not found:
            every = [*columns, *keys, *([{"Name": PATH}] if PATH in (wanted or ()) else [])]
            shown = [f"CAST(NULL AS {duck_type(column.get('Type'))}) AS {quoted(column['Name'])}" for column in every]
            return f"SELECT {', '.join(shown) or '1'} WHERE false"
        if wanted is not None and PATH in wanted:
            # The object of a row is known like a partition's key.
            keys = [*keys, {"Name": PATH, "Type": "string"}]
            found = [(path, size, [*values, self._objects.name_of(path)]) for path, size, values in found]
        files = [path for path, _, _ in found]
        reading, shown, scanned = _reader(table, files, columns, wanted, self._connection)
        self.bytes_scanned += sum(size for _, size, _ in found) if scanned is None else scanned
        if not keys:
            return f"SELECT {', '.join(shown)} FROM {reading} AS d"
        partitions = f"{use.relation}_partitions"
        names = ", ".join(f"{quoted(key['Name'])} VARCHAR" for key in keys)
        self._connection.execute(f"CREATE TEMP TABLE {quoted(partitions)} (__file VARCHAR, {names})")
        places = ", ".join("?" for _ in range(len(keys) + 1))
        self._connection.executemany(
            f"INSERT INTO {quoted(partitions)} VALUES ({places})", [[path, *values] for path, _, values in found]
        )
        shown += [f"CAST(p.{quoted(key['Name'])} AS {duck_type(key.get('Type'))}) AS {quoted(key['Name'])}" for key in keys]
        return f"SELECT {', '.join(shown)} FROM {reading} AS d JOIN {quoted(partitions)} AS p ON d.filename = p.__file"

    def _files(self, table: dict, use: translate.TableUse, keys: list[dict]) -> list[tuple[str, int, list]]:
        """Files with their sizes and the values of their partition."""
        location = (table.get("StorageDescriptor") or {}).get("Location") or ""
        if not keys:
            return [(*self._objects.file(split_location(location)[0], key), []) for key in self._objects.keys(location)]
        names = [key["Name"].lower() for key in keys]
        own = [condition for condition in use.conditions if {c.name.lower() for c in condition.find_all(exp.Column)} <= set(names)]
        parameters = table.get("Parameters") or {}
        if projection.is_projected(parameters):
            now = datetime.now(timezone.utc)
            types = {key["Name"].lower(): key.get("Type") or "string" for key in keys}
            partitions = projection.projected(parameters, types, location, translate.equalities(own), now)
        else:
            partitions = [
                (partition["Values"], (partition.get("StorageDescriptor") or {}).get("Location") or location)
                for partition in catalog.partitions(use.database, use.name)
            ]
        found = []
        for values, place in self._pruned(partitions, keys, own):
            bucket = split_location(place)[0]
            values = [None if value == "__HIVE_DEFAULT_PARTITION__" else value for value in values]
            found += [(*self._objects.file(bucket, key), values) for key in self._objects.keys(place)]
        return found

    def _pruned(self, partitions: list, keys: list[dict], conditions: list[exp.Expression]) -> list:
        if not conditions or not partitions:
            return partitions
        columns = ", ".join(quoted(key["Name"]) for key in keys)
        typed = ", ".join(f"TRY_CAST({quoted(key['Name'])} AS {duck_type(key.get('Type'))}) AS {quoted(key['Name'])}" for key in keys)
        texts = ", ".join(f"{quoted(key['Name'])} VARCHAR" for key in keys)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE __candidates ({texts}, __at INTEGER)")
        places = ", ".join("?" for _ in range(len(keys) + 1))
        self._connection.executemany(
            f"INSERT INTO __candidates VALUES ({places})", [[*values, at] for at, (values, _) in enumerate(partitions)]
        )
        test = self.prepared(" AND ".join(f"({translate.duck(functions_sql.rewrite(condition.copy()))})" for condition in conditions))
        rows = self._connection.execute(
            f"SELECT __at FROM (SELECT {typed}, __at FROM __candidates) AS c({columns}, __at) WHERE {test} ORDER BY __at"
        ).fetchall()
        return [partitions[at] for (at,) in rows]


def view_definition(table: dict) -> dict:
    """What a view was made of: `/* Presto View: <base64> */`."""
    text = (table.get("ViewOriginalText") or "").removeprefix("/* Presto View: ").removesuffix(" */")
    try:
        return json.loads(base64.b64decode(text))
    except ValueError as error:
        raise QueryFailed(f"INVALID_VIEW: View '{table.get('Name')}' has no definition that Athena wrote") from error


def format_of(table: dict) -> str:
    storage = table.get("StorageDescriptor") or {}
    classes = f"{storage.get('InputFormat', '')} {(storage.get('SerdeInfo') or {}).get('SerializationLibrary', '')}".lower()
    found = next((name for name in ("parquet", "orc", "avro", "json", "regex") if name in classes), None)
    return found or ((table.get("Parameters") or {}).get("classification") or "csv").lower()


def _reader(table: dict, files: list[str], columns: list[dict], wanted: set[str] | None, connection):
    """The relation that reads the files, the columns as the table has them, and how much that reads (None: everything)."""
    serde = (table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
    kind, paths = format_of(table), "[" + ", ".join(literal(path) for path in files) + "]"
    if kind == "parquet":
        reading = f"read_parquet({paths}, union_by_name = true, filename = true, hive_partitioning = false)"
        present = {row[0].lower(): row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {reading}").fetchall()}
        return reading, [_typed(column, present.get(column["Name"].lower())) for column in columns], _parquet_bytes(connection, paths, wanted)
    if kind == "json":
        types = ", ".join(f"{literal(column['Name'])}: {literal(duck_type(column.get('Type')))}" for column in columns)
        reading = f"read_json({paths}, format = 'newline_delimited', columns = {{{types}}}, filename = true, hive_partitioning = false"
        # A line that is no JSON is a row of nothing, if the table says so.
        lenient = str((serde.get("Parameters") or {}).get("ignore.malformed.json", "")).lower() == "true"
        reading += ", ignore_errors = true)" if lenient else ")"
        return reading, [f"d.{quoted(column['Name'])}" for column in columns], None
    if kind in ("orc", "avro"):
        raise QueryFailed(f"NOT_SUPPORTED: the local cloud reads no {kind.upper()} files")
    if kind == "regex":
        pattern = (serde.get("Parameters") or {}).get("input.regex") or ""
        lines = f"columns = {{'line': 'VARCHAR'}}, delim = {literal(_NEVER)}, quote = '', escape = '', {_lines(table)}"
        reading = f"read_csv({paths}, auto_detect = false, header = false, {lines}, filename = true, hive_partitioning = false)"
        return reading, [_from_text(column, _group(pattern, at)) for at, column in enumerate(columns, start=1)], None
    raw = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(columns)))
    reading = f"read_csv({paths}, auto_detect = false, header = false, columns = {{{raw}}}, {_csv_options(table)}, filename = true, hive_partitioning = false)"
    return reading, [_from_text(column, f"d.c{at}") for at, column in enumerate(columns)], None


def _group(pattern: str, at: int) -> str:
    """A group of RegexSerDe's: nothing where the whole line does not match."""
    return f"(CASE WHEN regexp_full_match(d.line, {literal(pattern)}) THEN regexp_extract(d.line, {literal(pattern)}, {at}) END)"


def _typed(column: dict, present: str | None) -> str:
    name, kind = quoted(column["Name"]), duck_type(column.get("Type"))
    return f"CAST({'NULL' if present is None else 'd.' + quoted(present)} AS {kind}) AS {name}"


def _from_text(column: dict, source: str) -> str:
    kind = duck_type(column.get("Type"))
    return f"{source if kind == 'VARCHAR' else f'TRY_CAST({source} AS {kind})'} AS {quoted(column['Name'])}"


def _csv_options(table: dict) -> str:
    """The SerDe's parameters: OpenCSVSerDe quotes, LazySimpleSerDe does not ("CSV SerDe libraries", Amazon Athena User Guide)."""
    serde = (table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}
    parameters, library = serde.get("Parameters") or {}, serde.get("SerializationLibrary") or ""
    if "OpenCSVSerde" in library:
        delimiter, quote, null = parameters.get("separatorChar", ","), parameters.get("quoteChar", '"'), _NOTHING
    else:
        delimiter = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
        delimiter = "\x01" if delimiter == "1" else delimiter
        quote, null = "", parameters.get("serialization.null.format", "\\N")
    return f"delim = {literal(delimiter)}, quote = {literal(quote)}, escape = {literal(quote)}, nullstr = {literal(null)}, {_lines(table)}"


def _lines(table: dict) -> str:
    """How lines of a text file are read."""
    serde = ((table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}).get("Parameters") or {}
    skip = (table.get("Parameters") or {}).get("skip.header.line.count") or serde.get("skip.header.line.count") or "0"
    return (
        f"skip = {int(skip)}, null_padding = true, strict_mode = false, parallel = false, "
        f"max_line_size = {_LINE_BYTES}, buffer_size = {_LINE_BYTES}"
    )


def _parquet_bytes(connection, paths: str, wanted: set[str] | None) -> int:
    """Compressed bytes of the columns that are read: of the others, Athena reads nothing."""
    names = "" if wanted is None else f"WHERE lower(split_part(path_in_schema, ', ', 1)) IN ({', '.join(map(literal, sorted(wanted))) or 'NULL'})"
    (total,) = connection.execute(f"SELECT coalesce(sum(total_compressed_size), 0) FROM parquet_metadata({paths}) {names}").fetchone()
    return int(total)
