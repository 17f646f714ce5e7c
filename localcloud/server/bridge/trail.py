"""Who did what, in CloudTrail's records: sessions of roles and roots of accounts by their names.

ministack records everyone as a user who is called like his access key. Source: "CloudTrail userIdentity element", CloudTrail User Guide.
"""

import json

from ministack.core import iam_evaluator
from ministack.services import cloudtrail, iam, sts


def _identity(arn: str, access_key_id: str) -> tuple[dict, str]:
    """The element `userIdentity`, and the name by which LookupEvents finds the caller."""
    account, resource = arn.split(":")[4], arn.split(":", 5)[5]
    common = {"arn": arn, "accountId": account, "accessKeyId": access_key_id}
    if resource == "root":
        return {"type": "Root", "principalId": account, **common}, "root"
    kind, _, name = resource.partition("/")
    if kind != "assumed-role":
        name = name.rpartition("/")[2]
        return {"type": "IAMUser", "principalId": access_key_id, **common, "userName": name}, name
    role, _, session = name.partition("/")
    known = iam._roles.get_scoped(account, None, role)
    role_arn = known["Arn"] if known else f"arn:aws:iam::{account}:role/{role}"
    role_id = sts._role_id(role_arn)
    issuer = {"type": "Role", "principalId": role_id, "arn": role_arn, "accountId": account, "userName": role}
    identity = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session}",
        **common,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }
    return identity, session


def install() -> None:
    record = cloudtrail.record_event

    def record_event(**call):
        record(**call)
        event = cloudtrail._get_event_queue()[-1]
        identity, event["Username"] = _identity(iam_evaluator.caller_arn(), call["access_key_id"])
        event["CloudTrailEvent"] = json.dumps({**json.loads(event["CloudTrailEvent"]), "userIdentity": identity})

    cloudtrail.record_event = record_event
