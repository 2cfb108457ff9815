"""Background jobs on a real Redis: done, not doubled, tried again, waiting for Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from omni.app.jobs import ArqJobs, Job, run_worker
from omni.core.errors import Unavailable


@pytest.fixture
async def jobs(redis_url: str) -> AsyncIterator[ArqJobs]:
    jobs = ArqJobs(redis_url)
    yield jobs
    await jobs.close()


@contextlib.asynccontextmanager
async def worker(redis_url: str, table: dict[str, Job]) -> AsyncIterator[None]:
    task = asyncio.create_task(run_worker(redis_url, table))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_job_is_done_once_however_often_it_was_asked_for(
    redis_url: str, jobs: ArqJobs
) -> None:
    done: list[str] = []
    finished = asyncio.Event()

    async def note(argument: str) -> None:
        done.append(argument)
        if len(done) == 2:
            finished.set()

    for argument in ("a", "a", "b", "a"):
        await jobs.enqueue("note", argument)
    async with asyncio.timeout(10), worker(redis_url, {"note": note}):
        await finished.wait()
        while len(done) < 3:
            await jobs.enqueue("note", "a")  # once the first is over it may be asked for again
            await asyncio.sleep(0.05)
    assert sorted(done[:2]) == ["a", "b"]
    assert done[2] == "a"


async def test_a_job_cut_off_in_the_middle_is_done_again(redis_url: str, jobs: ArqJobs) -> None:
    begun = asyncio.Event()
    again = asyncio.Event()

    async def hang(argument: str) -> None:
        begun.set()
        await asyncio.sleep(3600)

    async def finish(argument: str) -> None:
        again.set()

    await jobs.enqueue("import", "x")
    async with asyncio.timeout(20):
        async with worker(redis_url, {"import": hang}):
            await begun.wait()
        async with worker(redis_url, {"import": finish}):
            await again.wait()


async def test_without_redis_asking_says_so() -> None:
    jobs = ArqJobs("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await jobs.enqueue("note", "a")
