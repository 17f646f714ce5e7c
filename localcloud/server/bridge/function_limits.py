"""What Lambda refuses: limits of functions, versions that are not there, destinations out of reach, payloads too large ("Lambda
quotas" and "Using Lambda environment variables", AWS Lambda Developer Guide).
"""

import json

from ministack.core import iam_evaluator as evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import eventbridge, iam, lambda_svc, s3, sns, sqs

from . import roles
from .constraints import too_great, values, violations

_MOST_SECONDS, _MOST_MIB = 900, 10_240
_MOST_LAYERS, _MOST_ENVIRONMENT_BYTES = 5, 4096
# Payloads, bytes: of a synchronous and an asynchronous invocation.
_MOST_BYTES = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}
# Of an account in a region, of which so many stay with functions that reserve none.
_CONCURRENCY, _UNRESERVED = 1000, 100

# Runtimes that Lambda has ever had and of which it takes no functions any more ("Lambda runtimes": block function create).
_ENDED = frozenset(
    "nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x java8 python2.7 python3.6 "
    "python3.7 python3.8 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet6 go1.x ruby2.5 ruby2.7 provided".split()
)

_RESERVED = frozenset(
    "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME "
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME "
    "AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN "
    "AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split()
)

# What Lambda calls to deliver to a destination of the service.
_DELIVERIES = {"sqs": "SendMessage", "sns": "Publish", "lambda": "InvokeFunction", "events": "PutEvents", "s3": "PutObject"}


def _invalid(message: str):
    return error_response_json("InvalidParameterValueException", message, 400)


def _malformed(operation: str, data: dict):
    """The answer to a request that its model does not allow, or None."""
    message = violations("lambda", operation, data, ("Runtime", "Code"))
    return error_response_json("ValidationException", message, 400) if message else None


def _function_error(operation: str, data: dict, role_arn: str | None):
    return (
        _malformed(operation, data)
        or _size_error(data)
        or _runtime_error(data.get("Runtime"))
        or _environment_error((data.get("Environment") or {}).get("Variables") or {})
        or _layers_error(data.get("Layers") or [])
        or _unreachable("dead letter queue", (data.get("DeadLetterConfig") or {}).get("TargetArn"), role_arn)
    )


def _size_error(data: dict):
    """The model's bounds are those of Lambda Managed Instances."""
    if data.get("CapacityProviderConfig"):
        return None
    for name, path, most in (("Timeout", "timeout", _MOST_SECONDS), ("MemorySize", "memorySize", _MOST_MIB)):
        if (data.get(name) or 0) > most:
            return error_response_json("ValidationException", too_great(path, data[name], most), 400)
    return None


def _runtime_error(runtime: str | None):
    if not runtime:
        return None
    known = values("lambda", "Runtime")
    if runtime not in known:
        rule = f"Member must satisfy enum value set: [{', '.join(known)}] or be a valid ARN"
        return _invalid(f"Value {runtime} at 'runtime' failed to satisfy constraint: {rule}")
    if runtime in _ENDED:
        return _invalid(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
            "We recommend you use a supported runtime while creating or updating functions."
        )
    return None


def _environment_error(variables: dict):
    unable = "Lambda was unable to configure your environment variables because the environment variables you have provided"
    reserved = [name for name in variables if name in _RESERVED]
    if reserved:
        return _invalid(
            f"{unable} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    if len(measured.encode()) > _MOST_ENVIRONMENT_BYTES:
        return _invalid(f"{unable} exceeded the 4KB limit. String measured: {measured}")
    return None


def _layers_error(layers: list):
    return _invalid(f"Cannot reference more than {_MOST_LAYERS} layers.") if len(layers) > _MOST_LAYERS else None


def _exists(service: str, arn: str, resource: str) -> bool:
    if service == "sqs":
        return sqs._queue_by_arn(arn) is not None
    if service == "sns":
        return arn in sns._topics
    if service == "lambda":
        func, config, _ = lambda_svc._get_func_record_for_ref(arn)
        return bool(func and config)
    if service == "events":
        name = resource.removeprefix("event-bus/")
        return name == "default" or name in eventbridge._event_buses
    return resource in s3._buckets


def _unreachable(what: str, arn: str | None, role_arn: str | None):
    """The answer to a destination that is not there or that the role may not deliver to, or None. ministack says what is no ARN."""
    if not arn:
        return None
    try:
        spec = parse_arn(arn)
    except ArnParseError:
        return None
    if spec.service not in _DELIVERIES:
        return None
    if (spec.account_id or get_account_id()) == get_account_id() and (spec.region or get_region()) == get_region():
        if not _exists(spec.service, arn, spec.resource):
            return _invalid(f"The {what} ARN {arn} is invalid.")
    operation = _DELIVERIES[spec.service]
    resource = f"{arn}/*" if spec.service == "s3" else arn
    if not role_allows(role_arn, f"{spec.service}:{operation}", resource):
        if what == "destination":
            return _invalid(f"The function's execution role does not have permissions to call {operation} on {arn}")
        return _invalid(f"The provided execution role does not have permissions to call {operation} on {spec.service.upper()}")
    return None


def role_allows(role_arn: str | None, action: str, resource_arn: str) -> bool:
    """Whether a role, or what the resource's own policy says of it, allows an action; a role that is not there is not the question."""
    role = roles.find(role_arn) if role_arn else None
    if role is None:
        return True
    name, account = role["RoleName"], role_arn.split(":")[4]
    context = evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/lambda",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region=get_region(),
        service_context={},
    )
    limits = tuple(evaluator._permissions_boundary(iam._roles, name, account))
    decision = evaluator.evaluate(context, evaluator._gather_role_policies(name, account), *limits)
    own = evaluator._resource_policy(action.split(":")[0], resource_arn)
    if own:
        decision = evaluator.combine_resource_policy(decision, context, own[0], own[1], limits=limits)
    return decision.decision == "Allow"


def _role_of(name: str) -> str | None:
    return ((lambda_svc._functions.get(name) or {}).get("config") or {}).get("Role")


def _alias_error(operation: str, name: str, data: dict):
    malformed = _malformed(operation, data)
    func = lambda_svc._functions.get(name)
    if malformed or func is None:
        return malformed
    versions = [data.get("FunctionVersion"), *((data.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})]
    for version in versions:
        if version and version != "$LATEST" and version not in func["versions"]:
            return lambda_svc._function_qualifier_not_found(name, version)
    return None


def _concurrency_error(name: str, data: dict):
    malformed = _malformed("PutFunctionConcurrency", data)
    if malformed or name not in lambda_svc._functions:
        return malformed
    others = sum(int(func.get("concurrency") or 0) for key, func in lambda_svc._functions.items() if key != name)
    if others + int(data.get("ReservedConcurrentExecutions") or 0) <= _CONCURRENCY - _UNRESERVED:
        return None
    return _invalid(
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
        f"below its minimum value of [{_UNRESERVED}]."
    )


def _destinations_error(name: str, data: dict):
    malformed = _malformed("PutFunctionEventInvokeConfig", data)
    if malformed or name not in lambda_svc._functions:
        return malformed
    for which in ("OnSuccess", "OnFailure"):
        destination = ((data.get("DestinationConfig") or {}).get(which) or {}).get("Destination")
        error = _unreachable("destination", destination, _role_of(name))
        if error:
            return error
    return None


def payload_error(invocation_type: str, body: bytes):
    """The answer to the payload of an invocation that Lambda does not take, or None."""
    most = _MOST_BYTES.get(invocation_type)
    if most is not None and len(body) > most:
        message = f"{len(body)} byte payload is too large for the {invocation_type} invocation type (limit {most} bytes)"
        return error_response_json("RequestTooLargeException", message, 413)
    try:
        json.loads(body or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: Could not parse payload into json: {error}"
        return error_response_json("InvalidRequestContentException", message, 400)
    return None


def install() -> None:
    create, update = lambda_svc._create_function, lambda_svc._update_config

    def update_checked(name, data):
        if name not in lambda_svc._functions:
            return update(name, data)
        role_arn = data.get("Role") or _role_of(name)
        return _function_error("UpdateFunctionConfiguration", data, role_arn) or update(name, data)

    lambda_svc._create_function = lambda data: _function_error("CreateFunction", data, data.get("Role")) or create(data)
    lambda_svc._update_config = update_checked

    make_alias, change_alias = lambda_svc._create_alias, lambda_svc._update_alias
    lambda_svc._create_alias = lambda name, data: _alias_error("CreateAlias", name, data) or make_alias(name, data)
    lambda_svc._update_alias = lambda name, alias, data: _alias_error("UpdateAlias", name, data) or change_alias(name, alias, data)

    reserve = lambda_svc._put_function_concurrency
    lambda_svc._put_function_concurrency = lambda name, data: _concurrency_error(name, data) or reserve(name, data)

    configure = lambda_svc._put_event_invoke_config

    def configure_checked(name, qualifier, data):
        return _destinations_error(name, data) or configure(name, qualifier, data)

    lambda_svc._put_event_invoke_config = configure_checked

    handle = lambda_svc.handle_request

    async def handle_checked(method, path, headers, body, query_params):
        if method == "POST" and path.rstrip("/").endswith("/invocations"):
            kind = {name.lower(): value for name, value in headers.items()}.get("x-amz-invocation-type")
            refusal = payload_error(kind or "RequestResponse", body)
            if refusal:
                return refusal
        return await handle(method, path, headers, body, query_params)

    lambda_svc.handle_request = handle_checked
