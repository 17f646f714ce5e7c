"""CSV files with headers of their own as rows of text: RFC 4180, in UTF-8; a field without quotes that is empty is null."""

import csv
import io
import re

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

import messages

# A header is within the first bytes of its file.
HEADER_BYTES = 65_536
# What Spark makes null. An empty text would be taken for null as well if this were empty.
NULL = "\u0000null\u0000"
# Names of objects that stand in paths as they are.
PLAIN = re.compile(r"^[\w./=~-]*$", re.ASCII)


def column_names(header: list) -> list:
    """The header's names as the table can have them: small letters, digits, `_`; each once, and none that the table gives itself."""
    names = []
    for position, text in enumerate(header):
        name = re.sub(r"[^a-z0-9_]+", "_", text.strip().lower()).strip("_") or f"column_{position + 1}"
        if name in messages.OWN_NAMES:
            name = f"x_{name}"
        copies = [other for other in names if other == name or re.fullmatch(re.escape(name) + r"_\d+", other)]
        names.append(f"{name}_{len(copies) + 1}" if name in names else name)
    return names


def header_of(s3, bucket: str, key: str) -> tuple:
    """The names of a file's columns; none for a file that is empty."""
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read(HEADER_BYTES).decode("utf-8-sig", errors="replace")
    return tuple(column_names(next(csv.reader(io.StringIO(text, newline="")), [])))


def extra_columns(headers: list) -> list:
    """Columns beyond the known ones, by name. A header that is no message's adds none to the table."""
    fitting = [header for header in headers if set(messages.REQUIRED) <= set(header)]
    return sorted({name for header in fitting for name in header} - set(messages.KINDS))


def _file_name(keys: list):
    """The key of the file that a row was read from; Spark has it as a URL, encoded where it needs to be."""
    path = F.input_file_name()
    if not all(PLAIN.match(key) for key in keys):
        path = F.expr("reflect('java.net.URLDecoder', 'decode', replace(input_file_name(), '+', '%2B'), 'UTF-8')")
    return F.regexp_replace(path, r"^\w+://[^/]+/", "")


def _read(spark: SparkSession, bucket: str, header: tuple, keys: list) -> DataFrame:
    """Files of one header."""
    fields = [StructField(name, StringType()) for name in (*header, messages.BROKEN)]
    return (
        spark.read.schema(StructType(fields))
        .option("header", True)
        .option("multiLine", True)
        .option("lineSep", "\n")
        .option("quote", '"')
        .option("escape", '"')
        .option("nullValue", NULL)
        .option("emptyValue", "")
        .option("mode", "PERMISSIVE")
        .option("columnNameOfCorruptRecord", messages.BROKEN)
        .csv([f"s3://{bucket}/{key}" for key in keys])
        .withColumn(messages.SOURCE, _file_name(keys))
    )


def read_rows(spark: SparkSession, bucket: str, headers: dict, extras: list) -> DataFrame:
    """All rows of files (key -> header), every one with all known columns and the extras, null where its file has none."""
    by_header = {}
    for key, header in headers.items():
        by_header.setdefault(header, []).append(key)
    wanted = [*messages.KINDS, *extras]
    parts = []
    for header, keys in sorted(by_header.items()):
        frame = _read(spark, bucket, header, keys)
        columns = [F.col(name) if name in header else F.lit(None).cast("string").alias(name) for name in wanted]
        parts.append(frame.select(*columns, messages.BROKEN, messages.SOURCE))
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.unionByName(part)
    return rows
