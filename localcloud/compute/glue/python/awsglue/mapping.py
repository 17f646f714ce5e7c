"""ApplyMapping: columns chosen, renamed, cast and nested, as expressions of Spark."""

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StructType

# Glue's names of types, where Spark has another.
_TYPES = {"long": "bigint", "short": "smallint", "byte": "tinyint", "bool": "boolean", "integer": "int"}


def spark_type(name):
    """Spark's spelling of a type of Glue."""
    return _TYPES.get(name.lower(), name)


def split_path(path):
    """`a.b` → ["a", "b"]; a part in backticks keeps its dots."""
    parts, part, quoted = [], "", False
    for character in path:
        if character == "`":
            quoted = not quoted
        elif character == "." and not quoted:
            parts.append(part)
            part = ""
        else:
            part += character
    return [*parts, part]


def has_path(schema, parts):
    """Whether a schema has a column at a path."""
    kind = schema
    for part in parts:
        while isinstance(kind, ArrayType):
            kind = kind.elementType
        if not isinstance(kind, StructType):
            return False
        names = {name.lower(): name for name in kind.names}
        if part.lower() not in names:
            return False
        kind = kind[names[part.lower()]].dataType
    return True


def column(parts):
    """The column at a path."""
    return F.col(".".join(f"`{part}`" for part in parts))


def normalized(mapping):
    """(source path, target path, target type or None) of a mapping of two, three or four parts."""
    if len(mapping) == 2:
        return split_path(mapping[0]), split_path(mapping[1]), None
    if len(mapping) == 3:
        return split_path(mapping[0]), split_path(mapping[0]), mapping[2]
    source, _, target, kind = mapping
    return split_path(source), split_path(target), kind


def apply(frame, mappings, case_sensitive=False):
    """The frame's columns as the mappings say; a source that is not there is left out, as Glue does."""
    tree = {}
    for source, target, kind in map(normalized, mappings):
        if not has_path(frame.schema, source) and has_path(frame.schema, [".".join(source)]):
            source = [".".join(source)]
        if not has_path(frame.schema, source):
            continue
        value = column(source)
        if kind:
            value = value.cast(spark_type(kind))
        place = tree
        for part in target[:-1]:
            place = place.setdefault(part, {})
        place[target[-1]] = value
    return frame.select(*[_built(value).alias(name) for name, value in tree.items()])


def _built(value):
    if not isinstance(value, dict):
        return value
    return F.struct(*[_built(inner).alias(name) for name, inner in value.items()])
