"""Transformations as classes: "PySpark extension types" and "GlueTransform base class", AWS Glue Developer Guide."""

from ..dynamicframe import DynamicFrameCollection


class GlueTransform:
    """A transformation that scripts call as `Name.apply(frame=…, …)`."""

    @classmethod
    def apply(cls, *args, **options):
        return cls()(*args, **options)

    @classmethod
    def name(cls):
        return cls.__name__


def _of(method, doc):
    """The transform that is a frame's method of the same arguments."""

    def __call__(self, frame, *args, **options):
        return getattr(frame, method)(*args, **options)

    return {"__call__": __call__, "__doc__": doc}


ApplyMapping = type("ApplyMapping", (GlueTransform,), _of("apply_mapping", "Renames, casts and chooses columns."))
SelectFields = type("SelectFields", (GlueTransform,), _of("select_fields", "Keeps the columns at `paths`."))
DropFields = type("DropFields", (GlueTransform,), _of("drop_fields", "Leaves out the columns at `paths`."))
ResolveChoice = type("ResolveChoice", (GlueTransform,), _of("resolveChoice", "Makes ambiguous columns unambiguous."))
Unnest = type("Unnest", (GlueTransform,), _of("unnest", "Makes columns of the members of structs."))
UnnestFrame = Unnest
Unbox = type("Unbox", (GlueTransform,), _of("unbox", "Makes structs of texts in JSON."))
SplitFields = type("SplitFields", (GlueTransform,), _of("split_fields", "Two frames, by columns."))
SplitRows = type("SplitRows", (GlueTransform,), _of("split_rows", "Two frames, by rows."))
Filter = type("Filter", (GlueTransform,), _of("filter", "Keeps the rows for which `f` is true."))
Map = type("Map", (GlueTransform,), _of("map", "Rows as `f` makes them."))


class RenameField(GlueTransform):
    """Renames one column."""

    def __call__(self, frame, old_name, new_name, transformation_ctx="", **options):
        return frame.rename_field(old_name, new_name)


class Join(GlueTransform):
    """The rows of two frames with equal keys."""

    def __call__(self, frame1, frame2, keys1, keys2, transformation_ctx=""):
        return frame1.join(keys1, keys2, frame2)


class DropNullFields(GlueTransform):
    """Leaves out the columns whose type is null."""

    def __call__(self, frame, transformation_ctx="", **options):
        return frame.without_nulls()


class DropDuplicates(GlueTransform):
    """Keeps one of equal rows, or of rows equal in `keys`."""

    def __call__(self, frame, keys=None, transformation_ctx=""):
        return type(frame).fromDF(frame.toDF().dropDuplicates(keys), frame.glue_ctx, frame.name)


class SelectFromCollection(GlueTransform):
    """One frame of a collection."""

    def __call__(self, dfc, key, transformation_ctx=""):
        return dfc[key]


class MapToCollection(GlueTransform):
    """Each frame of a collection as a function makes it."""

    def __call__(self, dfc, callable, transformation_ctx=""):
        return dfc.map(callable)


__all__ = [
    "ApplyMapping", "DropDuplicates", "DropFields", "DropNullFields", "DynamicFrameCollection", "Filter", "GlueTransform",
    "Join", "Map", "MapToCollection", "RenameField", "ResolveChoice", "SelectFields", "SelectFromCollection", "SplitFields",
    "SplitRows", "Unbox", "Unnest", "UnnestFrame",
]
