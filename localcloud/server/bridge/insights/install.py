"""Has ministack answer StartQuery with the whole language; ministack itself ignores what it does not know of a query."""

import json

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from .language import Malformed
from .query import run
from .values import Event


def event_of(record: dict) -> Event:
    """A record of ministack's as an event, with the fields that a message of JSON has: `a.b`, and `a.0` of lists."""
    fields = cloudwatch_logs._public_log_record(record)
    try:
        _flatten(json.loads(record.get("@message", "")), "", fields)
    except ValueError:
        pass
    return Event(fields, record["_timestamp_ms"])


def _flatten(value, name: str, fields: dict) -> None:
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list) and name:
        members = enumerate(value)
    else:
        # A bare value has no name, and null is not there.
        if name and value is not None:
            fields.setdefault(name, value)
        return
    for key, member in members:
        _flatten(member, f"{name}.{key}" if name else str(key), fields)


def _malformed(error: Malformed):
    status, headers, body = error_response_json("MalformedQueryException", f"{error} (at position {error.at})", 400)
    location = {"startCharOffset": error.at, "endCharOffset": error.at + 1}
    content = {**json.loads(body), "queryCompileError": {"location": location, "message": str(error)}}
    return status, headers, json.dumps(content).encode()


def install() -> None:
    theirs = cloudwatch_logs._start_query

    def start_query(data):
        # It checks the groups and keeps the query; the rows are ours.
        status, headers, body = theirs({**data, "queryString": ""})
        if status != 200:
            return status, headers, body
        query = cloudwatch_logs._queries[json.loads(body)["queryId"]]
        groups = cloudwatch_logs._resolve_query_log_groups(data)
        records = cloudwatch_logs._collect_query_records(groups, query["startTime"], query["endTime"])
        text = data.get("queryString", "")
        try:
            rows, matched = run(text, [event_of(record) for record in records], data.get("limit"))
        except Malformed as error:
            del cloudwatch_logs._queries[query["queryId"]]
            return _malformed(error)
        query["queryString"] = text
        query["results"] = rows
        query["statistics"]["recordsMatched"] = float(matched)
        return status, headers, body

    cloudwatch_logs._start_query = start_query
