"""Tables of the Data Catalog, as they are read and kept up to date by jobs."""

import boto3

# Hive's classes by format: "StorageDescriptor structure" as crawlers and jobs write it.
_CLASSES = {
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
    "json": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
    "csv": (
        "org.apache.hadoop.mapred.TextInputFormat",
        "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    ),
}


def table(database, name):
    """The table as GetTable shows it."""
    return boto3.client("glue").get_table(DatabaseName=database, Name=name)["Table"]


def partitions(database, name):
    """All partitions of a table."""
    pages = boto3.client("glue").get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name)
    return [partition for page in pages for partition in page.get("Partitions", [])]


def format_of(described):
    """(Glue's format, format options) of a table."""
    storage = described.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    library, parameters = serde.get("SerializationLibrary", ""), serde.get("Parameters", {})
    name = described.get("Parameters", {}).get("classification")
    if not name:
        name = next((kind for kind in ("parquet", "orc", "avro", "json") if kind in library.lower()), "csv")
    if name != "csv":
        return name, {}
    own = described.get("Parameters", {})
    options = {
        "separator": parameters.get("field.delim") or parameters.get("separatorChar") or own.get("delimiter") or ",",
        "withHeader": own.get("skip.header.line.count", parameters.get("skip.header.line.count", "0")) != "0",
    }
    if "quoteChar" in parameters:
        options["quoteChar"] = parameters["quoteChar"]
    return name, options


def storage_of(name, path, columns):
    """StorageDescriptor of data in a format at a path. `columns`: [(name, Hive type)]."""
    input_format, output_format, library = _CLASSES["parquet" if name == "glueparquet" else name]
    parameters = {"field.delim": ","} if name == "csv" else {"serialization.format": "1"}
    return {
        "Columns": [{"Name": column, "Type": kind} for column, kind in columns],
        "Location": path,
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "Compressed": False,
        "SerdeInfo": {"SerializationLibrary": library, "Parameters": parameters},
    }


def update(database, name, format_name, path, frame, keys, written, behavior):
    """Brings a table up to date with what was written: its columns, and a partition for each of `written` (lists of values)."""
    from botocore.exceptions import ClientError

    glue = boto3.client("glue")
    types = [(field.name.lower(), field.dataType.simpleString()) for field in frame.schema.fields]
    columns = [(column, kind) for column, kind in types if column not in keys]
    storage = storage_of(format_name, path, columns)
    described = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet" if format_name == "glueparquet" else format_name},
        "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": key, "Type": dict(types)[key]} for key in keys],
    }
    try:
        before = table(database, name)
        if behavior == "UPDATE_IN_DATABASE":
            had = {column["Name"]: column["Type"] for column in before["StorageDescriptor"]["Columns"]}
            merged = [(column, dict(columns).get(column, kind)) for column, kind in had.items()]
            merged += [(column, kind) for column, kind in columns if column not in had]
            if merged != list(had.items()):
                glue.update_table(
                    DatabaseName=database,
                    TableInput={
                        **described,
                        "Parameters": {**before.get("Parameters", {}), **described["Parameters"]},
                        "StorageDescriptor": storage_of(format_name, before["StorageDescriptor"]["Location"], merged),
                    },
                )
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException":
            raise
        glue.create_table(DatabaseName=database, TableInput=described)
    inputs = [
        {
            "Values": values,
            "StorageDescriptor": {
                **storage,
                "Location": "/".join([path.rstrip("/"), *(f"{key}={value}" for key, value in zip(keys, values))]),
            },
        }
        for values in written
    ]
    for start in range(0, len(inputs), 100):
        answer = glue.batch_create_partition(
            DatabaseName=database, TableName=name, PartitionInputList=inputs[start : start + 100]
        )
        failed = [e for e in answer.get("Errors", []) if e["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException"]
        if failed:
            raise RuntimeError(f"partitions of {database}.{name} were not created: {failed}")
