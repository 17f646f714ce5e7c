"""The protocol of a service, which ministack wants to know before it answers its first request, without the service's whole model.

ministack makes a session of botocore for every service and loads its model, 60 ms each: half of what it computes while a stack is
created. What it asks the model for is in the first lines of its file.
"""

import functools
import gzip
import json
import os
from types import SimpleNamespace

import botocore
from ministack.core import responses

#: Models begin with their version and metadata, less than 2 KB.
HEAD_BYTES = 8192


@functools.cache
def service_metadata(name: str) -> dict | None:
    """The `metadata` of botocore's newest model of a service; None where there is no such service or its file begins otherwise."""
    folder = os.path.join(os.path.dirname(botocore.__file__), "data", name)
    try:
        newest = max(os.listdir(folder))
        with gzip.open(os.path.join(folder, newest, "service-2.json.gz"), "rb") as file:
            head = file.read(HEAD_BYTES).decode(errors="ignore")
        return json.JSONDecoder().raw_decode(head, head.index("{", head.index('"metadata"')))[0]
    except (OSError, ValueError):
        return None


def install() -> None:
    theirs = responses._service_model

    def service_model(service: str):
        metadata = service_metadata(responses._BOTOCORE_NAME.get(service, service))
        return theirs(service) if metadata is None else SimpleNamespace(metadata=metadata)

    responses._service_model = service_model
