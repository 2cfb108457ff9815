"""The database: where it is, what is in it, how its schema is brought up to date.

PostgreSQL everywhere, through Tortoise and its migrations (ADR-0003). Every package keeps its
models in its own `store.py`; this is the one list of them.
"""

import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor

from omni.core.errors import Invalid

MODELS = [
    "omni.app.journal_store",
    "omni.app.auth_store",
    "omni.acd.store",
    "omni.customers.store",
    "omni.tickets.store",
    "omni.dialer.store",
    "omni.channels.voice.store",
    "omni.channels.voice.announcement_store",
    "omni.channels.email.store",
    "omni.channels.email.answer_store",
    "omni.channels.chat.store",
    "omni.supervisor.store",
]
# What a statement raises when the database is away, or has just gone (ours says so at once; an
# error of ours in a statement is none of these).
AWAY = (
    DBConnectionError,
    ConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
)
MIGRATIONS = "omni.app.migrations"
APP = "omni"


async def _as_it_is(_: object) -> None:
    """Give a connection back without asking the server to forget its session's settings.

    We leave none: whatever we set is `SET LOCAL`'s, we listen to nothing, hold no session lock and
    no open cursor. asyncpg's own reset is a round trip after every transaction, a quarter of all.
    """


def credentials(url: str) -> dict[str, Any]:
    """Return asyncpg's connection arguments for `postgres://user:password@host:port/name`.

    A Unix socket is given as `postgres://user@/name?host=/folder&port=5432`.

    Raises:
        Invalid: the URL is not of that form.
    """
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql", "asyncpg"} or not host or not name:
        raise Invalid("database_url", "expected postgres://user:password@host:port/name")
    return {
        "host": host,
        "port": int(query.pop("port", 0) or parts.port or 5432),
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": name,
        "minsize": 1,
        "maxsize": int(query.pop("pool", 12)),
        **query,
    }


def tortoise_config(url: str) -> dict[str, Any]:
    """Return Tortoise's configuration for this database with all our models."""
    models = [name for name in MODELS if importlib.util.find_spec(name) is not None]
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {**credentials(url), "reset": _as_it_is},
            }
        },
        "apps": {
            APP: {"models": models, "default_connection": "default", "migrations": MIGRATIONS}
        },
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[TortoiseContext]:
    """Hold the connections to the database open; models work inside, in every task."""
    context = await Tortoise.init(config=tortoise_config(url), _enable_global_fallback=True)
    try:
        yield context
    finally:
        await context.close_connections()


async def migrate(url: str, progress: Callable[[str], None] = lambda _: None) -> None:
    """Bring the schema up to date; what is already applied is left alone."""
    config = tortoise_config(url)
    async with opened(url):
        executor = MigrationExecutor(get_connection("default"), config["apps"])
        await executor.migrate(progress=lambda event, _, name: progress(f"{event} {name}"))


async def write_migrations() -> list[str]:
    """Write a migration for what the models have and the migrations do not; return its path."""
    config = tortoise_config("postgres://nobody@localhost/none")
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        assert context.apps is not None
        writers = await MigrationAutodetector(context.apps, config["apps"]).changes()
        paths = [writer.write() for writer in writers]
    for path in paths:
        # Tortoise leaves out that a numeric key is given by us, and would see a change for ever.
        text = path.read_text().replace(
            "IntField(primary_key", "IntField(generated=False, primary_key"
        )
        path.write_text(text)
    return [str(path) for path in paths]


async def pending_changes() -> list[str]:
    """Name the differences between models and migrations: empty when they agree."""
    config = tortoise_config("postgres://nobody@localhost/none")
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        assert context.apps is not None
        writers = await MigrationAutodetector(context.apps, config["apps"]).changes()
        return [repr(operation) for writer in writers for operation in writer.operations]
