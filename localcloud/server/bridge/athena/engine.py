"""Runs one query: a connection of its own to DuckDB, the relations it needs, and what it writes."""

import os
import re
import shutil
import tempfile

import duckdb

from . import catalog, created, ddl, statements, translate, zones
from .errors import QueryFailed
from .functions import comparisons
from .hive_types import duck_type
from .objects import Objects, split_location
from .relations import Relations, format_of
from .texts import literal, quoted
from .values import Column, glue_type, text_of

# What a query may take of the machine before it writes to disk.
_MEMORY = "1GB"
_CHUNK = 10_000
_TEXT_ENDINGS = {"gzip": ".gz", "zstd": ".zst", "none": ""}


class Result:
    """What a query gives: a table (`columns` with `rows`), or lines of a statement."""

    def __init__(self, columns: list[Column] | None = None, rows: list | None = None):
        self.columns, self.rows = columns or [], rows or []
        self.bytes_scanned = 0
        self.update_count = 0
        # Objects that the query wrote, for its manifest.
        self.manifest: list[str] = []


class Engine:
    """One query's run. `interrupt` may be called from another thread."""

    def __init__(self, folder: str, objects: Objects, database: str, query_id: str, output: str, cutoff: int | None, enforced: bool = False):
        """`enforced`: the workgroup decides where tables lie."""
        self._folder, self._objects, self._database = folder, objects, database
        self._query_id, self._output, self._cutoff, self._enforced = query_id, output, cutoff, enforced
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        self._interrupted = True
        if self._connection is not None:
            self._connection.interrupt()

    def run(self, statement: "statements.Statement") -> Result:
        os.makedirs(self._folder, exist_ok=True)
        scratch = tempfile.mkdtemp(prefix="query-", dir=self._folder)
        try:
            with duckdb.connect(":memory:") as connection:
                self._connection = connection
                self._configure(connection, scratch)
                if self._interrupted:
                    raise QueryFailed("Query was cancelled by user")
                return self._run(connection, statement, scratch)
        except duckdb.InterruptException as error:
            raise QueryFailed("Query was cancelled by user") from error
        except duckdb.Error as error:
            raise QueryFailed(self._objects.unnamed(_reason(error), self._folder)) from error
        finally:
            self._connection = None
            shutil.rmtree(scratch, ignore_errors=True)
            self._objects.tidy()

    def _configure(self, connection, scratch: str) -> None:
        for setting in (
            "SET TimeZone = 'UTC'",
            f"SET memory_limit = '{_MEMORY}'",
            f"SET temp_directory = {literal(scratch)}",
            f"SET allowed_directories = [{literal(self._folder)}]",
            "SET autoinstall_known_extensions = false",
            # A reader that was told of a cast would refuse what the cast lets pass.
            "SET disabled_optimizers = 'type_pushdown'",
            # A query reads its tables, and no other file of this machine.
            "SET enable_external_access = false",
        ):
            connection.execute(setting)

    def _run(self, connection, statement, scratch: str) -> Result:
        relations = Relations(connection, self._objects)
        if statement.kind == "query":
            return self._select(connection, relations, statement.tree)
        if statement.kind == "ctas":
            result = self._create_as(connection, relations, statement, scratch)
        elif statement.kind == "insert":
            result = self._insert(connection, relations, statement, scratch)
        elif statement.kind == "unload":
            result = self._unload(connection, relations, statement, scratch)
        else:
            return Result(*statements.execute(statement, self._database, self._objects))
        result.bytes_scanned = relations.bytes_scanned
        return result

    def _prepared(self, relations: Relations, tree) -> str:
        sql = relations.make(translate.translate(tree, self._database))
        if self._cutoff is not None and relations.bytes_scanned > self._cutoff:
            raise QueryFailed(f"Bytes scanned limit was exceeded. Limit: {self._cutoff} bytes, scanned: {relations.bytes_scanned} bytes")
        return sql

    def _select(self, connection, relations: Relations, tree) -> Result:
        sql = self._prepared(relations, tree)
        described = connection.sql(sql)
        columns = [Column(name, kind) for name, kind in zip(described.columns, described.types)]
        shown = relations.prepared(", ".join(_shown(column, at, relations.zones.get(at)) for at, column in enumerate(columns)))
        names = ", ".join(f"c{at}" for at in range(len(columns)))
        cursor = connection.execute(f"SELECT {shown} FROM ({sql}) AS result({names})")
        rows = []
        while chunk := cursor.fetchmany(_CHUNK):
            rows += [[text_of(value) for value in row] for row in chunk]
        result = Result(columns, rows)
        result.bytes_scanned = relations.bytes_scanned
        return result

    def _create_as(self, connection, relations: Relations, statement, scratch: str) -> Result:
        database, name = (statement.database or self._database).lower(), statement.name.lower()
        if catalog.table(database, name) is not None:
            if statement.if_not_exists:
                return Result()
            raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: Table 'awsdatacatalog.{database}.{name}' already exists")
        if not catalog.database_exists(database):
            raise QueryFailed(f"SCHEMA_NOT_FOUND: line 1:1: Schema {database} not found")
        options = statement.options
        created.require_options(options, self._enforced)
        keys = [key.lower() for key in options.get("partitioned_by", [])]
        location = options.get("external_location") or f"{self._output.rstrip('/')}/tables/{self._query_id}"
        location = location.rstrip("/") + "/"
        if self._objects.keys(location):
            raise QueryFailed(f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{database}.{name}' already exists: {location}")
        sql = self._prepared(relations, statement.tree)
        created.require_columns(statement.tree, connection.sql(sql))
        connection.execute(f"CREATE TEMP VIEW __created AS {sql}" + (" LIMIT 0" if statement.no_data else ""))
        described = connection.sql("SELECT * FROM __created")
        types = {column.lower(): glue_type(kind) for column, kind in zip(described.columns, described.types)}
        if list(types)[len(types) - len(keys) :] != keys:
            raise QueryFailed("HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order as the table properties: " + str(keys))
        table_input = ddl.created_table_input(name, types, keys, location.rstrip("/"), options)
        result = self._write(connection, "SELECT * FROM __created", table_input, keys, location, options, scratch)
        catalog.create_table(database, table_input)
        for values, place in result.partitions:
            catalog.add_partition(database, name, values, place)
        return result

    def _insert(self, connection, relations: Relations, statement, scratch: str) -> Result:
        database, name = (statement.database or self._database).lower(), statement.name.lower()
        table = catalog.require_table(database, name)
        columns = table["StorageDescriptor"]["Columns"]
        keys = [key["Name"] for key in table.get("PartitionKeys") or []]
        every = [*columns, *(table.get("PartitionKeys") or [])]
        given = [column.lower() for column in statement.columns] or [column["Name"].lower() for column in every]
        sql = self._prepared(relations, statement.tree)
        sources = connection.sql(sql).columns
        if len(sources) != len(given):
            raise QueryFailed("TYPE_MISMATCH: line 1:1: Insert query has mismatched column types")
        places = ", ".join(f"c{at}" for at in range(len(given)))
        shown = ", ".join(_inserted(column, given) for column in every)
        location = table["StorageDescriptor"]["Location"].rstrip("/") + "/"
        select = f"SELECT {shown} FROM ({sql}) AS given({places})"
        result = self._write(connection, select, table, keys, location, {}, scratch)
        known = [partition["Values"] for partition in catalog.partitions(database, name)]
        for values, place in result.partitions:
            if values not in known:
                catalog.add_partition(database, name, values, place)
        return result

    def _unload(self, connection, relations: Relations, statement, scratch: str) -> Result:
        location = statement.location.rstrip("/") + "/"
        if self._objects.keys(location):
            raise QueryFailed(f"HIVE_PATH_ALREADY_EXISTS: Target directory for table already exists: {location}")
        created.require_options(statement.options, False)
        sql = self._prepared(relations, statement.tree)
        described = connection.sql(sql)
        created.require_types(described)
        types = {column: glue_type(kind) for column, kind in zip(described.columns, described.types)}
        keys = statement.options.get("partitioned_by", [])
        shape = ddl.created_table_input("unload", types, keys, location, statement.options)
        return self._write(connection, sql, shape, keys, location, statement.options, scratch)

    def _write(self, connection, select: str, table: dict, keys: list[str], location: str, options: dict, scratch: str) -> Result:
        """Writes rows below a location in the table's format, in a folder for each partition."""
        target = os.path.join(scratch, "written")
        os.makedirs(target, exist_ok=True)
        count = connection.execute(f"SELECT count(*) FROM ({select})").fetchone()[0]
        copied, ending = _copy_options(table, options)
        result = Result()
        result.update_count, result.partitions = count, []
        if count == 0:
            return result
        if keys:
            by = ", ".join(quoted(key) for key in keys)
            created.require_partitions(connection.execute(f"SELECT count(*) FROM (SELECT DISTINCT {by} FROM ({select}))").fetchone()[0])
            connection.execute(f"COPY ({select}) TO {literal(target)} ({copied}, PARTITION_BY ({by}), FILENAME_PATTERN 'part_{{i}}')")
        else:
            connection.execute(f"COPY ({select}) TO {literal(os.path.join(target, 'part_0' + ending))} ({copied})")
        bucket, prefix = split_location(location)
        for folder, _, names in sorted(os.walk(target)):
            inner = os.path.relpath(folder, target)
            inner = "" if inner == "." else inner + "/"
            for at, name in enumerate(sorted(names)):
                key = f"{prefix}{inner}{self._query_id}_{at}{ending}"
                with open(os.path.join(folder, name), "rb") as file:
                    self._objects.put(bucket, key, file.read(), "application/octet-stream")
                result.manifest.append(f"s3://{bucket}/{key}")
            if inner and names:
                values = [ddl.unescape(part.split("=", 1)[1]) for part in inner.strip("/").split("/")]
                result.partitions.append((values, f"s3://{bucket}/{prefix}{inner}".rstrip("/")))
        return result


def _inserted(column: dict, given: list[str]) -> str:
    name = column["Name"].lower()
    source = f"c{given.index(name)}" if name in given else "NULL"
    return f"CAST({source} AS {duck_type(column.get('Type'))}) AS {quoted(column['Name'])}"


def _copy_options(table: dict, options: dict) -> tuple[str, str]:
    kind = format_of(table)
    compression = str(options.get("write_compression") or options.get("compression") or "").lower()
    if kind == "parquet":
        return f"FORMAT parquet, COMPRESSION {compression or 'gzip'}", ""
    if kind not in ("json", "csv", "text"):
        raise QueryFailed(f"NOT_SUPPORTED: the local cloud writes no {kind.upper()} files")
    if (compression or "gzip") not in _TEXT_ENDINGS:
        raise QueryFailed(f"NOT_SUPPORTED: the local cloud writes no text compressed by {compression.upper()}")
    copied, ending = f"COMPRESSION {compression or 'gzip'}", _TEXT_ENDINGS[compression or "gzip"]
    if kind == "json":
        return f"FORMAT json, {copied}", ending
    parameters = ((table.get("StorageDescriptor") or {}).get("SerdeInfo") or {}).get("Parameters") or {}
    delimiter = parameters.get("field.delim") or "\x01"
    return f"FORMAT csv, HEADER false, DELIMITER {literal(delimiter)}, QUOTE '', ESCAPE '', NULLSTR '\\N', {copied}", ending


def _shown(column: Column, at: int, zone: str | None) -> str:
    """Times with a zone become text here: Python needs a library for them."""
    if column.kind == "timestamp with time zone":
        instant = f"c{at}" if zone is None else f"timezone({literal(zones.region(zone))}, c{at})"
        return f"strftime({instant}, '%Y-%m-%d %H:%M:%S.%g') || {literal(' ' + (zone or 'UTC'))}"
    if column.kind == "interval day to second":
        return f"presto__interval_text(c{at})"
    return f"presto__text(c{at}, c{at})" if column.kind == "time" else f"CAST(c{at} AS VARCHAR)" if column.kind in ("uuid", "json") else f"c{at}"


def _reason(error: duckdb.Error) -> str:
    """An error of the engine below, under the name that Athena has for its kind."""
    text = str(error).strip()
    told = re.search(r"'presto!(.*)' to BOOL", text, re.DOTALL)
    if told:
        return told.group(1)
    mismatch = re.search(rf"{comparisons.MISMATCH}_([a-z]+_[A-Z]+_[A-Z]+)", text)
    if mismatch:
        return comparisons.words(mismatch.group(1))
    if "ivision by zero" in text:
        return "DIVISION_BY_ZERO: Division by zero"
    # What follows the first line is advice for users of that engine.
    text, kind = text.split("\n")[0], type(error).__name__
    name = {
        "BinderException": "COLUMN_NOT_FOUND" if "column" in text.lower() and "not found" in text.lower() else "TYPE_MISMATCH",
        "CatalogException": "FUNCTION_NOT_FOUND",
        "ConversionException": "INVALID_CAST_ARGUMENT",
        "InvalidInputException": "INVALID_FUNCTION_ARGUMENT",
        "OutOfMemoryException": "EXCEEDED_LOCAL_MEMORY_LIMIT",
        "OutOfRangeException": "NUMERIC_VALUE_OUT_OF_RANGE",
        "PermissionException": "PERMISSION_DENIED",
    }.get(kind, "GENERIC_USER_ERROR")
    return f"{name}: {text}"
