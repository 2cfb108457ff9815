"""The bus's contract, for one process and for several joined by Redis Streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from omni.app.bus import REST_S, JournalBus, Transport
from omni.app.bus_redis import STREAM, RedisTransport
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import SystemClock
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import QueueSaved
from omni.core.ids import QueueId

pytestmark = pytest.mark.usefixtures("database")

Process = tuple[PostgresJournal, JournalBus, list[int]]
MakeTransport = Callable[[], Transport | None]


@pytest.fixture(params=["alone", "redis"])
async def transport(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[MakeTransport]:
    clients: list[Redis] = []

    def make() -> Transport | None:
        if request.param == "alone":
            return None
        clients.append(Redis.from_url(redis_url))
        return RedisTransport(clients[-1])

    yield make
    for client in clients:
        await client.aclose()


@contextlib.asynccontextmanager
async def process(transport: Transport | None) -> AsyncIterator[Process]:
    """A process's journal and bus, running, with a subscriber that notes what it gets."""
    journal = PostgresJournal(SystemClock())
    bus = JournalBus(journal, transport)
    got: list[int] = []

    async def note(recorded: Recorded[Event]) -> None:
        got.append(recorded.seq)

    bus.subscribe("note", [QueueSaved], note)
    task = asyncio.create_task(bus.run())
    await bus.running.wait()
    yield journal, bus, got
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def write(journal: PostgresJournal, count: int) -> None:
    for number in range(count):
        async with journal.transaction() as tx:
            tx.emit(QueueSaved(queue_id=QueueId(str(number)), name=""))


async def arrived(got: list[int], last: int) -> None:
    async with asyncio.timeout(10):
        while not got or got[-1] < last:
            await asyncio.sleep(0.01)


async def test_two_processes_see_all_events_in_order_once(transport: MakeTransport) -> None:
    async with process(transport()) as (one, _, got_one), process(transport()) as (two, _, got_two):
        await asyncio.gather(write(one, 30), write(two, 30))
        await arrived(got_one, 60)
        await arrived(got_two, 60)
    assert got_one == got_two == list(range(1, 61))


async def test_repeats_and_disorder_change_nothing(transport: MakeTransport) -> None:
    async with process(transport()) as (journal, bus, got):
        await write(journal, 3)
        await arrived(got, 3)
        again = [recorded async for recorded in journal.read(0)]
        bus.receive(again[::-1])
        bus.receive(again)
        await write(journal, 1)
        await arrived(got, 4)
    assert got == [1, 2, 3, 4]


async def test_a_stream_that_lost_everything_loses_no_event(
    transport: MakeTransport, redis_url: str
) -> None:
    async with process(transport()) as (_, _, got), process(transport()) as (other, _, _):
        await write(other, 5)
        await arrived(got, 5)
        async with Redis.from_url(redis_url) as client:
            await client.delete(STREAM)
        await write(other, 5)
        await arrived(got, 10)
    assert got == list(range(1, 11))


async def test_a_stream_costs_a_consumer_few_transactions_and_one_event_no_wait() -> None:
    journal = PostgresJournal(SystemClock())
    bus = JournalBus(journal)
    got: list[int] = []
    transactions = []

    async def note(recorded: Recorded[Event]) -> None:
        got.append(recorded.seq)
        if bus.current_transaction() not in transactions:
            transactions.append(bus.current_transaction())

    bus.consume("note", [QueueSaved], note)
    task = asyncio.create_task(bus.run())
    await bus.running.wait()
    began_s = asyncio.get_running_loop().time()
    await write(journal, 60)
    await arrived(got, 60)
    took_s = asyncio.get_running_loop().time() - began_s
    assert got == list(range(1, 61))
    assert len(transactions) <= 3 + took_s / REST_S
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
