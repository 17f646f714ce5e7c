"""Puts the engine behind ministack's Athena."""

import contextvars
import os

from ministack import app
from ministack.core.router import extract_access_key_id

from ..plane import ComputePlane
from . import workgroups
from .executions import Executions

_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("crucible_athena_caller", default="")


def install(plane: ComputePlane, folder: str) -> None:
    """`folder` takes copies of objects and what queries write before it is uploaded."""
    handler = app.SERVICE_HANDLERS["athena"]

    async def handle(method, path, headers, body, query_params):
        _access_key.set(extract_access_key_id(headers, query_params))
        return await handler(method, path, headers, body, query_params)

    app.SERVICE_HANDLERS["athena"] = handle
    Executions(plane, os.path.join(folder, "athena"), _access_key.get).install()
    workgroups.install()
