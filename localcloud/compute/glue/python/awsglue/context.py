"""The entry point of a job's script: "GlueContext class", AWS Glue Developer Guide."""

from pyspark.sql import SparkSession, SQLContext

from . import catalog, objects, sinks, sources
from .dynamicframe import DynamicFrame, DynamicFrameCollection
from .job import Bookmark


class GlueContext(SQLContext):
    """Wraps a SparkContext; reads and writes dynamic frames."""

    def __init__(self, sparkContext, **options):
        session = SparkSession(sparkContext) if not isinstance(sparkContext, SparkSession) else sparkContext
        super().__init__(session.sparkContext, session)
        self.spark_session = session
        self.bookmark = Bookmark()
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)

    @property
    def sc(self):
        return self.spark_session.sparkContext

    def get_logger(self):
        return self.sc._jvm.org.apache.log4j.LogManager.getLogger("GlueLogger")

    def setTempDir(self, path):
        self._temporary = path

    def create_dynamic_frame_from_rdd(self, data, name, schema=None, sample_ratio=None, transformation_ctx=""):
        return DynamicFrame(self.spark_session.createDataFrame(data, schema, sample_ratio), self, name)

    def create_dynamic_frame_from_catalog(
        self, database, table_name, redshift_tmp_dir="", transformation_ctx="", push_down_predicate="",
        additional_options=None, catalog_id=None, **options,
    ):
        frame = sources.from_catalog(self, database, table_name, push_down_predicate, transformation_ctx, additional_options)
        return DynamicFrame(frame, self, table_name)

    def create_dynamic_frame_from_options(
        self, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
        push_down_predicate="", **options,
    ):
        frame = sources.from_options(
            self, connection_type, connection_options or {}, format or "json", format_options or {}, transformation_ctx
        )
        return DynamicFrame(frame, self, transformation_ctx or "frame")

    def write_dynamic_frame_from_options(
        self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="",
        **options,
    ):
        if isinstance(frame, DynamicFrameCollection):
            for each in frame.values():
                self.write_dynamic_frame_from_options(each, connection_type, connection_options, format, format_options)
            return frame
        sink = self.getSink(connection_type, transformation_ctx=transformation_ctx, **(connection_options or {}))
        sink.setFormat(format or "json", **(format_options or {}))
        return sink.writeFrame(frame)

    def write_dynamic_frame_from_catalog(
        self, frame, database, table_name, redshift_tmp_dir="", transformation_ctx="", additional_options=None,
        catalog_id=None, **options,
    ):
        described = catalog.table(database, table_name)
        name, format_options = catalog.format_of(described)
        keys = [key["Name"] for key in described.get("PartitionKeys") or []]
        # Rows of a table that skips no header must not have one.
        format_options = {**format_options, "writeHeader": format_options.get("withHeader", True)}
        chosen = additional_options or {}
        sink = self.getSink(
            "s3",
            path=described["StorageDescriptor"]["Location"],
            partitionKeys=chosen.get("partitionKeys", keys),
            enableUpdateCatalog=chosen.get("enableUpdateCatalog", False),
            updateBehavior=chosen.get("updateBehavior", "UPDATE_IN_DATABASE"),
        )
        sink.setFormat(name, **format_options)
        sink.setCatalogInfo(database, table_name)
        return sink.writeFrame(frame)

    def getSink(self, connection_type, format=None, transformation_ctx="", **options):
        sink = sinks.DataSink(connection_type, **options)
        if format:
            sink.setFormat(format)
        return sink

    def purge_s3_path(self, s3_path, options=None, transformation_ctx="", catalog_id=None):
        objects.purge(s3_path, float((options or {}).get("retentionPeriod", 168)))

    def purge_table(self, database, table_name, options=None, transformation_ctx="", catalog_id=None):
        self.purge_s3_path(catalog.table(database, table_name)["StorageDescriptor"]["Location"], options)


class DynamicFrameReader:
    """`glueContext.create_dynamic_frame`."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_rdd(self, *args, **options):
        return self._glue_context.create_dynamic_frame_from_rdd(*args, **options)

    def from_options(self, *args, **options):
        return self._glue_context.create_dynamic_frame_from_options(*args, **options)

    def from_catalog(self, database=None, table_name=None, name_space=None, **options):
        return self._glue_context.create_dynamic_frame_from_catalog(database or name_space, table_name, **options)


class DataFrameReader(DynamicFrameReader):
    """`glueContext.create_data_frame`: the same, as Spark's own frames."""

    def from_options(self, *args, **options):
        return super().from_options(*args, **options).toDF()

    def from_catalog(self, *args, **options):
        return super().from_catalog(*args, **options).toDF()


class DynamicFrameWriter:
    """`glueContext.write_dynamic_frame`."""

    def __init__(self, glue_context):
        self._glue_context = glue_context

    def from_options(self, frame, connection_type, connection_options=None, format=None, format_options=None, transformation_ctx="", **options):
        return self._glue_context.write_dynamic_frame_from_options(
            frame, connection_type, connection_options, format, format_options, transformation_ctx
        )

    def from_catalog(self, frame, database=None, table_name=None, name_space=None, **options):
        return self._glue_context.write_dynamic_frame_from_catalog(frame, database or name_space, table_name, **options)


class DataFrameWriter(DynamicFrameWriter):
    """`glueContext.write_data_frame`."""

    def from_options(self, frame, *args, **options):
        return super().from_options(DynamicFrame.fromDF(frame, self._glue_context, "frame"), *args, **options)

    def from_catalog(self, frame, *args, **options):
        return super().from_catalog(DynamicFrame.fromDF(frame, self._glue_context, "frame"), *args, **options)
