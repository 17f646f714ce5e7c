"""Which ARNs a request of a compute plane service touches, for IAM: the pages "Actions, resources, and condition keys for …"
of the Service Authorization Reference, as tables. Here that of AWS Batch; Step Functions' is in states_resources.

ministack authorizes these services on `*` or on whatever looks like an ARN, so a policy that names a queue would never match.
"""

import json
from urllib.parse import unquote

from .check import Check, members
from .ecs_resources import ecs_checks
from .glue_resources import glue_checks
from .states_resources import states_checks


# Action → the members of the request that name resources: (path of the member, ARN's resource type). A path's `[]` walks a
# list. An action that is not here does not support resource-level permissions and is checked on `*`.
_BATCH = {
    "CancelJob": [("jobId", "job")],
    "CreateComputeEnvironment": [("computeEnvironmentName", "compute-environment")],
    "CreateConsumableResource": [("consumableResourceName", "consumable-resource")],
    "CreateJobQueue": [
        ("jobQueueName", "job-queue"),
        ("computeEnvironmentOrder[].computeEnvironment", "compute-environment"),
        ("schedulingPolicyArn", "scheduling-policy"),
    ],
    "CreateSchedulingPolicy": [("name", "scheduling-policy")],
    "DeleteComputeEnvironment": [("computeEnvironment", "compute-environment")],
    "DeleteConsumableResource": [("consumableResource", "consumable-resource")],
    "DeleteJobQueue": [("jobQueue", "job-queue")],
    "DeleteSchedulingPolicy": [("arn", "scheduling-policy")],
    "DeregisterJobDefinition": [("jobDefinition", "job-definition")],
    "DescribeConsumableResource": [("consumableResource", "consumable-resource")],
    "GetJobQueueSnapshot": [("jobQueue", "job-queue")],
    "RegisterJobDefinition": [("jobDefinitionName", "job-definition")],
    "SubmitJob": [("jobDefinition", "job-definition"), ("jobQueue", "job-queue")],
    "TerminateJob": [("jobId", "job")],
    "UpdateComputeEnvironment": [("computeEnvironment", "compute-environment")],
    "UpdateConsumableResource": [("consumableResource", "consumable-resource")],
    "UpdateJobQueue": [
        ("jobQueue", "job-queue"),
        ("computeEnvironmentOrder[].computeEnvironment", "compute-environment"),
        ("schedulingPolicyArn", "scheduling-policy"),
    ],
    "UpdateSchedulingPolicy": [("arn", "scheduling-policy")],
}

# Action → roles that the request hands to a service, which needs iam:PassRole on each.
_BATCH_ROLES = {
    "CreateComputeEnvironment": [("serviceRole", "batch.amazonaws.com")],
    "UpdateComputeEnvironment": [("serviceRole", "batch.amazonaws.com")],
    "RegisterJobDefinition": [
        ("containerProperties.jobRoleArn", "ecs-tasks.amazonaws.com"),
        ("containerProperties.executionRoleArn", "ecs-tasks.amazonaws.com"),
        ("ecsProperties.taskProperties[].taskRoleArn", "ecs-tasks.amazonaws.com"),
        ("ecsProperties.taskProperties[].executionRoleArn", "ecs-tasks.amazonaws.com"),
    ],
}


def _batch_checks(action: str, path: str, request: dict, region: str, account: str) -> list[Check]:
    name = action.partition(":")[2]
    if name in ("TagResource", "UntagResource", "ListTagsForResource"):
        return [Check(action, unquote(path.partition("/v1/tags/")[2]) or "*")]
    prefix = f"arn:aws:batch:{region}:{account}:"
    checks = [
        Check(action, value if value.startswith("arn:") else f"{prefix}{kind}/{value}")
        for member, kind in _BATCH.get(name, [])
        for value in members(request, member)
    ]
    checks = checks or [Check(action, "*")]
    for member, service in _BATCH_ROLES.get(name, []):
        for role in members(request, member):
            arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
            checks.append(Check("iam:PassRole", arn, {"iam:passedtoservice": service}))
    return checks


_SERVICES = {"batch": _batch_checks, "states": states_checks, "glue": glue_checks, "ecs": ecs_checks}


def checks_of(service: str, action: str, path: str, body: bytes, region: str, account: str) -> list[Check]:
    """The permissions that a request needs, the first of them the one that its AccessDenied names first; never empty."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = {}
    if not isinstance(request, dict):
        request = {}
    table = _SERVICES.get(service)
    return table(action, path, request, region, account) if table else [Check(action, "*")]
