"""Puts the engine behind ministack's Athena, when its first request comes: the SQL parser takes half a second to load."""

import asyncio
import contextvars
import importlib
import os

from ministack import app
from ministack.core.router import extract_access_key_id

from ..plane import ComputePlane

_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("crucible_athena_caller", default="")


def install(plane: ComputePlane, folder: str) -> None:
    """`folder` takes copies of objects and what queries write before it is uploaded."""
    handler = app.SERVICE_HANDLERS["athena"]
    loading: asyncio.Task | None = None

    async def load() -> None:
        # In a thread, so that other services answer meanwhile.
        executions, workgroups = await asyncio.to_thread(_modules, "executions", "workgroups")
        executions.Executions(plane, os.path.join(folder, "athena"), _access_key.get).install()
        workgroups.install()

    async def handle(method, path, headers, body, query_params):
        nonlocal loading
        if loading is None:
            loading = asyncio.create_task(load())
        await loading
        _access_key.set(extract_access_key_id(headers, query_params))
        return await handler(method, path, headers, body, query_params)

    app.SERVICE_HANDLERS["athena"] = handle


def _modules(*names: str) -> list:
    return [importlib.import_module(f".{name}", __package__) for name in names]
