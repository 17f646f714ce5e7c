"""CloudWatch Logs as a target of EventBridge rules: the event is written to the log group, where its policies allow that
("CloudWatch Logs permissions" in "Using resource-based policies for Amazon EventBridge")."""

import json
import logging
import time

from ministack.core import iam_evaluator as evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch_logs as logs

logger = logging.getLogger("crucible")

_SERVICE = "events.amazonaws.com"


def deliver(arn: str, event: str, rule_arn: str) -> None:
    """Writes the event as one log event to a stream of its own. What cannot be delivered is dropped, as on AWS."""
    spec = parse_arn(arn)
    group = spec.resource.removeprefix("log-group:").removesuffix(":*")
    stream = new_uuid()
    if (spec.account_id, spec.region) != (get_account_id(), get_region()) or group not in logs._log_groups:
        reason = "there is no such log group in the rule's account and region"
    elif not _allowed(f"{arn.removesuffix(':*')}:log-stream:{stream}"):
        reason = f"no resource policy of CloudWatch Logs lets {_SERVICE} write to it"
    else:
        names = {"logGroupName": group, "logStreamName": stream}
        logs._create_log_stream(names)
        logs._put_log_events({**names, "logEvents": [{"timestamp": int(time.time() * 1000), "message": event}]})
        return
    logger.warning("%s: target %s not invoked: %s", rule_arn, arn, reason)


def _allowed(stream_arn: str) -> bool:
    documents = [json.loads(policy["policyDocument"]) for policy in logs._resource_policies.values()]
    return all(
        any(_allows(statement, action, stream_arn) for document in documents for statement in document["Statement"])
        for action in ("logs:CreateLogStream", "logs:PutLogEvents")
    )


def _allows(statement: dict, action: str, resource: str) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and evaluator._service_principal_matches(statement.get("Principal"), _SERVICE)
        and evaluator._action_matches(action, _as_list(statement.get("Action")), [])
        and evaluator._resource_matches(resource, _as_list(statement.get("Resource")), [])
    )


def _as_list(value) -> list:
    return value if isinstance(value, list) else [value] if value else []
