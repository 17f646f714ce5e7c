"""What Athena asks of a query whose rows become a table ("CREATE TABLE AS" and "Considerations and limitations for CTAS queries", Amazon
Athena User Guide)."""

from sqlglot import exp

from .errors import QueryFailed
from .values import Column

_MOST_PARTITIONS = 100
_OPTIONS = (
    "format", "write_compression", "compression", "external_location", "partitioned_by", "field_delimiter", "orc_compression",
    "parquet_compression", "compression_level", "table_type", "is_external", "include_header",
)  # fmt: skip


def require_options(options: dict, enforced: bool) -> None:
    """Raises QueryFailed for a property that does not exist, or that the workgroup, which decides where tables lie, forbids."""
    if enforced and "external_location" in options:
        raise QueryFailed(
            "The Create Table As Select query failed because it was submitted with an 'external_location' property to an Athena Workgroup "
            "that enforces a centralized output location for all queries. Please remove the 'external_location' property and resubmit the query."
        )
    if "bucketed_by" in options or "bucket_count" in options:
        raise QueryFailed("NOT_SUPPORTED: bucketed tables are not supported on the local cloud")
    if str(options.get("table_type", "hive")).lower() != "hive":
        raise QueryFailed("NOT_SUPPORTED: Iceberg tables are not supported on the local cloud")
    for name in options:
        if name not in _OPTIONS:
            raise QueryFailed(f"INVALID_TABLE_PROPERTY: line 1:8: Catalog 'awsdatacatalog' table property '{name}' does not exist")


def require_columns(tree: exp.Expression, described) -> None:
    """Raises QueryFailed for a column without a name, or with one that is there twice, or of no type that a table can have."""
    query = tree
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    for at, one in enumerate(query.expressions if isinstance(query, exp.Select) else [], start=1):
        if not (isinstance(one, (exp.Alias, exp.Column, exp.Dot, exp.Star)) or one.is_star):
            raise QueryFailed(f"MISSING_COLUMN_NAME: line 1:8: Column name not specified at position {at}")
    seen = set()
    for name in (name.lower() for name in described.columns):
        if name in seen:
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: line 1:8: Column name '{name}' specified more than once")
        seen.add(name)
    require_types(described)


def require_types(described) -> None:
    for at, (name, kind) in enumerate(zip(described.columns, described.types), start=1):
        shown = Column(name, kind).kind
        if shown == "unknown":
            raise QueryFailed(f"COLUMN_TYPE_UNKNOWN: line 1:8: Column type is unknown at position {at}")
        if shown in ("timestamp with time zone", "time", "uuid", "json", "interval day to second"):
            exact = shown.replace("timestamp", "timestamp(3)").replace("time ", "time(3) ", shown == "time")
            raise QueryFailed(f"NOT_SUPPORTED: Unsupported Hive type: {exact}")


def require_partitions(count: int) -> None:
    if count > _MOST_PARTITIONS:
        raise QueryFailed(f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {_MOST_PARTITIONS} open writers for partitions/buckets")
