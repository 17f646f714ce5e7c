"""The compute plane as seen from ministack: an HTTP client on ministack's own event loop, with connections kept open."""

import asyncio
import json
from urllib.parse import urlsplit


class PlaneError(Exception):
    """The compute plane could not be reached, or refused a request with `code`."""

    def __init__(self, message: str, code: str = "InternalError"):
        super().__init__(message)
        self.code = code


class ComputePlane:
    """Posts JSON to the compute plane, on the event loop."""

    def __init__(self, url: str, token: str):
        parts = urlsplit(url)
        self._host, self._port, self._token = parts.hostname, parts.port, token
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Names the loop that the connections belong to; called once, when ministack begins to serve."""
        self.loop = loop

    async def post(self, path: str, message: dict) -> dict:
        """The answer's JSON. Raises PlaneError for anything but status 200. Cancelling closes the connection."""
        body = json.dumps(message).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\nx-crucible-token: {self._token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        ).encode()
        while self._idle:
            connection = self._idle.pop()
            if connection[0].at_eof() or connection[1].is_closing():
                connection[1].close()
                continue
            # A kept connection may have been closed while the request was on its way: nothing was answered, nothing done.
            try:
                return await self._exchange(connection, head + body)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if getattr(error, "partial", b""):
                    raise PlaneError(f"the compute plane broke off while answering {path}") from error
        try:
            connection = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
            return await self._exchange(connection, head + body)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise PlaneError(f"the compute plane did not answer {path}: {error!r}") from error

    async def _exchange(self, connection, request: bytes) -> dict:
        reader, writer = connection
        reusable = False
        try:
            writer.write(request)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(head[0].split(" ")[1])
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            body = await reader.readexactly(int(headers["content-length"]))
            reusable = headers.get("connection") != "close"
        finally:
            if reusable:
                self._idle.append(connection)
            else:
                writer.close()
        answer = json.loads(body) if body else {}
        if status != 200:
            raise PlaneError(answer.get("message", f"status {status}"), answer.get("code", "InternalError"))
        return answer
