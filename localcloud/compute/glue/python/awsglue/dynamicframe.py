"""Dynamic frames on Spark's own frames: "DynamicFrame class", AWS Glue Developer Guide.

A column has one type here, so there are no choice types: what Spark's reader finds ambiguous is a string already.
"""

import json

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import NullType, Row, StructType

from . import mapping


class ResolveOption:
    """How `resolveChoice` treats one path."""

    def __init__(self, path, action, target=None):
        self.path, self.action, self.target = path, action, target


class DynamicFrame:
    """Rows with a schema. Every transformation gives a new frame."""

    def __init__(self, frame, glue_ctx, name=""):
        self._frame = frame
        self.glue_ctx = glue_ctx
        self._ssql_ctx = glue_ctx
        self._sc = frame.sparkSession.sparkContext
        self.name = name

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name):
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options=None):
        frame = self._frame
        for option in options or []:
            if option.action in ("Cast", "Project"):
                frame = frame.withColumn(option.path, F.col(option.path).cast(mapping.spark_type(str(option.target))))
        return frame

    def _with(self, frame, name=None):
        return DynamicFrame(frame, self.glue_ctx, name or self.name)

    def schema(self):
        return self._frame.schema

    def printSchema(self):
        self._frame.printSchema()

    def show(self, num_rows=20):
        for row in self._frame.limit(num_rows).toJSON().collect():
            print(row)

    def count(self):
        return self._frame.count() if self._frame.columns else 0

    def stageErrorsCount(self):
        return 0

    def errorsCount(self):
        return 0

    def errorsAsDynamicFrame(self):
        return self._with(self._frame.sparkSession.createDataFrame([], StructType([])), "errors")

    def assertErrorThreshold(self):
        return None

    def apply_mapping(self, mappings, case_sensitive=False, transformation_ctx="", **options):
        return self._with(mapping.apply(self._frame, mappings, case_sensitive))

    def select_fields(self, paths, transformation_ctx="", **options):
        kept = [path for path in paths if mapping.has_path(self._frame.schema, mapping.split_path(path))]
        return self.apply_mapping([(path, path) for path in kept])

    def drop_fields(self, paths, transformation_ctx="", **options):
        frame = self._frame
        for path in paths:
            parts = mapping.split_path(path)
            if len(parts) == 1:
                frame = frame.drop(parts[0])
            elif mapping.has_path(frame.schema, parts):
                inner = ".".join(f"`{part}`" for part in parts[1:])
                frame = frame.withColumn(parts[0], F.col(f"`{parts[0]}`").dropFields(inner))
        return self._with(frame)

    def rename_field(self, oldName, newName, transformation_ctx="", **options):
        old = mapping.split_path(oldName)
        if len(old) == 1:
            return self._with(self._frame.withColumnRenamed(old[0], ".".join(mapping.split_path(newName))))
        frame = self._frame.withColumn(".".join(mapping.split_path(newName)), mapping.column(old))
        return self._with(frame).drop_fields([oldName])

    def resolveChoice(self, specs=None, choice="", database=None, table_name=None, transformation_ctx="", **options):
        if choice == "match_catalog" or (database and table_name):
            from .catalog import table

            columns = table(database, table_name)["StorageDescriptor"]["Columns"]
            specs = [(column["Name"], f"cast:{column['Type']}") for column in columns]
        elif choice.startswith("cast:"):
            specs = [(name, choice) for name in self._frame.columns]
        frame = self._frame
        for path, action in specs or []:
            kind, _, target = action.partition(":")
            if kind not in ("cast", "project", "make_cols", "make_struct"):
                raise ValueError(f"resolveChoice has no action {action!r}")
            parts = mapping.split_path(path)
            # With one type there is nothing to make columns or a struct of.
            if kind in ("cast", "project") and mapping.has_path(frame.schema, parts):
                cast = mapping.column(parts).cast(mapping.spark_type(target))
                inner = ".".join(f"`{part}`" for part in parts[1:])
                frame = frame.withColumn(parts[0], F.col(f"`{parts[0]}`").withField(inner, cast) if inner else cast)
        return self._with(frame)

    def filter(self, f, transformation_ctx="", **options):
        if not callable(f):
            return self._with(self._frame.where(f))
        kept = self._frame.rdd.filter(lambda row: f(row.asDict(True)))
        return self._with(self._frame.sparkSession.createDataFrame(kept, self._frame.schema))

    def map(self, f, preservesPartitioning=False, transformation_ctx="", **options):
        mapped = self._frame.rdd.map(lambda row: json.dumps(f(row.asDict(True)), default=str, ensure_ascii=False), preservesPartitioning)
        return self._with(self._frame.sparkSession.read.json(mapped))

    def mapPartitions(self, f, preservesPartitioning=True, transformation_ctx="", **options):
        def each(rows):
            return (json.dumps(row, default=str, ensure_ascii=False) for row in f(row.asDict(True) for row in rows))

        return self._with(self._frame.sparkSession.read.json(self._frame.rdd.mapPartitions(each, preservesPartitioning)))

    def join(self, paths1, paths2, frame2, transformation_ctx="", **options):
        other = frame2.toDF()
        # Columns that both have: those of the second are marked, as Glue marks them.
        for name in set(self._frame.columns) & set(other.columns):
            other = other.withColumnRenamed(name, f".{name}")
            paths2 = [f".{path}" if path == name else path for path in paths2]
        condition = [self._frame[f"`{one}`"] == other[f"`{two}`"] for one, two in zip(paths1, paths2)]
        return self._with(self._frame.join(other, condition))

    def union(self, other_frame, transformation_ctx="", **options):
        return self._with(self._frame.unionByName(other_frame.toDF(), allowMissingColumns=True))

    def mergeDynamicFrame(self, stage_dynamic_frame, primary_keys, transformation_ctx="", options=None, **others):
        staged = stage_dynamic_frame.toDF()
        kept = self._frame.join(staged, list(primary_keys), "left_anti")
        return self._with(kept.unionByName(staged, allowMissingColumns=True))

    def split_fields(self, paths, name1, name2, transformation_ctx="", **options):
        parts = {name1: self.select_fields(paths), name2: self.drop_fields(paths)}
        return DynamicFrameCollection(parts, self.glue_ctx)

    def split_rows(self, comparison_dict, name1, name2, transformation_ctx="", **options):
        tests = [f"`{column}` {sign} {json.dumps(value)}" for column, each in comparison_dict.items() for sign, value in each.items()]
        matching = " AND ".join(tests)
        rest = self._frame.where(f"NOT coalesce({matching}, false)")
        return DynamicFrameCollection({name1: self._with(self._frame.where(matching)), name2: self._with(rest)}, self.glue_ctx)

    def unnest(self, transformation_ctx="", **options):
        frame = self._frame
        while any(isinstance(field.dataType, StructType) for field in frame.schema.fields):
            columns = []
            for field in frame.schema.fields:
                if isinstance(field.dataType, StructType):
                    columns += [F.col(f"`{field.name}`").getField(n).alias(f"{field.name}.{n}") for n in field.dataType.names]
                else:
                    columns.append(F.col(f"`{field.name}`"))
            frame = frame.select(*columns)
        return self._with(frame)

    def unbox(self, path, format, transformation_ctx="", **options):
        if format != "json":
            raise ValueError(f"unbox of {format!r} is not supported by the local cloud; it has 'json'")
        texts = self._frame.select(mapping.column(mapping.split_path(path)).alias("t")).where("t is not null").rdd.map(lambda row: row[0])
        schema = self._frame.sparkSession.read.json(texts).schema
        return self._with(self._frame.withColumn(path, F.from_json(F.col(f"`{path}`"), schema)))

    def repartition(self, num_partitions, transformation_ctx="", **options):
        return self._with(self._frame.repartition(num_partitions))

    def coalesce(self, num_partitions, shuffle=False, transformation_ctx="", **options):
        return self._with(self._frame.coalesce(num_partitions))

    def getNumPartitions(self):
        return self._frame.rdd.getNumPartitions()

    def without_nulls(self):
        """Without the columns whose type is null."""
        return self._with(self._frame.drop(*[f.name for f in self._frame.schema.fields if isinstance(f.dataType, NullType)]))

    def write(self, connection_type, connection_options, format=None, format_options=None, **options):
        return self.glue_ctx.write_dynamic_frame_from_options(self, connection_type, connection_options, format, format_options)


class DynamicFrameCollection:
    """Frames by name."""

    def __init__(self, dynamic_frames, glue_ctx):
        self._frames = dict(dynamic_frames)
        self.glue_ctx = glue_ctx

    def __getitem__(self, key):
        return self._frames[key]

    def __len__(self):
        return len(self._frames)

    def keys(self):
        return self._frames.keys()

    def values(self):
        return self._frames.values()

    def select(self, key, transformation_ctx=""):
        return self._frames[key]

    def map(self, callable, transformation_ctx=""):
        return DynamicFrameCollection({key: callable(frame, key) for key, frame in self._frames.items()}, self.glue_ctx)


__all__ = ["DataFrame", "DynamicFrame", "DynamicFrameCollection", "ResolveOption", "Row"]
