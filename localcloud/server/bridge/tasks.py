"""Step Functions tasks of the compute plane's services, for as long as state machines run on ministack's engine."""

import concurrent.futures
import contextvars
import json
import threading

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from . import roles
from .plane import ComputePlane, PlaneError
from .resources import checks_of

_execution: contextvars.ContextVar[str] = contextvars.ContextVar("crucible_execution", default="")

_SUBMIT_JOB = "arn:aws:states:::batch:submitJob"


def _camel_case(parameters: dict) -> dict:
    return {key[:1].lower() + key[1:]: value for key, value in parameters.items()}


class Tasks:
    """Runs `batch:submitJob` and `batch:submitJob.sync` on the compute plane, as the state machine's role."""

    def __init__(self, plane: ComputePlane):
        self._plane = plane
        self._lock = threading.Lock()
        self._running: dict[str, set[concurrent.futures.Future]] = {}
        self._run_execution = stepfunctions._run_execution
        self._stop_execution = stepfunctions._stop_execution
        self._with_timeout = stepfunctions._invoke_resource_with_timeout

    def install(self) -> None:
        stepfunctions._SERVICE_DISPATCH[_SUBMIT_JOB] = self._submit_job
        stepfunctions._run_execution = self._run
        stepfunctions._stop_execution = self._stop
        stepfunctions._invoke_resource_with_timeout = self._invoke_with_timeout

    def _run(self, execution_arn: str):
        # Threads of branches and map iterations copy the context, so that every task knows its execution.
        _execution.set(execution_arn)
        return self._run_execution(execution_arn)

    def _stop(self, data: dict):
        """A stopped execution's jobs are terminated: their requests are broken off, which the compute plane sees."""
        answer = self._stop_execution(data)
        if answer[0] == 200:
            with self._lock:
                futures = list(self._running.get(data.get("executionArn", ""), ()))
            for future in futures:
                future.cancel()
        return answer

    def _invoke_with_timeout(self, resource, input_data, timeout):
        if resource.replace(".sync", "") == _SUBMIT_JOB:
            return self._submit_job(resource, input_data, timeout)
        return self._with_timeout(resource, input_data, timeout)

    def _submit_job(self, resource, input_data, timeout=None):
        execution_arn, account, region = _execution.get(), get_account_id(), get_region()
        self._authorize(execution_arn, input_data, account, region)
        message = {
            "account": account,
            "region": region,
            "sync": resource.endswith(".sync"),
            "parameters": input_data,
            "executionArn": execution_arn or None,
        }
        future = self._plane.submit("/stepfunctions/batch-submit-job", message)
        with self._lock:
            self._running.setdefault(execution_arn, set()).add(future)
        try:
            answer = future.result(timeout)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise stepfunctions._ExecutionError("States.Timeout", f"Task timed out after {timeout} seconds") from None
        except concurrent.futures.CancelledError:
            # The execution is ABORTED already, and any error would make it FAILED: only its thread has to end.
            raise SystemExit from None
        except PlaneError as error:
            raise stepfunctions._ExecutionError("Batch.SdkClientException", str(error)) from error
        finally:
            with self._lock:
                futures = self._running.get(execution_arn, set())
                futures.discard(future)
                if not futures:
                    self._running.pop(execution_arn, None)
        if "error" in answer:
            raise stepfunctions._ExecutionError(answer["error"], answer.get("cause", ""))
        return answer["result"]

    def _authorize(self, execution_arn: str, parameters: dict, account: str, region: str) -> None:
        """Fails the task unless the machine's role trusts Step Functions and allows batch:SubmitJob on what is submitted."""
        execution = stepfunctions._executions.get(execution_arn) or {}
        machine = stepfunctions._state_machines.get(execution.get("stateMachineArn", "")) or {}
        role_arn = machine.get("roleArn")
        if not role_arn:
            raise stepfunctions._ExecutionError("States.Runtime", f"{execution_arn} has no state machine with a role")
        try:
            session = roles.open_session(
                role_arn,
                "states.amazonaws.com",
                execution_arn.rsplit(":", 1)[-1][:64],
                account,
                region,
                source_arn=machine.get("stateMachineArn"),
            )
        except roles.Denied as error:
            raise stepfunctions._ExecutionError(
                "States.TaskFailed",
                "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
                f"to assume the provided role. ({error})",
            ) from error
        request = json.dumps(_camel_case(parameters if isinstance(parameters, dict) else {})).encode()
        try:
            roles.require(session, checks_of("batch", "batch:SubmitJob", "", request, region, account), account, region)
        except roles.Denied as error:
            raise stepfunctions._ExecutionError("Batch.AccessDeniedException", str(error)) from error
