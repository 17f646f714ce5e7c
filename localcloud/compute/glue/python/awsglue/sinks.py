"""Writing frames: paths in S3, and tables of the Data Catalog kept up to date with them."""

from pyspark.sql import functions as F

from . import catalog
from .formats import spark_format, writer_options
from .sources import UnsupportedSource


def write(frame, path, name, format_options, keys=()):
    """Adds a DataFrame's rows to what is at a path; nothing is there before all of it is. A frame without columns writes nothing."""
    if not frame.columns:
        return
    writer = frame.write.format(spark_format(name)).mode("append").options(**writer_options(name, format_options or {}))
    writer = writer.option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
    (writer.partitionBy(*keys) if keys else writer).save(path)


class DataSink:
    """What `GlueContext.getSink` gives: a place in S3 that may keep a table of the catalog up to date."""

    def __init__(self, connection_type, path=None, partitionKeys=(), enableUpdateCatalog=False, updateBehavior="UPDATE_IN_DATABASE", **options):
        if connection_type != "s3":
            raise UnsupportedSource(f"connections of type {connection_type!r} are not supported by the local cloud; use 's3'")
        self._path = path
        self._keys = list(partitionKeys or [])
        self._updates = str(enableUpdateCatalog).lower() == "true"
        self._behavior = updateBehavior
        self._compression = options.get("compression")
        self._format, self._options = "json", {}
        self._table = None

    def setFormat(self, format, **options):
        self._format, self._options = format, options

    def setCatalogInfo(self, catalogDatabase, catalogTableName, catalogId=""):
        self._table = (catalogDatabase, catalogTableName)

    def writeFrame(self, dynamic_frame, info=""):
        frame = dynamic_frame.toDF()
        options = {"compression": self._compression, **self._options} if self._compression else self._options
        write(frame, self._path, self._format, options, self._keys)
        if self._updates and self._table and frame.columns:
            catalog.update(*self._table, self._format, self._path, frame, self._keys, self._written(frame), self._behavior)
        return dynamic_frame

    def write(self, dynamic_frame_or_dfc, info=""):
        return self.writeFrame(dynamic_frame_or_dfc, info)

    def _written(self, frame):
        if not self._keys:
            return []
        rows = frame.select(*[F.col(key).cast("string") for key in self._keys]).distinct().collect()
        return [["__HIVE_DEFAULT_PARTITION__" if value is None else value for value in row] for row in rows]
