"""Services of AWS that ministack does not serve: known without their whole models, and refused in the form of AWS's errors.

ministack loads every model that botocore has to know whether a name is a service's, seven seconds in which it answers nobody, and then
answers with JSON that no SDK can read a message from.
"""

import functools
import json
import os
from xml.sax.saxutils import escape

import botocore
from ministack import app
from ministack.core import router

from .content_types import service_metadata

# What ministack answers for a service that it has no handler for.
_REFUSAL = b'{"error": "Unsupported service: '
_CODE = "UnknownService"


@functools.cache
def _service_names() -> frozenset[str]:
    """Names that requests are signed with."""
    names = set()
    for folder in os.listdir(os.path.join(os.path.dirname(botocore.__file__), "data")):
        metadata = service_metadata(folder)
        if metadata is not None:
            names.update((folder, metadata.get("endpointPrefix", ""), metadata.get("signingName", "")))
    return frozenset(names - {""})


def _refused(headers: dict, body: bytes, request_id: str) -> tuple:
    message = f"The local cloud does not serve {json.loads(body)['error'].removeprefix('Unsupported service: ')}"
    named = {"x-amzn-requestid": request_id}
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        error = f"<Error><Type>Sender</Type><Code>{_CODE}</Code><Message>{escape(message)}</Message></Error>"
        text = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
        return 400, {**named, "Content-Type": "text/xml"}, text.encode()
    answer = json.dumps({"__type": _CODE, "message": message})
    return 400, {**named, "Content-Type": "application/json", "x-amzn-errortype": _CODE}, answer.encode()


def install() -> None:
    router._is_aws_service_name = lambda name: name in _service_names()
    dispatch = app._dispatch_service_request

    async def dispatch_service_request(method, path, headers, body, query_params, request_id):
        answer = await dispatch(method, path, headers, body, query_params, request_id)
        if answer[0] == 400 and answer[2].startswith(_REFUSAL):
            return _refused(headers, answer[2], request_id)
        return answer

    app._dispatch_service_request = dispatch_service_request
