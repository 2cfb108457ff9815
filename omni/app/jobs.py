"""Background jobs through arq (ADR-0007): a name and a text, done at least once.

The pair of name and argument is the job's id: while it waits or runs, asking again changes
nothing. Nothing is pickled. When Redis is away the worker waits for it; jobs that were asked for
are in Redis's append-only file, and each service also looks for unfinished work when it starts.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.typing import WorkerCoroutine
from arq.worker import Function, Worker, func
from redis.exceptions import RedisError

from omni.core.errors import Unavailable

log = logging.getLogger(__name__)

QUEUE = "omni:jobs"
JOB_TIMEOUT_S = 6 * 3600
TRIES = 5
PAUSE_S = 1.0

Job = Callable[[str], Awaitable[None]]


def _to_bytes(value: dict[str, Any]) -> bytes:
    return json.dumps(value, default=repr).encode()


class ArqJobs:
    """Asks for jobs."""

    def __init__(self, redis_url: str) -> None:
        self._settings = RedisSettings.from_dsn(redis_url)
        self._settings.conn_retries = 1
        self._pool: ArqRedis | None = None

    async def enqueue(self, job: str, argument: str) -> None:
        """Have `job` done with this argument.

        Raises:
            Unavailable: Redis cannot be reached; nothing was asked for.
        """
        try:
            if self._pool is None:
                self._pool = await _open(self._settings)
            await self._pool.enqueue_job(job, argument, _job_id=f"{job}:{argument}")
        except (RedisError, OSError) as fault:
            raise Unavailable("jobs.unavailable", "the job queue cannot be reached") from fault

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.aclose(close_connection_pool=True)


async def run_worker(redis_url: str, jobs: Mapping[str, Job]) -> None:
    """Do jobs until cancelled."""
    functions = [
        func(_with_context(job), name=name, keep_result=0, timeout=JOB_TIMEOUT_S, max_tries=TRIES)
        for name, job in jobs.items()
    ]
    while True:
        try:
            await _work(redis_url, functions)
        except (RedisError, OSError):
            log.warning("the job queue cannot be reached; trying again")
            await asyncio.sleep(PAUSE_S)


async def _work(redis_url: str, functions: Sequence[Function]) -> None:
    pool = await _open(RedisSettings.from_dsn(redis_url))
    worker = Worker(
        functions,
        queue_name=QUEUE,
        redis_pool=pool,
        job_serializer=_to_bytes,
        job_deserializer=json.loads,
        handle_signals=False,
        poll_delay=0.2,
    )
    try:
        await worker.async_run()
    finally:
        for task in worker.tasks.values():
            task.cancel()
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        await pool.aclose(close_connection_pool=True)


async def _open(settings: RedisSettings) -> ArqRedis:
    return await create_pool(
        settings,
        job_serializer=_to_bytes,
        job_deserializer=json.loads,
        default_queue_name=QUEUE,
    )


def _with_context(job: Job) -> WorkerCoroutine:
    async def run(_: dict[Any, Any], argument: str) -> None:
        await job(argument)

    return cast(WorkerCoroutine, run)
