"""Who may invoke a function, and which role a function may have.

Services that invoke functions on behalf of others need the function's own policy to allow it ("Viewing resource-based IAM
policies in Lambda"); ministack delivers without asking.
"""

import json
import logging

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import lambda_svc, s3, sns

from . import roles

logger = logging.getLogger("crucible")

_SERVICE = "lambda.amazonaws.com"


def allows(function_arn: str, service: str, source_arn: str, source_account: str) -> bool:
    """Whether the function's policy lets the service principal invoke what the ARN names, for that source."""
    func, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if not func or not config:
        return False
    name = config["FunctionName"]
    policy = (lambda_svc._functions.get(name) or func).get("policy")
    context = evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=source_account,
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": source_account},
    )
    return evaluator.evaluate_resource_policy(policy, context, service).decision == "Allow"


def _refused(what: str, service: str) -> None:
    logger.warning("%s not invoked: no statement of its policy lets %s do so", what, service)


def _untrusted(data: dict):
    """The answer to a function whose role Lambda may not assume, or None."""
    role_arn = data.get("Role")
    role = roles.find(role_arn) if role_arn else None
    if role is None:
        # That there is no such role, ministack says itself.
        return None
    trust = role.get("AssumeRolePolicyDocument")
    if roles.trusts_service(trust, _SERVICE, role_arn, get_account_id(), get_region(), None):
        return None
    message = "The role defined for the function cannot be assumed by Lambda."
    return error_response_json("InvalidParameterValueException", message, 400)


def install() -> None:
    create, update = lambda_svc._create_function, lambda_svc._update_config
    lambda_svc._create_function = lambda data: _untrusted(data) or create(data)
    lambda_svc._update_config = lambda name, data: _untrusted(data) or update(name, data)

    from_topic = sns._deliver_to_lambda

    def deliver_from_topic(endpoint, envelope, topic_arn, *rest):
        if not allows(endpoint, "sns.amazonaws.com", topic_arn, topic_arn.split(":")[4]):
            return _refused(endpoint, "sns.amazonaws.com")
        return from_topic(endpoint, envelope, topic_arn, *rest)

    sns._deliver_to_lambda = deliver_from_topic
    # What SNS hands to a function is an asynchronous invocation, with retries and destinations.
    sns._lambda_svc = _Asynchronous(lambda_svc)

    from_bucket = s3._deliver_event_to_lambda

    def deliver_from_bucket(arn, event_payload, bucket_region):
        record = (event_payload.get("Records") or [{}])[0].get("s3", {}).get("bucket", {})
        owner = s3._bucket_owner_account(record.get("name", "")) or get_account_id()
        if not allows(arn, "s3.amazonaws.com", record.get("arn", ""), owner):
            return _refused(arn, "s3.amazonaws.com")
        return from_bucket(arn, event_payload, bucket_region)

    s3._deliver_event_to_lambda = deliver_from_bucket


def invoke_for_rule(arn: str, payload: str, source_arn: str, service: str) -> str | None:
    """Hands an event of a rule to a function, asynchronously. Returns why it could not, or None."""
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not func or not config:
        return f"there is no function {name}"
    if not allows(arn, service, source_arn, get_account_id()):
        return f"no statement of the function's policy lets {service} invoke it"
    try:
        event = json.loads(payload)
    except ValueError:
        event = payload
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), event)
    return None


class _Asynchronous:
    """ministack's Lambda as SNS sees it: what it executes is queued."""

    def __init__(self, module):
        self._module = module

    def __getattr__(self, name):
        if name == "_execute_function_with_config_scope":
            return lambda record, event: self._module.invoke_async_with_retry(record, event)
        return getattr(self._module, name)
