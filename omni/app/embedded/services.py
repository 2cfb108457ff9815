"""The embedded parts that the settings do not replace, running for as long as a block lasts.

Rules:
1. One omni at a time owns a data folder: it holds a lock on `lock` in it, which the kernel takes
   back however it ends.
2. `running` starts what is missing and owns it. `attached` is for short commands (`migrate`,
   `user add`): it uses the parts of an omni that runs already, else its own for a moment.
3. A part that dies is started again; one that keeps dying ends the block with ChildFailed.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from omni.app.embedded.postgres import PostgresServer
from omni.app.embedded.redis import RedisServer
from omni.app.settings import Settings
from omni.core.errors import Conflict

log = logging.getLogger(__name__)

Progress = Callable[[str], None]


class Server(Protocol):
    """What the embedded servers have in common."""

    async def start(self) -> str:
        """Start and return the address."""
        ...

    async def stop(self) -> None:
        """Stop, or do nothing."""
        ...

    async def watch(self, on_restart: Callable[[int], Awaitable[None]] | None = None) -> None:
        """Start again when it dies."""
        ...


@asynccontextmanager
async def running(settings: Settings, progress: Progress) -> AsyncIterator[Settings]:
    """Run the embedded parts; inside, the returned settings have every part's address.

    Raises Conflict when another omni uses the data folder, ChildFailed when a part cannot run.
    """
    prepare(settings.data)
    with _owned(settings.data):
        try:
            async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
                servers = _servers(settings, progress)
                for server in servers.values():
                    stack.push_async_callback(server.stop)
                async with asyncio.TaskGroup() as starting:
                    started = {n: starting.create_task(s.start()) for n, s in servers.items()}
                for name, server in servers.items():
                    group.create_task(server.watch(_reporter(name)))
                addresses = {name: SecretStr(task.result()) for name, task in started.items()}
                yield settings.model_copy(update=addresses)
        except BaseExceptionGroup as faults:
            raise _alone(faults) from None


def _alone(fault: BaseException) -> BaseException:
    """Return the one fault of a group: callers want to catch it by its own name."""
    while isinstance(fault, BaseExceptionGroup) and len(fault.exceptions) == 1:
        fault = fault.exceptions[0]
    return fault


def _servers(settings: Settings, progress: Progress) -> dict[str, Server]:
    servers: dict[str, Server] = {}
    if settings.database_url is None:
        progress("Starting PostgreSQL")
        servers["database_url"] = PostgresServer(settings.data)
    if settings.redis_url is None:
        progress("Starting Redis")
        servers["redis_url"] = RedisServer(settings.data)
    return servers


@asynccontextmanager
async def attached(settings: Settings, progress: Progress) -> AsyncIterator[Settings]:
    """Use the parts of the omni that runs on this data folder, else run them for a moment."""
    prepare(settings.data)
    try:
        with _owned(settings.data):
            pass
    except Conflict:
        addresses = {}
        if settings.database_url is None:
            addresses["database_url"] = SecretStr(PostgresServer(settings.data).url())
        if settings.redis_url is None:
            addresses["redis_url"] = SecretStr(RedisServer(settings.data).url)
        yield settings.model_copy(update=addresses)
        return
    async with running(settings, progress) as complete:
        yield complete


def prepare(data: Path) -> None:
    """Make the data folder, closed to others as far as the parts allow.

    As root others may pass through it, because PostgreSQL runs as another account, but not list.
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for folder in reversed([data, *data.parents]):
        if not folder.exists():
            folder.mkdir()
            folder.chmod(mode)
    data.chmod(mode)
    for name in ("log", "recordings"):
        (data / name).mkdir(exist_ok=True)
        (data / name).chmod(0o700)


def owner(data: Path) -> int | None:
    """Return the process that runs on the data folder, None if there is none."""
    try:
        with _owned(data):
            return None
    except Conflict as conflict:
        return int(conflict.data["process"] or 0)
    except OSError:
        return None


@contextmanager
def _owned(data: Path) -> Iterator[None]:
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            text = lock.read().strip()
            raise Conflict(
                "data.in_use",
                f"another omni (process {text}) uses {data}: stop it, or choose another OMNI_DATA",
                process=int(text) if text.isdigit() else 0,
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _reporter(name: str) -> Callable[[int], Awaitable[None]]:
    async def report(code: int) -> None:
        log.error("an embedded part died and was started again", extra={"part": name, "code": code})

    return report
