"""What ministack's Data Catalog lacks: the versions of tables, and changes of partitions."""

import copy
import json

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response
from ministack.services import glue

# "database/table" → the versions that were replaced, the oldest first.
_versions = AccountRegionScopedDict()


def _key(data: dict, name: str) -> str:
    return f"{data.get('DatabaseName')}/{name}"


def _is_error(answer) -> bool:
    return answer[0] >= 400


def _versions_of(key: str) -> list[dict]:
    """All versions of a table, the newest first."""
    table = glue._tables.get(key)
    return [copy.deepcopy(table), *reversed(_versions.get(key, []))] if table else []


def _missing(name: str):
    return error_response_json("EntityNotFoundException", f"Table {name} not found.", 400)


def _get_table_versions(data: dict):
    name = data.get("TableName", "")
    found = _versions_of(_key(data, name))
    if not found:
        return _missing(name)
    start, size = int(data.get("NextToken") or 0), int(data.get("MaxResults") or 100)
    body = {"TableVersions": [{"Table": each, "VersionId": each["VersionId"]} for each in found[start : start + size]]}
    if start + size < len(found):
        body["NextToken"] = str(start + size)
    return json_response(body)


def _get_table_version(data: dict):
    name, wanted = data.get("TableName", ""), data.get("VersionId")
    found = _versions_of(_key(data, name))
    if not found:
        return _missing(name)
    version = next((each for each in found if wanted in (None, each["VersionId"])), None)
    if version is None:
        return error_response_json("EntityNotFoundException", f"Version {wanted} of table {name} not found.", 400)
    return json_response({"TableVersion": {"Table": version, "VersionId": version["VersionId"]}})


def _forget(key: str, version: str) -> dict | None:
    """The reason why a version cannot be deleted, or None when it is."""
    kept = _versions.get(key, [])
    if not any(each["VersionId"] == version for each in kept):
        return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Version {version} not found."}
    _versions[key] = [each for each in kept if each["VersionId"] != version]
    return None


def _delete_table_version(data: dict):
    error = _forget(_key(data, data.get("TableName", "")), data.get("VersionId", ""))
    return error_response_json(error["ErrorCode"], error["ErrorMessage"], 400) if error else json_response({})


def _batch_delete_table_version(data: dict):
    name = data.get("TableName", "")
    outcomes = [(version, _forget(_key(data, name), version)) for version in data.get("VersionIds", [])]
    errors = [{"TableName": name, "VersionId": version, "ErrorDetail": error} for version, error in outcomes if error]
    return json_response({"Errors": errors})


def _batch_delete_partition(data: dict):
    if _key(data, data.get("TableName", "")) not in glue._tables:
        return _missing(data.get("TableName", ""))
    errors = []
    for entry in data.get("PartitionsToDelete", []):
        answer = glue._delete_partition({**data, "PartitionValues": entry.get("Values", [])})
        if _is_error(answer):
            detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found"}
            errors.append({"PartitionValues": entry.get("Values", []), "ErrorDetail": detail})
    return json_response({"Errors": errors})


def _update_partition(data: dict):
    given = data.get("PartitionInput") or {}
    # The input may leave the values out, and may also move the partition to others.
    entry = {
        "PartitionValueList": data.get("PartitionValueList", []),
        "PartitionInput": {"Values": data.get("PartitionValueList", []), **given},
    }
    outcome = glue._batch_update_partition({**data, "Entries": [entry]})
    errors = [] if _is_error(outcome) else json.loads(outcome[2]).get("Errors", [])
    if errors:
        detail = errors[0]["ErrorDetail"]
        return error_response_json(detail["ErrorCode"], detail["ErrorMessage"], 400)
    return outcome if _is_error(outcome) else json_response({})


_OPERATIONS = {
    "UpdatePartition": _update_partition,
    "GetTableVersions": _get_table_versions,
    "GetTableVersion": _get_table_version,
    "DeleteTableVersion": _delete_table_version,
    "BatchDeleteTableVersion": _batch_delete_table_version,
    "BatchDeletePartition": _batch_delete_partition,
}


def answer(operation: str, body: bytes):
    """The answer to an operation that ministack lacks, or None."""
    handler = _OPERATIONS.get(operation)
    if handler is None:
        return None
    try:
        return handler(json.loads(body or b"{}"))
    except ValueError as error:
        return error_response_json("SerializationException", str(error), 400)


def install() -> None:
    """Keeps what an update of a table replaces."""
    update_table, delete_table, batch_delete_table = glue._update_table, glue._delete_table, glue._batch_delete_table
    delete_database = glue._delete_database

    def _update_table(data):
        key = _key(data, (data.get("TableInput") or {}).get("Name"))
        before = copy.deepcopy(glue._tables.get(key))
        outcome = update_table(data)
        if before and not _is_error(outcome):
            table = glue._tables[key]
            if "Retention" in data["TableInput"]:
                table["Retention"] = data["TableInput"]["Retention"]
            if data.get("SkipArchive"):
                table["VersionId"] = before["VersionId"]
            else:
                _versions[key] = [*_versions.get(key, []), before]
        return outcome

    def _delete_table(data):
        outcome = delete_table(data)
        if not _is_error(outcome):
            _versions.pop(_key(data, data.get("Name")), None)
        return outcome

    def _batch_delete_table(data):
        outcome = batch_delete_table(data)
        for name in data.get("TablesToDelete", []):
            if _key(data, name) not in glue._tables:
                _versions.pop(_key(data, name), None)
        return outcome

    def _delete_database(data):
        outcome = delete_database(data)
        for key in [key for key in _versions if key.startswith(f"{data.get('Name')}/")]:
            if key not in glue._tables:
                _versions.pop(key, None)
        return outcome

    glue._update_table, glue._delete_table = _update_table, _delete_table
    glue._batch_delete_table, glue._delete_database = _batch_delete_table, _delete_database
