"""Proxies: what ministack has authenticated and authorized for a service of the compute plane is forwarded to it."""

import base64
import contextvars
import json
import logging
from urllib.parse import urlencode

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import extract_access_key_id

from . import ecs_resources, glue_catalog
from .check import Check
from .glue_resources import is_compute
from .holdings import Holdings
from .plane import ComputePlane, PlaneError
from .resources import checks_of

logger = logging.getLogger("crucible")

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("crucible_request_id", default="")


def current_request_id() -> str:
    """Id of the request that is being answered; empty outside of one."""
    return _request_id.get()


# Services that speak awsJson, where a refusal has status 400 and is named in the body.
_AWS_JSON = {
    "states": "application/x-amz-json-1.0",
    "glue": "application/x-amz-json-1.1",
    "ecs": "application/x-amz-json-1.1",
}

# Permissions that depend on what the service holds: asked for before a request is forwarded.
_FURTHER_CHECKS = {"ecs": ecs_resources.passed_roles}


def _denial(service: str, action: str, principal_arn: str, resource: str, explicit: bool) -> tuple:
    message = iam_actions.identity_denial_message(action, principal_arn, resource, explicit)
    if service in _AWS_JSON:
        body = {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": message}
        return 400, {"Content-Type": _AWS_JSON[service]}, json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "x-amzn-errortype": "AccessDeniedException"}
    return 403, headers, json.dumps({"message": message}).encode()


def _named(service: str, action: str, path: str, body: bytes) -> list[Check]:
    """What a request needs besides its first permission, which was checked on the way in."""
    return checks_of(service, action, path, body, get_region(), get_account_id())[1:]


def _refusal(service: str, action: str, checks: list[Check], headers: dict, body: bytes, query: dict):
    """The answer to a request that a policy does not allow, or None."""
    region = get_region()
    tags = iam_actions.request_tag_context(service, action, body, query)
    for check in checks:
        denied = iam_evaluator.enforce(
            extract_access_key_id(headers, query),
            check.action,
            service,
            region,
            resource_arn=check.resource,
            service_context={**tags, **check.context},
        )
        if denied:
            return _denial(service, check.action, denied.principal_arn, check.resource, denied.decision == "Deny")
    return None


def _proxy(service: str, plane: ComputePlane, holdings: Holdings):
    async def handle(method, path, headers, body, query_params):
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query_params)
        if action:
            checks = _named(service, action, path, body)
            if service in _FURTHER_CHECKS:
                checks += await _FURTHER_CHECKS[service](action, body, plane)
            refusal = _refusal(service, action, checks, headers, body, query_params)
            if refusal:
                return refusal
        holdings.note(get_account_id(), get_region(), (action or "").partition(":")[2])
        message = {
            "account": get_account_id(),
            "region": get_region(),
            "principalArn": iam_evaluator.caller_arn(),
            "requestId": _request_id.get(),
            "method": method,
            "path": path,
            "query": urlencode(query_params, doseq=True),
            "headers": headers,
            "body": base64.b64encode(body).decode(),
        }
        try:
            answer = await plane.post(f"/service/{service}", message)
        except PlaneError as error:
            logger.error("%s %s: %s", service, action, error)
            text = json.dumps({"__type": "InternalServerException", "message": str(error)})
            return 500, {"Content-Type": "application/json", "x-amzn-errortype": "InternalServerException"}, text.encode()
        # ministack sets the content type of the service's protocol on a header of exactly this spelling.
        named = {
            "Content-Type" if name.lower() == "content-type" else name: value
            for name, value in answer["headers"].items()
        }
        return answer["status"], named, base64.b64decode(answer["body"])

    return handle


def _shared_glue(ours, theirs):
    """Glue is shared: jobs, crawlers, triggers and workflows are the compute plane's, the Data Catalog is ministack's."""

    async def handle(method, path, headers, body, query_params):
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if is_compute(operation):
            return await ours(method, path, headers, body, query_params)
        if operation:
            action = f"glue:{operation}"
            refusal = _refusal("glue", action, _named("glue", action, path, body), headers, body, query_params)
            if refusal:
                return refusal
        return glue_catalog.answer(operation, body) or await theirs(method, path, headers, body, query_params)

    return handle


def install(services: list[str], plane: ComputePlane, holdings: Holdings) -> None:
    """Registers a proxy for each service and completes ministack's authorization for it."""
    owned = frozenset(services)
    for service in services:
        theirs, ours = app.SERVICE_HANDLERS.get(service), _proxy(service, plane, holdings)
        app.SERVICE_HANDLERS[service] = _shared_glue(ours, theirs) if service == "glue" else ours
    if "glue" in owned:
        glue_catalog.install()

    resource_arn = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        if service not in owned:
            return resource_arn(service, method, path, headers, body, query_params, region, account_id)
        action = iam_actions.extract_iam_action(service, method, path, headers, body, query_params) or ""
        return checks_of(service, action, path, body, region, account_id)[0].resource

    iam_actions.extract_resource_arn = extract_resource_arn

    tag_context = iam_actions.request_tag_context

    def request_tag_context(service, iam_action, body, params):
        context = tag_context(service, iam_action, body, params)
        if service not in owned:
            return context
        return {**context, **checks_of(service, iam_action, "", body, get_region(), get_account_id())[0].context}

    iam_actions.request_tag_context = request_tag_context

    denied_response = iam_actions.access_denied_response

    def access_denied_response(service, action, principal_arn, request_id, **details):
        if service in owned and not details.get("error_code") and not details.get("message"):
            return _denial(service, action, principal_arn, details.get("resource_arn", "*"), details.get("explicit_deny", False))
        return denied_response(service, action, principal_arn, request_id, **details)

    iam_actions.access_denied_response = access_denied_response

    dispatch = app._dispatch_service_request

    async def dispatch_service_request(method, path, headers, body, query_params, request_id):
        _request_id.set(request_id)
        return await dispatch(method, path, headers, body, query_params, request_id)

    app._dispatch_service_request = dispatch_service_request

    event_name = app._ct_event_name

    def ct_event_name(service, method, path, headers, query_params):
        """CloudTrail's name of a REST operation, which ministack knows by its method only."""
        if service in owned:
            action = iam_actions.extract_iam_action(service, method, path, headers, b"", query_params)
            if action:
                return action.partition(":")[2]
        return event_name(service, method, path, headers, query_params)

    app._ct_event_name = ct_event_name
