"""The embedded parts as a whole: run, owned by one, used by short commands, gone at the end."""

import asyncio
import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest

from omni.app.embedded.services import attached, owner, running
from omni.app.settings import Settings
from omni.core.errors import Conflict


def quiet(_: str) -> None:
    """Say nothing."""


async def answer(settings: Settings) -> object:
    connection = await asyncpg.connect(settings.database())
    try:
        return await connection.fetchval("SELECT 42")
    finally:
        await connection.close()


async def test_parts_run_inside_and_are_gone_after(open_folder: Path) -> None:
    settings = Settings(data=open_folder / "data")
    steps: list[str] = []
    async with running(settings, steps.append) as complete:
        assert await answer(complete) == 42
        assert complete.redis().startswith("unix://")
        assert owner(settings.data) == os.getpid()
        with pytest.raises(Conflict, match=f"process {os.getpid()}"):
            async with running(settings, quiet):
                pass
        async with attached(settings, quiet) as same:
            assert await answer(same) == 42
            assert same == complete
    assert steps == ["Starting PostgreSQL", "Starting Redis"]
    assert owner(settings.data) is None
    with pytest.raises(OSError, match="No such file"):
        await answer(complete)


async def test_a_short_command_runs_its_own(open_folder: Path) -> None:
    settings = Settings(data=open_folder / "data")
    async with attached(settings, quiet) as complete:
        assert await answer(complete) == 42
    assert owner(settings.data) is None


async def test_given_parts_are_not_started(tmp_path: Path, database_url: str) -> None:
    given = {"database_url": database_url, "redis_url": "redis://elsewhere"}
    settings = Settings.model_validate({"data": tmp_path, **given})
    steps: list[str] = []
    async with running(settings, steps.append) as complete:
        assert complete == settings
    assert steps == []


async def test_a_part_that_dies_comes_back(open_folder: Path) -> None:
    settings = Settings(data=open_folder / "data")
    async with running(settings, quiet) as complete:
        pid_file = settings.data / "postgres" / "postmaster.pid"
        first = int(pid_file.read_text().splitlines()[0])
        os.kill(first, signal.SIGKILL)
        for _ in range(500):
            try:
                assert await answer(complete) == 42
                break
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.02)
        assert int(pid_file.read_text().splitlines()[0]) != first


async def test_a_fault_inside_stops_the_parts(open_folder: Path) -> None:
    settings = Settings(data=open_folder / "data")
    with pytest.raises(ZeroDivisionError):
        async with running(settings, quiet):
            raise ZeroDivisionError
    assert owner(settings.data) is None


async def test_other_accounts_reach_new_folders_but_not_what_is_inside(open_folder: Path) -> None:
    data = open_folder / "new" / "data"
    before = os.umask(0o077)
    try:
        async with running(Settings(data=data), quiet) as complete:
            assert await answer(complete) == 42
    finally:
        os.umask(before)
    wanted = 0o711 if os.geteuid() == 0 else 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in (data.parent, data)] == [wanted] * 2
    for path in data.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
