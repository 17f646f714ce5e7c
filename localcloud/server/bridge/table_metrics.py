"""DynamoDB's consumed capacity as metrics, namespace `AWS/DynamoDB` ("DynamoDB Metrics and dimensions"): by table, and by table and
global secondary index. ministack computes the units, when a request asks for them; here every request does."""

import json

from ministack.services import dynamodb

from . import metrics

_READ, _WRITE = "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"

# Operations that name their tables inside, and what they consume.
_MANY = {
    "_batch_write_item": _WRITE,
    "_batch_get_item": _READ,
    "_transact_write_items": _WRITE,
    "_transact_get_items": _READ,
}
# PartiQL statements, which say by their first word what they do; a batch of them executes each of its own.
_STATEMENTS = ("_execute_statement", "_execute_transaction")


def _publish(consumed: dict, metric: str) -> None:
    table = {"TableName": consumed.get("TableName", "")}
    indexes = consumed.get("GlobalSecondaryIndexes") or {}
    own = (consumed.get("Table") or {}).get("CapacityUnits")
    if own is None:
        own = consumed.get("CapacityUnits", 0.0) - sum(index["CapacityUnits"] for index in indexes.values())
    if own:
        metrics.count("AWS/DynamoDB", metric, table, float(own))
    for name, index in indexes.items():
        metrics.count("AWS/DynamoDB", metric, {**table, "GlobalSecondaryIndexName": name}, float(index["CapacityUnits"]))


def _asks(data: dict) -> bool:
    return data.get("ReturnConsumedCapacity", "NONE") != "NONE"


def _is_read(data: dict) -> bool:
    """Whether a request of PartiQL only reads: statements of one request are all of one kind."""
    statements = [data, *(data.get("TransactStatements") or [])]
    words = [word for one in statements if isinstance(one, dict) and (word := str(one.get("Statement") or "").strip())]
    return all(word[:6].upper() == "SELECT" for word in words)


def _counted(operation, metric_of):
    """An operation whose answer lists what each table gave."""

    def count(data):
        asked = data if _asks(data) else {**data, "ReturnConsumedCapacity": "INDEXES"}
        status, headers, body = operation(asked)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        consumed = answer.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            _publish(one, metric_of(data))
        if asked is data:
            return status, headers, body
        answer.pop("ConsumedCapacity", None)
        return status, headers, json.dumps(answer, ensure_ascii=False).encode()

    return count


def install() -> None:
    add = dynamodb._add_consumed_capacity

    def add_consumed_capacity(result, data, table_name, write=False, **items):
        add(result, data, table_name, write=write, **items)
        measured: dict = {}
        add(measured, {**data, "ReturnConsumedCapacity": "INDEXES"}, table_name, write=write, **items)
        _publish(measured["ConsumedCapacity"], _WRITE if write else _READ)

    dynamodb._add_consumed_capacity = add_consumed_capacity
    for name, metric in _MANY.items():
        setattr(dynamodb, name, _counted(getattr(dynamodb, name), lambda _data, metric=metric: metric))
    for name in _STATEMENTS:
        operation = getattr(dynamodb, name)
        setattr(dynamodb, name, _counted(operation, lambda data: _READ if _is_read(data) else _WRITE))
