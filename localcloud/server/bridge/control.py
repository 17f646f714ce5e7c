"""The ASGI application that is served: ministack's, with the compute plane's own paths and ECR's login in front of it."""

import hmac
import json
from datetime import datetime

from ministack import app as ministack_app

from . import roles
from .holdings import Holdings
from .registry import Registry
from .targets import NotFound, Targets

# Administration of ministack that knows no IAM: not for the clients of an account.
_ADMINISTRATION = ("/_ministack/reset", "/_ministack/config")


async def _answer(send, status: int, message: dict, headers: dict | None = None) -> None:
    body = json.dumps(message).encode()
    named = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _read_json(receive) -> dict:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return json.loads(b"".join(chunks) or b"{}")


def _over_loopback(scope):
    """The request as one that came over TLS: policies that demand `aws:SecureTransport` are kept on AWS and must hold here too,
    where what travels never leaves the machine."""
    forwarded = (b"x-forwarded-proto", b"https")
    return {**scope, "headers": [*(h for h in scope["headers"] if h[0] != forwarded[0]), forwarded]}


class Application:
    """Wraps ministack's ASGI application; `on_ready` is called once, when it has started up."""

    def __init__(self, token: str, targets: Targets, registry: Registry, holdings: Holdings, on_ready):
        self._token, self._targets, self._registry, self._on_ready = token.encode(), targets, registry, on_ready
        self._holdings = holdings

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await self._lifespan(scope, receive, send)
        path = scope.get("path", "")
        if scope["type"] == "http":
            if path.startswith("/_crucible/"):
                return await self._control(scope, path, receive, send)
            if path.startswith(_ADMINISTRATION):
                return await _answer(send, 403, {"message": f"{path} is closed on the local cloud"})
            if path == "/v2" or path == "/v2/" or (path.startswith("/v2/") and _is_registry(path)):
                scope = self._registry_scope(scope)
                if scope is None:
                    headers = {
                        "www-authenticate": 'Basic realm="ecr",service="ecr.amazonaws.com"',
                        "docker-distribution-api-version": "registry/2.0",
                    }
                    error = {"code": "UNAUTHORIZED", "message": "Not Authorized: log in with ecr get-login-password"}
                    return await _answer(send, 401, {"errors": [error]}, headers)
            scope = _over_loopback(scope)
        return await ministack_app.app(scope, receive, send)

    async def _lifespan(self, scope, receive, send):
        async def tell(message):
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._on_ready()

        await ministack_app.app(scope, receive, tell)

    def _registry_scope(self, scope):
        headers = dict(scope["headers"])
        host = self._registry.host_of(headers.get(b"authorization", b"").decode("latin-1"))
        if host is None:
            return None
        kept = [(name, value) for name, value in scope["headers"] if name not in (b"host", b"authorization")]
        return {**scope, "headers": [*kept, (b"host", host.encode())]}

    async def _control(self, scope, path, receive, send):
        given = dict(scope["headers"]).get(b"x-crucible-token", b"")
        if not hmac.compare_digest(given, self._token):
            return await _answer(send, 403, {"message": "x-crucible-token is missing or wrong"})
        try:
            request = await _read_json(receive)
            result = await self._handle(path.removeprefix("/_crucible/"), request)
        except roles.Denied as error:
            return await _answer(send, 403, {"code": error.code, "message": str(error)})
        except NotFound as error:
            return await _answer(send, 404, {"code": "ResourceNotFoundException", "message": str(error)})
        except (KeyError, TypeError, ValueError) as error:
            return await _answer(send, 400, {"code": "ValidationException", "message": f"{path}: {error!r}"})
        await _answer(send, 200, result)

    async def _handle(self, operation: str, request: dict) -> dict:
        if operation == "events":
            return await self._targets.put_events(request["account"], request["region"], request["entries"])
        if operation == "session":
            return roles.open_session(
                request["roleArn"],
                request["service"],
                request["sessionName"],
                request["account"],
                request["region"],
                request.get("durationSeconds"),
                request.get("sourceArn"),
            )
        if operation == "permits":
            permitted = roles.permits(
                request["accessKeyId"], request["actions"], request["resource"], request["account"], request["region"]
            )
            return {"permitted": permitted}
        if operation == "fire":
            count = await self._targets.fire(
                request["account"], request["region"], request["kind"], request["name"], request.get("group")
            )
            return {"targets": count}
        if operation == "advance":
            seconds, to = request.get("seconds"), request.get("to")
            if (seconds is None) == (to is None):
                raise ValueError("either seconds or to")
            return await self._targets.advance(
                request["account"],
                None if seconds is None else float(seconds),
                None if to is None else datetime.fromisoformat(to).timestamp(),
            )
        if operation == "holdings":
            return self._holdings.of(request["account"], request["known"])
        raise ValueError(f"no operation {operation}")


def _is_registry(path: str) -> bool:
    return path == "/v2/_catalog" or "/blobs/" in path or "/manifests/" in path or path.endswith("/tags/list")
