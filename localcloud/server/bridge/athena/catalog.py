"""The Glue Data Catalog as Athena sees it: names in lower case, `AwsDataCatalog` only."""

import json

from ministack.services import glue

from .errors import QueryFailed


def _checked(answer, what: str):
    status, _, body = answer
    if status >= 300:
        raise QueryFailed(f"FAILED: {what}: {json.loads(body).get('message', 'refused by AWS Glue')}")


def database_exists(name: str) -> bool:
    return name in glue._databases


def databases() -> list[str]:
    return sorted(glue._databases.keys())


def create_database(name: str, comment: str | None, location: str | None) -> None:
    given = {"Description": comment, "LocationUri": location}
    database = {"Name": name, **{key: value for key, value in given.items() if value}}
    _checked(glue._create_database({"DatabaseInput": database}), name)


def delete_database(name: str) -> None:
    _checked(glue._delete_database({"Name": name}), name)


def table(database: str, name: str) -> dict | None:
    return glue._tables.get(f"{database}/{name}")


def require_table(database: str, name: str) -> dict:
    found = table(database, name)
    if found is None:
        raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{database}.{name}' does not exist")
    return found


def tables(database: str) -> list[dict]:
    return [found for key, found in sorted(glue._tables.items()) if key.startswith(f"{database}/")]


def create_table(database: str, table_input: dict) -> None:
    if not database_exists(database):
        raise QueryFailed(f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}")
    _checked(glue._create_table({"DatabaseName": database, "TableInput": table_input}), table_input["Name"])


_INPUT_MEMBERS = (
    "Name", "Description", "Owner", "LastAccessTime", "LastAnalyzedTime", "Retention", "StorageDescriptor", "PartitionKeys",
    "ViewOriginalText", "ViewExpandedText", "TableType", "Parameters", "TargetTable",
)  # fmt: skip


def update_table(database: str, changed: dict) -> None:
    table_input = {member: changed[member] for member in _INPUT_MEMBERS if member in changed}
    _checked(glue._update_table({"DatabaseName": database, "TableInput": table_input}), changed["Name"])


def delete_table(database: str, name: str) -> None:
    _checked(glue._delete_table({"DatabaseName": database, "Name": name}), name)


def partitions(database: str, name: str) -> list[dict]:
    return list(glue._partitions.get(f"{database}/{name}") or [])


def add_partition(database: str, name: str, values: list[str], location: str) -> None:
    storage = {**require_table(database, name).get("StorageDescriptor", {}), "Location": location}
    partition = {"Values": values, "StorageDescriptor": storage, "Parameters": {}}
    _checked(glue._create_partition({"DatabaseName": database, "TableName": name, "PartitionInput": partition}), name)


def drop_partition(database: str, name: str, values: list[str]) -> None:
    request = {"DatabaseName": database, "TableName": name, "PartitionValues": values}
    _checked(glue._delete_partition(request), name)
