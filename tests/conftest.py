"""Fixtures that several packages' tests share: databases, Redis, Asterisk.

One PostgreSQL serves the whole session, without fsync; each test gets a copy of a database that
was migrated once. `OMNI_TEST_DATABASE_URL` (an account that may create databases) names another
server to use instead, such as Debian's.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis.asyncio import Redis

from omni.app.database import opened
from omni.app.embedded.asterisk_install import AsteriskInstall, ensure_installed
from omni.app.embedded.places import default_cache
from omni.app.embedded.redis import RedisServer
from omni.app.embedded.services import prepare
from tests.database_server import (
    TEMPLATE,
    copy_cluster,
    drop_database,
    execute,
    make_template,
    new_database,
    served,
)
from tests.effort import effort

# For the tests that say nothing of their own.
settings.register_profile("omni", effort(100))
settings.load_profile("omni")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database, so that it can be run against another PostgreSQL."""
    for item in items:
        if isinstance(item, pytest.Function) and "database_server" in item.fixturenames:
            item.add_marker("database")


@pytest.fixture(scope="session")
def asterisk() -> AsteriskInstall:
    """Asterisk 22, unpacked into the user's cache on first use."""
    return asyncio.run(ensure_installed(default_cache(), lambda step: None))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that another account can pass through (tmp_path is closed to others)."""
    folder = Path(tempfile.mkdtemp(prefix="omni-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_folder(open_folder: Path) -> Path:
    """The data folder of an omni that has run before: it need not migrate its empty database.

    What a first start does `test_end_of_process.py` tries on an empty folder.
    """
    folder = open_folder / "data"
    prepare(folder)
    copy_cluster(folder)
    return folder


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """The address of a PostgreSQL on which databases may be made."""
    given = os.environ.get("OMNI_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with served() as url:
        yield url


@pytest.fixture(scope="session")
def database_template(database_server: str) -> Iterator[str]:
    """The name of a migrated database to copy."""
    if "OMNI_TEST_DATABASE_URL" not in os.environ:
        yield TEMPLATE
        return
    name = f"{TEMPLATE}_{os.getpid()}"
    asyncio.run(make_template(database_server, name))
    yield name
    asyncio.run(execute(database_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database_url(database_server: str, database_template: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated database; it is dropped after the test."""
    url = await new_database(database_server, database_template)
    yield url
    await drop_database(url)


@pytest.fixture
async def empty_database_url(database_server: str) -> AsyncIterator[str]:
    """The address of a database without a schema; it is dropped after the test."""
    url = await new_database(database_server)
    yield url
    await drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The address of a fresh, migrated database that is open: models work."""
    async with opened(database_url):
        yield database_url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a Redis for the whole session."""
    given = os.environ.get("OMNI_TEST_REDIS_URL")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="omni-test-"))
    server = RedisServer(folder)
    try:
        yield asyncio.run(server.start())
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(folder)


@pytest.fixture
async def redis_url(redis_server: str) -> str:
    """The address of an empty Redis."""
    async with Redis.from_url(redis_server) as client:
        await client.flushall()
    return redis_server
