"""ECR's image registry on the local cloud: the authorization token carries who asked for it.

On AWS the registry's host name carries account and region. Here every registry is this endpoint, so `GetAuthorizationToken`
names it as `proxyEndpoint`, and its token (signed, twelve hours) tells account and region again on `/v2/…`.
"""

import base64
import hashlib
import hmac
import json
import time

from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import ecr

_TOKEN_SECONDS = 12 * 3600


class Registry:
    """Issues the tokens of `ecr get-login-password` and turns them into the account's registry host name."""

    def __init__(self, endpoint: str, secret: str):
        self._endpoint, self._secret = endpoint, secret.encode()

    def install(self) -> None:
        ecr._get_authorization_token = self._get_authorization_token

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def _get_authorization_token(self, data):
        others = [entry for entry in data.get("registryIds") or [] if entry != get_account_id()]
        if others:
            return error_response_json("AccessDeniedException", f"no access to the registries {others}", 400)
        expires_at = int(time.time()) + _TOKEN_SECONDS
        subject = f"{get_account_id()}.{get_region()}.{expires_at}"
        password = f"{subject}.{self._sign(subject)}"
        body = {
            "authorizationData": [
                {
                    "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
                    "expiresAt": expires_at,
                    "proxyEndpoint": self._endpoint,
                }
            ]
        }
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()

    def host_of(self, authorization: str) -> str | None:
        """The registry host (`<account>.dkr.ecr.<region>.amazonaws.com`) of a Basic authorization; None if not valid."""
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
            account, region, expires_at, signature = password.split(".")
        except ValueError:
            return None
        subject = f"{account}.{region}.{expires_at}"
        if user != "AWS" or not hmac.compare_digest(self._sign(subject), signature) or int(expires_at) < time.time():
            return None
        return f"{account}.dkr.ecr.{region}.amazonaws.com"
