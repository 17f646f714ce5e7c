"""Actions on log streams are authorized on the stream, as "Actions, resources, and condition keys for Amazon CloudWatch Logs" has it.

ministack authorizes them on the group, so a policy that names a group's streams would never match.
"""

import json

from ministack.core import iam_actions

# CreateLogStream is listed for groups there, but AWS's own policy for functions grants it on `<group>:*`, which only a stream matches.
_ON_STREAMS = {"CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents"}


def install() -> None:
    resource_arn = iam_actions.extract_resource_arn

    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        arn = resource_arn(service, method, path, headers, body, query_params, region, account_id)
        if service != "logs" or headers.get("x-amz-target", "").rsplit(".", 1)[-1] not in _ON_STREAMS:
            return arn
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return arn
        stream = request.get("logStreamName") if isinstance(request, dict) else None
        return f"{arn}:log-stream:{stream}" if stream else arn

    iam_actions.extract_resource_arn = extract_resource_arn
