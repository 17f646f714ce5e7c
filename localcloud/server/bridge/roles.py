"""Roles as AWS services use them: who may assume one, and what a session of it may do."""

import json
import time
from datetime import datetime, timezone

from ministack.core import iam_evaluator as evaluator
from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import request_scope
from ministack.services import iam, sts

# Duration of a session, seconds; the upper bound is the role's own ("AssumeRole", AWS STS API Reference).
_MIN_SECONDS, _DEFAULT_SECONDS = 900, 3600


class Denied(Exception):
    """A role could not be assumed, or does not allow what a service wanted to do with it."""

    def __init__(self, message: str, code: str = "AccessDenied"):
        super().__init__(message)
        self.code = code


def find(role_arn: str) -> dict | None:
    """The role of an ARN, or None."""
    try:
        spec = parse_arn(role_arn)
    except ArnParseError:
        return None
    if spec.service != "iam" or not spec.resource.startswith("role/"):
        return None
    role = iam._roles.get_scoped(spec.account_id, None, spec.resource.rsplit("/", 1)[-1])
    return role if role and role.get("Arn") == role_arn else None


def _names_service(principal, service: str) -> bool:
    """Whether a trust policy's Principal covers the service; `*` covers everyone."""
    if principal == "*" or (isinstance(principal, dict) and principal.get("AWS") in ("*", ["*"])):
        return True
    return evaluator._service_principal_matches(principal, service)


def _as_list(value) -> list:
    return value if isinstance(value, list) else [value] if value else []


def trusts_service(trust_policy, service: str, role_arn: str, account: str, region: str, source_arn: str | None) -> bool:
    """Whether the trust policy lets `service` assume the role: an Allow that matches, and no Deny that does."""
    document = json.loads(trust_policy) if isinstance(trust_policy, str) else trust_policy
    context = evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=region,
        service_context={
            "aws:sourceaccount": account,
            "aws:principalisawsservice": "true",
            "aws:principalservicename": service,
            **({"aws:sourcearn": source_arn} if source_arn else {}),
        },
    )
    allowed = False
    for statement in _as_list((document or {}).get("Statement")):
        actions, not_actions = _as_list(statement.get("Action")), _as_list(statement.get("NotAction"))
        if not (actions or not_actions) or not evaluator._action_matches(context.action, actions, not_actions):
            continue
        if not _names_service(statement.get("Principal", {}), service):
            continue
        if not evaluator._conditions_met(statement.get("Condition", {}), context):
            continue
        if statement.get("Effect") == "Deny":
            return False
        allowed = allowed or statement.get("Effect") == "Allow"
    return allowed


def permits(access_key_id: str, actions: list[str], resource: str, account: str, region: str) -> bool:
    """Whether a session may do all of the actions on the resource."""
    with request_scope(account, region):
        return all(
            evaluator.enforce(access_key_id, action, action.partition(":")[0], region, resource_arn=resource) is None
            for action in actions
        )


def open_session(
    role_arn: str,
    service: str,
    session_name: str,
    account: str,
    region: str,
    duration_seconds: int | None = None,
    source_arn: str | None = None,
) -> dict:
    """A session of the role, assumed by the service principal, registered with STS. Raises Denied."""
    role = find(role_arn)
    if role is None or not trusts_service(
        role.get("AssumeRolePolicyDocument"), service, role_arn, account, region, source_arn
    ):
        raise Denied(f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}")
    limit = int(role.get("MaxSessionDuration") or _DEFAULT_SECONDS)
    seconds = max(_MIN_SECONDS, min(duration_seconds or _DEFAULT_SECONDS, limit))
    expiration = time.time() + seconds
    access_key, secret, token = iam._gen_session_access_key(), iam._gen_secret(), iam._gen_session_token()
    role_account, role_name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    arn = f"arn:aws:sts::{role_account}:assumed-role/{role_name}/{session_name}"
    sts.register_session(
        access_key,
        {
            "Arn": arn,
            "UserId": f"{sts._role_id(role_arn)}:{session_name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expiration,
            "AccountId": role_account,
            "PrincipalType": "AssumedRole",
            "SourceAccessKeyId": service,
            "SourcePrincipalArn": service,
            "SessionTags": [],
            "SessionPolicies": None,
        },
    )
    return {
        "accessKeyId": access_key,
        "secretAccessKey": secret,
        "sessionToken": token,
        "expiration": datetime.fromtimestamp(expiration, timezone.utc).isoformat().replace("+00:00", "Z"),
        "arn": arn,
    }
