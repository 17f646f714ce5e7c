"""Reading into frames: paths in S3 and tables of the Data Catalog."""

from functools import reduce

from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from . import catalog, objects
from .formats import reader_options, spark_format


class UnsupportedSource(Exception):
    """A kind of connection that the local cloud has not."""


def _load(spark, name, options, paths, base=None, schema=None):
    reader = spark.read.format(spark_format(name)).options(**reader_options(name, options))
    reader = reader.option("basePath", base) if base else reader.option("recursiveFileLookup", "true")
    if name in ("parquet", "glueparquet") and not schema:
        reader = reader.option("mergeSchema", "true")
    if schema:
        reader = reader.schema(schema)
    return reader.load(paths)


def empty(spark):
    """A frame without rows and columns: what a source without new data gives."""
    return spark.createDataFrame([], StructType([]))


def from_options(context, connection_type, connection_options, name, format_options, transformation_ctx):
    """A DataFrame of the data at `connection_options["paths"]`; with a bookmark, of what is new there."""
    if connection_type != "s3":
        raise UnsupportedSource(f"connections of type {connection_type!r} are not supported by the local cloud; use 's3'")
    paths = connection_options.get("paths") or [connection_options["path"]]
    recurse = str(connection_options.get("recurse", False)).lower() == "true"
    exclusions = connection_options.get("exclusions") or []
    if isinstance(exclusions, str):
        import json

        exclusions = json.loads(exclusions)
    found = [entry for path in paths for entry in objects.listing(path, recurse, exclusions)]
    files = context.bookmark.unread(transformation_ctx, found) if _tracked(context, transformation_ctx) else [n for n, _ in found]
    if not files:
        return empty(context.spark_session)
    return _load(context.spark_session, name, format_options, files)


def _tracked(context, transformation_ctx):
    return bool(transformation_ctx) and context.bookmark.tracks


def from_catalog(context, database, table_name, push_down_predicate, transformation_ctx, additional_options):
    """A DataFrame of a table: its columns, then its partition keys; `push_down_predicate` is about the latter."""
    described = catalog.table(database, table_name)
    storage, keys = described["StorageDescriptor"], described.get("PartitionKeys") or []
    name, options = catalog.format_of(described)
    places = [(storage["Location"], [])]
    if keys:
        found = catalog.partitions(database, table_name)
        places = [(each["StorageDescriptor"]["Location"], each["Values"]) for each in found]
        if push_down_predicate:
            places = _pruned(context.spark_session, places, keys, push_down_predicate)
    exclusions = (additional_options or {}).get("exclusions") or []
    parts = []
    for location, values in places:
        listed = objects.listing(location, True, exclusions)
        if _tracked(context, transformation_ctx):
            parts.append((listed, values))
        elif listed:
            parts.append(([file for file, _ in listed], values))
    if _tracked(context, transformation_ctx):
        everything = [entry for listed, _ in parts for entry in listed]
        new = set(context.bookmark.unread(transformation_ctx, everything))
        parts = [([file for file, _ in listed if file in new], values) for listed, values in parts]
        parts = [(files, values) for files, values in parts if files]
    if not parts:
        return empty(context.spark_session)
    frames = [
        _with_keys(_columns(_load(context.spark_session, name, options, files), storage["Columns"], name), keys, values)
        for files, values in parts
    ]
    return reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)


def _columns(frame, columns, name):
    """The frame with the table's names and types; text files know neither."""
    if name == "csv":
        named = frame.toDF(*[column["Name"] for column in columns][: len(frame.columns)]) if _is_unnamed(frame) else frame
        known = {column.lower(): column for column in named.columns}
        return named.select(
            *[F.col(f"`{known[c['Name']]}`").cast(c["Type"]).alias(c["Name"]) for c in columns if c["Name"] in known]
        )
    return frame


def _is_unnamed(frame):
    return all(column == f"_c{index}" for index, column in enumerate(frame.columns))


def _with_keys(frame, keys, values):
    for key, value in zip(keys, values):
        frame = frame.withColumn(key["Name"], F.lit(value).cast(key["Type"]))
    return frame


def _pruned(spark, places, keys, predicate):
    if not places:
        return places
    names = ["__place", *(key["Name"] for key in keys)]
    known = spark.createDataFrame([(index, *values) for index, (_, values) in enumerate(places)], names)
    for key in keys:
        known = known.withColumn(key["Name"], F.col(key["Name"]).cast(key["Type"]))
    kept = {row["__place"] for row in known.where(predicate).select("__place").collect()}
    return [place for index, place in enumerate(places) if index in kept]
