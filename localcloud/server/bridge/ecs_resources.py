"""Which ARNs a request of Amazon ECS touches: "Actions, resources, and condition keys for Amazon Elastic Container Service" in the
Service Authorization Reference; and which roles it hands over ("Amazon ECS task execution IAM role", "Grant permissions to pass roles").
"""

import base64
import json

from ministack.core.responses import get_account_id, get_region

from .check import Check, members

# Action → members that name resources, with the type of the ARN that a bare name stands for. `{cluster}` is the request's cluster.
_RESOURCES = {
    "DeleteCluster": [("cluster", "cluster/")],
    "UpdateCluster": [("cluster", "cluster/")],
    "UpdateClusterSettings": [("cluster", "cluster/")],
    "PutClusterCapacityProviders": [("cluster", "cluster/")],
    "DescribeClusters": [("clusters[]", "cluster/")],
    "RegisterTaskDefinition": [("family", "task-definition/")],
    "DeleteTaskDefinitions": [("taskDefinitions[]", "task-definition/")],
    "RunTask": [("taskDefinition", "task-definition/")],
    "StartTask": [("taskDefinition", "task-definition/")],
    "StopTask": [("task", "task/{cluster}/")],
    "DescribeTasks": [("tasks[]", "task/{cluster}/")],
    "ExecuteCommand": [("task", "task/{cluster}/")],
    "CreateService": [("serviceName", "service/{cluster}/")],
    "UpdateService": [("service", "service/{cluster}/")],
    "DeleteService": [("service", "service/{cluster}/")],
    "DescribeServices": [("services[]", "service/{cluster}/")],
    "ListTagsForResource": [("resourceArn", "")],
    "TagResource": [("resourceArn", "")],
    "UntagResource": [("resourceArn", "")],
}

# Actions that are authorized with the condition key ecs:cluster.
_IN_CLUSTER = ("RunTask", "StartTask", "StopTask", "DescribeTasks", "ListTasks", "CreateService", "UpdateService",
               "DeleteService", "DescribeServices", "ListServices", "ExecuteCommand")

_PASSED = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}
_ROLES = ("taskRoleArn", "executionRoleArn")


def _role_checks(names: list[str], account: str) -> list[Check]:
    return [
        Check("iam:PassRole", name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}", _PASSED)
        for name in names
    ]


def _arn(name: str, kind: str, prefix: str, cluster: str) -> str:
    if name.startswith("arn:"):
        return name
    # A family stands for its latest revision, which only the service knows; a policy names families as `<family>:*`.
    revision = ":*" if kind == "task-definition/" and ":" not in name else ""
    return f"{prefix}{kind.format(cluster=cluster)}{name}{revision}"


def ecs_checks(action: str, _path: str, request: dict, region: str, account: str) -> list[Check]:
    """The permissions that a request of Amazon ECS needs; never empty."""
    name = action.partition(":")[2]
    prefix = f"arn:aws:ecs:{region}:{account}:"
    cluster = (members(request, "cluster") or ["default"])[0]
    cluster_arn = cluster if cluster.startswith("arn:") else f"{prefix}cluster/{cluster}"
    context = {"ecs:cluster": cluster_arn} if name in _IN_CLUSTER else {}
    short = cluster_arn.rpartition("/")[2]
    named = [
        Check(action, _arn(value, kind, prefix, short), context)
        for member, kind in _RESOURCES.get(name, [])
        for value in members(request, member)
    ]
    checks = named or [Check(action, "*", context)]
    roles = [role for member in _ROLES for role in members(request, member)] if name == "RegisterTaskDefinition" else []
    roles += [role for member in _ROLES for role in members(request, f"overrides.{member}")]
    return checks + _role_checks(roles, account)


async def passed_roles(action: str, body: bytes, plane) -> list[Check]:
    """Who runs tasks hands over the roles of their definition, which the request names only; those it overrides are checked as they stand."""
    name = action.partition(":")[2]
    if name != "RunTask":
        return []
    request = json.loads(body or b"{}")
    definition = request.get("taskDefinition")
    if not isinstance(definition, str):
        return []
    account, region = get_account_id(), get_region()
    message = {
        "account": account,
        "region": region,
        "principalArn": f"arn:aws:iam::{account}:root",
        "requestId": "",
        "method": "POST",
        "path": "/",
        "query": "",
        "headers": {"x-amz-target": "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition"},
        "body": base64.b64encode(json.dumps({"taskDefinition": definition}).encode()).decode(),
    }
    answer = await plane.post("/service/ecs", message)
    found = json.loads(base64.b64decode(answer["body"])).get("taskDefinition") or {}
    overrides = request.get("overrides") or {}
    roles = [found[member] for member in _ROLES if found.get(member) and not overrides.get(member)]
    return _role_checks(roles, account)
