"""Workgroups: their defaults, and the rules of Athena that ministack does not keep."""

import re

from ministack.core.responses import error_response_json
from ministack.services import athena as base

_LEAST_CUTOFF = 10_000_000
_DEFAULTS = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "RequesterPaysEnabled": False,
    "ResultConfiguration": {},
}


def _invalid(message: str):
    return error_response_json("InvalidRequestException", message, 400, extra={"AthenaErrorCode": "INVALID_INPUT"})


def configuration_of(group: dict) -> dict:
    """A workgroup's configuration with what it does not say."""
    own = group.get("Configuration") or {}
    engine = {"SelectedEngineVersion": (own.get("EngineVersion") or {}).get("SelectedEngineVersion", "AUTO")}
    enforced = {} if group.get("Name") != "primary" else {"EnforceWorkGroupConfiguration": False}
    return {**_DEFAULTS, **enforced, **own, "EngineVersion": {**engine, "EffectiveEngineVersion": "Athena engine version 3"}}


def _problem(configuration: dict) -> str | None:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and int(cutoff) < _LEAST_CUTOFF:
        return (
            f"1 validation error detected: Value '{cutoff}' at 'configuration.bytesScannedCutoffPerQuery' failed to satisfy "
            f"constraint: Member must have value greater than or equal to {_LEAST_CUTOFF}"
        )
    return None


def install() -> None:
    create, update, delete, get = base._create_workgroup, base._update_workgroup, base._delete_workgroup, base._get_workgroup

    def create_workgroup(data):
        if not re.fullmatch(r"[a-zA-Z0-9._-]{1,128}", data.get("Name") or ""):
            return _invalid("1 validation error detected: Value at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}")
        problem = _problem(data.get("Configuration") or {})
        return _invalid(problem) if problem else create(data)

    def update_workgroup(data):
        updates = data.get("ConfigurationUpdates") or {}
        problem = _problem(updates)
        if problem:
            return _invalid(problem)
        answer = update(data)
        group = base._workgroups.get(data.get("WorkGroup"))
        if group and updates.get("RemoveBytesScannedCutoffPerQuery"):
            group.get("Configuration", {}).pop("BytesScannedCutoffPerQuery", None)
        return answer

    def delete_workgroup(data):
        name = data.get("WorkGroup")
        if name not in base._workgroups:
            return _invalid(f"WorkGroup {name} is not found.")
        queries = [key for key, query in base._named_queries.items() if query.get("WorkGroup") == name]
        prepared = [key for key in base._prepared_statements.keys() if key.startswith(f"{name}/")]
        executions = [key for key, execution in base._executions.items() if execution.get("WorkGroup") == name]
        if (queries or prepared or executions) and not data.get("RecursiveDeleteOption"):
            return _invalid(f"WorkGroup {name} is not empty")
        for store, keys in ((base._named_queries, queries), (base._prepared_statements, prepared), (base._executions, executions)):
            for key in keys:
                store.pop(key, None)
        return delete(data)

    def get_workgroup(data):
        group = base._workgroups.get(data.get("WorkGroup"))
        if group is None:
            return _invalid(f"WorkGroup {data.get('WorkGroup')} is not found.")
        kept, group["Configuration"] = group.get("Configuration"), configuration_of(group)
        try:
            return get(data)
        finally:
            group["Configuration"] = kept

    base._create_workgroup, base._update_workgroup = create_workgroup, update_workgroup
    base._delete_workgroup, base._get_workgroup = delete_workgroup, get_workgroup
