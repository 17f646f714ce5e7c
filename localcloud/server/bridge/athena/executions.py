"""Query executions: what StartQueryExecution takes, the states a query goes through, and its results."""

import asyncio
import logging
import os
import time

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
from ministack.services import athena as base
from ministack.services import cloudwatch

from ..plane import ComputePlane, PlaneError
from . import statements, workgroups
from .engine import Engine, Result
from .errors import QueryFailed
from .objects import Objects, split_location
from .values import csv_of, metadata_of, text_lines

logger = logging.getLogger("crucible")

# So many queries run at once; others are QUEUED.
_AT_ONCE = 4
_MOST_ROWS = 1000
_MOST_LISTED = 50
_FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")
_ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}


def _invalid(message: str, **extra):
    return error_response_json("InvalidRequestException", message, 400, extra={"AthenaErrorCode": "INVALID_INPUT", **extra})


class Executions:
    """Replaces ministack's executions. `access_key` tells whose request is being answered."""

    def __init__(self, plane: ComputePlane, folder: str, access_key):
        self._plane, self._folder, self._access_key = plane, folder, access_key
        self._engines: dict[str, Engine] = {}
        self._places: asyncio.Semaphore | None = None
        self._tokens: dict[tuple, str] = {}
        # The event loop itself keeps no hold on what it runs.
        self._tasks: set[asyncio.Task] = set()

    def install(self) -> None:
        base._start_query_execution = self.start
        base._get_query_results = self.results
        base._stop_query_execution = self.stop
        base._get_query_execution = self.get
        base._list_query_executions = self.list

    def start(self, data: dict):
        group_name = data.get("WorkGroup") or "primary"
        group = base._workgroups.get(group_name)
        if group is None:
            return _invalid(f"WorkGroup {group_name} is not found.")
        if group.get("State") == "DISABLED":
            return _invalid(f"WorkGroup {group_name} is disabled.")
        known = (get_account_id(), get_region(), data.get("ClientRequestToken"))
        if known[2] and known in self._tokens:
            return json_response({"QueryExecutionId": self._tokens[known]})
        configuration = workgroups.configuration_of(group)
        own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
        given = (data.get("ResultConfiguration") or {}).get("OutputLocation")
        # A workgroup that names no location has none to enforce.
        enforced = bool(configuration["EnforceWorkGroupConfiguration"] and own)
        output = own if enforced else given or own
        if not output:
            return _invalid(
                "No output location provided. An output location is required either through the Workgroup result configuration "
                "setting or as an API input."
            )
        try:
            split_location(output)
            statement, query = self._parse(data, group_name)
        except QueryFailed as error:
            return _invalid(str(error), AthenaErrorCode="MALFORMED_QUERY")
        query_id = new_uuid()
        context = data.get("QueryExecutionContext") or {}
        context = {"Database": (context.get("Database") or "default").lower(), "Catalog": (context.get("Catalog") or "awsdatacatalog").lower()}
        execution = {
            "QueryExecutionId": query_id,
            "Query": query,
            "StatementType": statement.type,
            "SubstatementType": _substatement(statement, query),
            "ResultConfiguration": {"OutputLocation": _result_location(statement, output, query_id)},
            "QueryExecutionContext": context,
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {},
            "WorkGroup": group_name,
            "EngineVersion": dict(_ENGINE),
            **({"ExecutionParameters": data["ExecutionParameters"]} if data.get("ExecutionParameters") else {}),
        }
        base._executions[query_id] = execution
        if known[2]:
            self._tokens[known] = query_id
        objects = Objects(os.path.join(self._folder, "objects"), self._access_key(), get_region())
        cutoff = configuration.get("BytesScannedCutoffPerQuery")
        engine = Engine(self._folder, objects, context["Database"], query_id, output, cutoff, enforced)
        self._engines[query_id] = engine
        self._begin(self._run(execution, engine, statement, objects, configuration))
        return json_response({"QueryExecutionId": query_id})

    def _begin(self, work) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _parse(self, data: dict, group: str) -> tuple[statements.Statement, str]:
        query, parameters = data.get("QueryString") or "", list(data.get("ExecutionParameters") or [])
        preparing = statements.prepared(query)
        if preparing:
            return statements.Statement("prepare", "DDL", action=(_prepare, (group, *preparing))), query
        name, using = statements.executed(query)
        if name:
            prepared = base._prepared_statements.get(f"{group}/{name}")
            if prepared is None:
                raise QueryFailed(f"PreparedStatement {name} was not found in workGroup {group}")
            return statements.parse(prepared["QueryStatement"], using or parameters), query
        return statements.parse(query, parameters), query

    async def _run(self, execution: dict, engine: Engine, statement, objects: Objects, configuration: dict) -> None:
        query_id, status, statistics = execution["QueryExecutionId"], execution["Status"], execution["Statistics"]
        self._places = self._places or asyncio.Semaphore(_AT_ONCE)
        submitted = time.monotonic()
        await self._tell(execution, None)
        async with self._places:
            queued = time.monotonic() - submitted
            if status["State"] == "QUEUED":
                await self._become(execution, "RUNNING")
                started = time.monotonic()
                try:
                    result = await asyncio.to_thread(engine.run, statement)
                    await asyncio.to_thread(_save, execution, statement, result, objects)
                    execution["_result"], state = result, "SUCCEEDED"
                    statistics["DataScannedInBytes"] = result.bytes_scanned
                except Exception as error:  # whatever goes wrong is the query's failure
                    if not isinstance(error, QueryFailed):
                        logger.exception("query %s", query_id)
                        error = QueryFailed(f"GENERIC_INTERNAL_ERROR: {error}", category=1)
                    state = "FAILED"
                    if status["State"] == "RUNNING":
                        status["StateChangeReason"] = str(error)
                        message = {"ErrorCategory": error.category, "ErrorType": 1006 if error.category == 2 else 0}
                        status["AthenaError"] = {**message, "Retryable": False, "ErrorMessage": str(error)}
                took = time.monotonic() - started
                statistics.update(
                    {
                        "EngineExecutionTimeInMillis": int(took * 1000),
                        "QueryQueueTimeInMillis": int(queued * 1000),
                        "QueryPlanningTimeInMillis": 0,
                        "ServiceProcessingTimeInMillis": 0,
                        "TotalExecutionTimeInMillis": int((took + queued) * 1000),
                    }
                )
                statistics.setdefault("DataScannedInBytes", 0)
                if status["State"] == "RUNNING":
                    await self._become(execution, state)
        self._engines.pop(query_id, None)
        if configuration["PublishCloudWatchMetricsEnabled"]:
            _measure(execution)

    async def _become(self, execution: dict, state: str) -> None:
        status = execution["Status"]
        before, status["State"] = status["State"], state
        if state in _FINAL:
            status["CompletionDateTime"] = time.time()
        await self._tell(execution, before)

    async def _tell(self, execution: dict, before: str | None) -> None:
        """`Athena Query State Change`, through the compute plane, where state machines hear it too."""
        execution["_sequence"] = execution.get("_sequence", 0) + 1
        status = execution["Status"]
        detail = {
            "versionId": "0",
            "currentState": status["State"],
            **({"previousState": before} if before else {}),
            "statementType": execution["StatementType"],
            "queryExecutionId": execution["QueryExecutionId"],
            "workgroupName": execution["WorkGroup"],
            "sequenceNumber": str(execution["_sequence"]),
            **({"athenaError": status["AthenaError"]} if "AthenaError" in status else {}),
        }
        event = {"source": "aws.athena", "detailType": "Athena Query State Change", "detail": detail, "resources": []}
        try:
            await self._plane.post("/event", {"account": get_account_id(), "region": get_region(), "event": event})
        except PlaneError as error:
            logger.warning("query %s: its event was not put: %s", execution["QueryExecutionId"], error)

    def get(self, data: dict):
        execution = base._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return _invalid(f"QueryExecution {data.get('QueryExecutionId')} was not found")
        return json_response({"QueryExecution": base._execution_out(execution)})

    def list(self, data: dict):
        """The newest first, 50 to a page."""
        group, most = data.get("WorkGroup") or "primary", data.get("MaxResults", _MOST_LISTED)
        if group not in base._workgroups:
            return _invalid(f"WorkGroup {group} is not found.")
        if not 0 <= int(most) <= _MOST_LISTED:
            return _invalid(f"MaxResults must be between 0 and {_MOST_LISTED}")
        known = [execution for execution in base._executions.values() if execution.get("WorkGroup") == group]
        ids = [execution["QueryExecutionId"] for execution in sorted(known, key=lambda one: -one["Status"]["SubmissionDateTime"])]
        token = data.get("NextToken")
        if token and token not in ids:
            return _invalid("Invalid NextToken")
        # A token is the next page's first execution: what has begun since then moves nothing.
        start = ids.index(token) if token else 0
        end = start + (int(most) or _MOST_LISTED)
        return json_response({"QueryExecutionIds": ids[start:end], **({"NextToken": ids[end]} if end < len(ids) else {})})

    def stop(self, data: dict):
        query_id = data.get("QueryExecutionId")
        execution = base._executions.get(query_id)
        if execution is None:
            return _invalid(f"QueryExecution {query_id} was not found")
        if execution["Status"]["State"] not in _FINAL:
            execution["Status"]["StateChangeReason"] = "Query cancelled by user"
            before, execution["Status"]["State"] = execution["Status"]["State"], "CANCELLED"
            execution["Status"]["CompletionDateTime"] = time.time()
            self._begin(self._tell(execution, before))
            engine = self._engines.get(query_id)
            if engine is not None:
                engine.interrupt()
        return json_response({})

    def results(self, data: dict):
        query_id = data.get("QueryExecutionId")
        execution = base._executions.get(query_id)
        if execution is None:
            return _invalid(f"QueryExecution {query_id} was not found")
        state = execution["Status"]["State"]
        if state in ("QUEUED", "RUNNING"):
            return _invalid(f"Query has not yet finished. Current state: {state}")
        if state != "SUCCEEDED":
            return _invalid(f"Query did not finish successfully. Final query state: {state}")
        most = int(data.get("MaxResults") or _MOST_ROWS)
        if not 1 <= most <= _MOST_ROWS:
            return _invalid("MaxResults is more than maximum allowed length 1000")
        result: Result = execution["_result"]
        # The first row of a query's result has the names of its columns.
        names = [[column.name for column in result.columns]] if execution["StatementType"] == "DML" and result.columns else []
        token = str(data.get("NextToken") or "0")
        start = int(token) if token.isdigit() else 0
        total = len(names) + len(result.rows)
        page = [names[0] if at < len(names) else result.rows[at - len(names)] for at in range(start, min(start + most, total))]
        return json_response(
            {
                "UpdateCount": result.update_count,
                "ResultSet": {
                    "Rows": [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in page],
                    "ResultSetMetadata": {"ColumnInfo": [column.info() for column in result.columns]},
                },
                **({"NextToken": str(start + most)} if start + most < total else {}),
            }
        )


def _prepare(what, _database, _objects):
    group, name, query = what
    key = f"{group}/{name}"
    if query is None:
        if base._prepared_statements.pop(key, None) is None:
            raise QueryFailed(f"PreparedStatement {name} was not found in workGroup {group}")
        return [], []
    statements.parse(query, None)
    # A statement of that name is replaced.
    base._prepared_statements.pop(key, None)
    base._create_prepared_statement({"StatementName": name, "WorkGroup": group, "QueryStatement": query})
    return [], []


def _result_location(statement, output: str, query_id: str) -> str:
    folder = output.rstrip("/")
    if statement.kind == "ctas":
        return f"{folder}/tables/{query_id}"
    return f"{folder}/{query_id}" + ("" if statement.kind == "insert" else ".csv" if statement.type == "DML" else ".txt")


def _substatement(statement, query: str) -> str:
    if statement.kind in ("query", "ctas", "insert", "unload"):
        return {"query": "SELECT", "ctas": "CREATE_TABLE_AS_SELECT", "insert": "INSERT", "unload": "UNLOAD"}[statement.kind]
    return "_".join(word.upper() for word in query.split()[:2])


def _save(execution: dict, statement, result: Result, objects: Objects) -> None:
    """Writes the result's objects ("Work with query results and recent queries", Amazon Athena User Guide)."""
    location = execution["ResultConfiguration"]["OutputLocation"]
    bucket, key = split_location(location)
    if statement.kind in ("ctas", "insert", "unload"):
        folder = location.split("/tables/")[0] if statement.kind == "ctas" else location.rsplit("/", 1)[0]
        manifest = f"{folder}/{'tables/' if statement.kind == 'ctas' else ''}{execution['QueryExecutionId']}-manifest.csv"
        execution["Statistics"]["DataManifestLocation"] = manifest
        objects.put(*split_location(manifest), "".join(f"{name}\n" for name in result.manifest).encode(), "text/csv")
        return
    if statement.type == "DML":
        body = csv_of([column.name for column in result.columns], result.rows)
    else:
        body = text_lines(result.rows)
    objects.put(bucket, key, body, "application/octet-stream")
    objects.put(bucket, f"{key}.metadata", metadata_of(result.columns), "application/octet-stream")


def _measure(execution: dict) -> None:
    statistics = execution["Statistics"]
    dimensions = {"QueryState": execution["Status"]["State"], "QueryType": execution["StatementType"], "WorkGroup": execution["WorkGroup"]}
    for name, member, unit in (
        ("TotalExecutionTime", "TotalExecutionTimeInMillis", "Milliseconds"),
        ("QueryQueueTime", "QueryQueueTimeInMillis", "Milliseconds"),
        ("EngineExecutionTime", "EngineExecutionTimeInMillis", "Milliseconds"),
        ("ProcessedBytes", "DataScannedInBytes", "Bytes"),
    ):
        cloudwatch.record_metric("AWS/Athena", name, statistics.get(member, 0), unit, dimensions)

