"""Runs ministack with the bridge, for one cloud process.

    launcher.py PORT      (0: a free one)

Standard input: one line of JSON (`services`, `computeUrl`, `token`), then nothing until the cloud process is gone: at its
end this process and everything it started are killed. Standard output: one line of JSON, `{"port": …}` once requests are
answered or `{"error": …}`. Logs go to standard error. The environment (folders, AUTH, …) is set by the cloud process.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import threading


def fail(message: str) -> None:
    print(json.dumps({"error": message}), flush=True)
    sys.exit(1)


def listen(port: int) -> socket.socket:
    """A socket that accepts already: connections that come before the server runs wait instead of being refused."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        fail(f"port {port} of 127.0.0.1 cannot be used ({error.strerror}); choose another one")
    listener.listen(1024)
    return listener


def die_with(lifeline) -> None:
    """Kills this process group when `lifeline` ends; a thread, so that no busy event loop can put it off."""

    def watch() -> None:
        while lifeline.read(4096):
            pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()


def main() -> None:
    if os.getpgrp() != os.getpid():
        fail("the launcher has to lead a process group of its own")
    listener = listen(int(sys.argv[1]))
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)

    from bridge import names

    try:
        names.check_version()
        names.check_names()
    except names.Incompatible as error:
        fail(str(error))

    from bridge.install import install
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    lifeline = sys.stdin.buffer.raw
    line = b""
    while not line.endswith(b"\n"):
        chunk = lifeline.read(1)
        if not chunk:
            sys.exit(0)
        line += chunk
    die_with(lifeline)

    application, plane = install(
        json.loads(line),
        f"http://127.0.0.1:{port}",
        on_ready=lambda: print(json.dumps({"port": port}), flush=True),
    )

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "WARNING"
    # Clients keep connections for long and do not expect the server to drop an idle one between two requests.
    config.keep_alive_timeout = 3600
    config.backlog = 1024

    async def run() -> None:
        plane.bind(asyncio.get_running_loop())
        await serve(application, config, shutdown_trigger=asyncio.Event().wait)

    asyncio.run(run())


if __name__ == "__main__":
    main()
