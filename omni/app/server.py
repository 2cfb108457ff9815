"""The HTTP server: uvicorn inside our own process, listening where the settings say.

uvicorn's own signal handlers are left out: the command line stops everything in order.
"""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from omni.app.settings import Settings

SHUTDOWN_S = 3
WS_MAX_BYTES = 256 * 1024


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(settings: Settings) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the port is taken or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


async def serve_http(app: ASGIApp, sock: socket.socket, settings: Settings) -> None:
    """Serve until cancelled; then open requests get `SHUTDOWN_S` to end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        log_level="warning",
        lifespan="off",
        ws="websockets-sansio",
        server_header=False,
        ws_max_size=WS_MAX_BYTES,
        timeout_graceful_shutdown=SHUTDOWN_S,
        proxy_headers=bool(settings.forwarded_from),
        forwarded_allow_ips=list(settings.forwarded_from) or None,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        await task
        raise
    finally:
        sock.close()
