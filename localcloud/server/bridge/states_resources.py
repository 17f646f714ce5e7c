"""Which ARNs a request of Step Functions touches: "Actions, resources, and condition keys for AWS Step Functions" in the Service
Authorization Reference, and "Authorization for versions and aliases in Step Functions workflows" in the Developer Guide.
"""

from .check import Check, members

# Action → members of the request that name its resource; the first one that is there counts. What is not here does not
# support resource-level permissions.
_RESOURCES = {
    "DeleteActivity": ["activityArn"],
    "DescribeActivity": ["activityArn"],
    "GetActivityTask": ["activityArn"],
    "CreateStateMachineAlias": ["routingConfiguration[].stateMachineVersionArn"],
    "UpdateStateMachineAlias": ["stateMachineAliasArn"],
    "DescribeStateMachineAlias": ["stateMachineAliasArn"],
    "DeleteStateMachineAlias": ["stateMachineAliasArn"],
    "DeleteStateMachineVersion": ["stateMachineVersionArn"],
    "DeleteStateMachine": ["stateMachineArn"],
    "DescribeStateMachine": ["stateMachineArn"],
    "ListStateMachineAliases": ["stateMachineArn"],
    "ListStateMachineVersions": ["stateMachineArn"],
    "PublishStateMachineVersion": ["stateMachineArn"],
    "UpdateStateMachine": ["stateMachineArn"],
    "StartExecution": ["stateMachineArn"],
    "StartSyncExecution": ["stateMachineArn"],
    "ListExecutions": ["stateMachineArn", "mapRunArn"],
    "DescribeExecution": ["executionArn"],
    "DescribeStateMachineForExecution": ["executionArn"],
    "GetExecutionHistory": ["executionArn"],
    "ListMapRuns": ["executionArn"],
    "RedriveExecution": ["executionArn"],
    "StopExecution": ["executionArn"],
    "DescribeMapRun": ["mapRunArn"],
    "UpdateMapRun": ["mapRunArn"],
    "ListTagsForResource": ["resourceArn"],
    "TagResource": ["resourceArn"],
    "UntagResource": ["resourceArn"],
}

_CREATED = {"CreateStateMachine": "stateMachine", "CreateActivity": "activity"}
_PASS_ROLE = ("CreateStateMachine", "UpdateStateMachine", "TestState")


def _check(action: str, arn: str) -> Check:
    """Versions and aliases are authorized on the state machine, with what qualifies its ARN as a condition key."""
    parts = arn.split(":")
    if len(parts) == 8 and parts[5] == "stateMachine":
        return Check(action, ":".join(parts[:7]), {"states:statemachinequalifier": parts[7]})
    return Check(action, arn)


def states_checks(action: str, _path: str, request: dict, region: str, account: str) -> list[Check]:
    """The permissions that a request of Step Functions needs; never empty."""
    name = action.partition(":")[2]
    prefix = f"arn:aws:states:{region}:{account}:"
    if name in _CREATED:
        resource = f"{prefix}{_CREATED[name]}:{request.get('name', '')}"
    else:
        found = (arn for member in _RESOURCES.get(name, []) for arn in members(request, member))
        resource = next(found, "*")
    checks = [_check(action, resource)]
    if request.get("publish") is True and name in ("CreateStateMachine", "UpdateStateMachine"):
        checks.append(_check("states:PublishStateMachineVersion", resource))
    if name in _PASS_ROLE:
        passed = {"iam:passedtoservice": "states.amazonaws.com"}
        checks += [Check("iam:PassRole", role, passed) for role in members(request, "roleArn")]
    return checks
