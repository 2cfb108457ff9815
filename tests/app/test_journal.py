"""The journal: one transaction, numbers without holes, consumers that miss and double nothing."""

import asyncio
import contextlib

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.connection import get_connection

from omni.app.bus import BATCH, JournalBus
from omni.app.journal import OpenTransaction, PostgresJournal, current_transaction
from omni.app.timekeeping import SystemClock
from omni.core.errors import Defect
from omni.core.events.base import Event, Recorded
from omni.core.events.catalogue import BY_TYPE
from omni.core.events.routing import GroupSaved, QueueSaved
from omni.core.ids import GroupId, QueueId

pytestmark = pytest.mark.usefixtures("database")


def queue(number: int) -> QueueSaved:
    return QueueSaved(queue_id=QueueId(f"q{number}"), name=f"Queue {number}")


@pytest.fixture
def journal() -> PostgresJournal:
    return PostgresJournal(SystemClock())


@contextlib.asynccontextmanager
async def running(bus: JournalBus):  # type: ignore[no-untyped-def]
    task = asyncio.create_task(bus.run())
    await bus.running.wait()
    try:
        yield bus
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def emit(journal: PostgresJournal, *events: Event) -> None:
    async with journal.transaction() as tx:
        for event in events:
            tx.emit(event)


async def wait_for(condition, what: str) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)
    assert condition(), what


async def test_events_are_numbered_in_order_and_read_back(journal: PostgresJournal) -> None:
    await emit(journal, queue(1), queue(2))
    await emit(journal, queue(3))
    read = [recorded async for recorded in journal.read(0)]
    assert [recorded.seq for recorded in read] == [1, 2, 3]
    assert [recorded.event for recorded in read] == [queue(1), queue(2), queue(3)]
    assert await journal.last_seq() == 3


async def test_a_failed_transaction_leaves_no_event_no_number_and_publishes_nothing(
    journal: PostgresJournal,
) -> None:
    published: list[Recorded[Event]] = []
    journal.published = published.extend
    with pytest.raises(ZeroDivisionError):
        async with journal.transaction() as tx:
            tx.emit(queue(1))
            _ = 1 / 0
    await emit(journal, queue(2))
    assert [recorded.seq for recorded in published] == [1]
    assert await journal.last_seq() == 1


async def test_parallel_writers_leave_no_hole(journal: PostgresJournal) -> None:
    async def write(number: int) -> None:
        if number % 5 == 0:
            with contextlib.suppress(ZeroDivisionError):
                async with journal.transaction() as tx:
                    tx.emit(queue(number))
                    _ = 1 / 0
        else:
            await emit(journal, queue(number), queue(number))

    await asyncio.gather(*(write(number) for number in range(100)))
    seqs = [recorded.seq async for recorded in journal.read(0)]
    assert seqs == list(range(1, 161))


async def test_a_begin_that_fails_takes_nothing_for_ever(journal: PostgresJournal) -> None:
    async def fail(self: TransactionWrapper) -> None:
        assert self._connection is not None
        self._connection.terminate()  # the database has just gone
        raise ConnectionError

    pool_size = 12
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionWrapper, "begin", fail)
        for _ in range(pool_size + 1):
            with pytest.raises(ConnectionError):
                await emit(journal, queue(1))
    async with asyncio.timeout(20):
        await emit(journal, queue(2))
        assert await journal.last_seq() == 1


async def test_transactions_do_not_nest(journal: PostgresJournal) -> None:
    async with journal.transaction():
        with pytest.raises(Defect):
            async with journal.transaction():
                pass


async def test_reading_by_type_and_key(journal: PostgresJournal) -> None:
    await emit(journal, queue(1), GroupSaved(group_id=GroupId("g"), name="G"), queue(2))
    assert [r.seq async for r in journal.read(0, types=["queue.saved"])] == [1, 3]
    assert [r.seq async for r in journal.read(0, keys=["g"])] == [2]


async def test_subscribers_get_parallel_commits_in_order(journal: PostgresJournal) -> None:
    bus = JournalBus(journal)
    got: list[int] = []

    async def handler(recorded: Recorded[Event]) -> None:
        got.append(recorded.seq)

    bus.subscribe("test", (), handler)
    async with running(bus):
        await asyncio.gather(*(emit(journal, queue(n)) for n in range(50)))
        await wait_for(lambda: len(got) == 50, "all arrived")
    assert got == list(range(1, 51))


async def test_a_failing_subscriber_holds_up_nobody(journal: PostgresJournal) -> None:
    bus = JournalBus(journal)
    got: list[int] = []

    async def broken(recorded: Recorded[Event]) -> None:
        raise RuntimeError

    async def handler(recorded: Recorded[Event]) -> None:
        got.append(recorded.seq)

    bus.subscribe("broken", (), broken)
    bus.subscribe("test", [QueueSaved], handler)
    async with running(bus):
        await emit(journal, queue(1), GroupSaved(group_id=GroupId("g"), name="G"), queue(2))
        await wait_for(lambda: len(got) == 2, "the other one got both")
    assert got == [1, 3]


async def test_what_another_process_wrote_is_found(journal: PostgresJournal) -> None:
    bus = JournalBus(journal)
    got: list[int] = []

    async def handler(recorded: Recorded[Event]) -> None:
        got.append(recorded.seq)

    bus.subscribe("test", (), handler)
    other = PostgresJournal(SystemClock())
    async with running(bus):
        await emit(other, queue(1))  # nobody tells us
        await emit(journal, queue(2))  # shows the hole
        await wait_for(lambda: len(got) == 2, "the hole was closed from the journal")
        await emit(other, queue(3))
        await wait_for(lambda: len(got) == 3, "found by looking at the head")
    assert got == [1, 2, 3]


async def test_a_consumer_catches_up_and_handles_each_event_once(journal: PostgresJournal) -> None:
    await emit(journal, queue(1), queue(2))
    handled: list[int] = []
    fail_once = {3}

    async def handler(recorded: Recorded[Event]) -> None:
        if recorded.seq in fail_once:
            fail_once.discard(recorded.seq)
            raise RuntimeError
        handled.append(recorded.seq)
        current_transaction().emit(GroupSaved(group_id=GroupId(f"g{recorded.seq}"), name="G"))

    for _ in range(2):  # the second run stands for a restart
        bus = JournalBus(journal)
        bus.consume("groups", [QueueSaved], handler)
        async with running(bus):
            await emit(journal, queue(9))
            await wait_for(
                lambda b=bus: not any(c.queue.qsize() for c in b._consumers), "queue empty"
            )
            await asyncio.sleep(0.6)
    groups = [r.event.key async for r in journal.read(0, types=["group.saved"])]
    assert len(handled) == len(set(handled)) == 4
    assert groups == [f"g{seq}" for seq in handled]
    _, rows = await get_connection("default").execute_query("SELECT seq FROM consumer_cursor", [])
    assert rows[0]["seq"] == handled[-1]


async def test_events_that_wait_are_handled_together_and_a_bad_one_alone(
    journal: PostgresJournal,
) -> None:
    await emit(journal, *(queue(n) for n in range(BATCH + 9)))
    transactions: list[OpenTransaction] = []
    bad_tries = 3

    async def handler(recorded: Recorded[Event]) -> None:
        nonlocal bad_tries
        if not transactions or transactions[-1] is not current_transaction():
            transactions.append(current_transaction())
        current_transaction().emit(GroupSaved(group_id=GroupId(f"g{recorded.seq}"), name="G"))
        if recorded.seq == BATCH + 5 and bad_tries:
            bad_tries -= 1
            raise RuntimeError

    bus = JournalBus(journal)
    bus.consume("groups", [QueueSaved], handler)
    async with running(bus):
        async with asyncio.timeout(10):
            while await journal.last_seq() < 2 * (BATCH + 9):
                await asyncio.sleep(0.01)
    groups = [r.event.key async for r in journal.read(0, types=["group.saved"])]
    assert groups == [f"g{seq}" for seq in range(1, BATCH + 10)]
    assert len(transactions) == 1 + 1 + 9 + 2, "two batches; the second one by one, one thrice"


def test_every_event_can_be_read_back() -> None:
    ours = [kind for kind in Event.__subclasses__() if kind.__module__.startswith("omni.")]
    assert {kind.TYPE for kind in ours} == set(BY_TYPE)
