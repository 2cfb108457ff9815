"""The bus: committed events to subscribers and durable consumers, in order, each exactly as far
as its port says (`omni.core.journal.Bus`).

Rules:
1. Events are dispatched in the order of their numbers. What arrives early waits; a hole that does
   not close within `GAP_PATIENCE_S` is read from the journal (another process wrote it).
2. The journal is the truth, a transport only makes it quick: every `POLL_S` the head is looked at,
   so that a lost message or a dead transport costs a second, never an event.
3. Each subscriber has its own task and queue: a slow or failing one holds up nobody.
4. A consumer's cursor moves in the transaction of its writes. Events that wait are handled
   together, up to `BATCH` in one transaction, so that a burst costs few; when that fails, one by
   one. On failure it tries again with growing pauses, for ever: an event is never skipped.
5. A consumer begins no sooner than `REST_S` after it last began, unless `BATCH` events wait: what
   comes alone is handled at once, a stream costs ten transactions a second.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from tortoise.connection import get_connection

from omni.app.journal import PostgresJournal, current_transaction
from omni.core.events.base import Event, Recorded
from omni.core.journal import BatchHandler, Handler, Transaction

log = logging.getLogger(__name__)

GAP_PATIENCE_S = 0.05
POLL_S = 1.0
RETRY_FIRST_S, RETRY_MAX_S = 0.2, 10.0
BATCH = 50  # a transaction of so many takes about a tenth of a second; more would only delay
REST_S = 0.1

_MOVE_CURSOR = """
INSERT INTO consumer_cursor (name, seq) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET seq = $2 WHERE consumer_cursor.seq < $2
"""


class Transport(Protocol):
    """Carries events between processes; may lose, repeat and reorder them."""

    def send(self, batch: list[Recorded[Event]]) -> None:
        """Hand on what this process committed."""
        ...

    async def run(self, bus: "JournalBus") -> None:
        """Call `bus.receive` with what other processes sent, until cancelled."""
        ...


class _Listener:
    """Who wants events, and those that wait for it."""

    def __init__(self, name: str, types: Sequence[type[Event]]) -> None:
        self.name = name
        self.types = frozenset(types)
        self.queue: asyncio.Queue[Recorded[Event]] = asyncio.Queue()

    def wants(self, recorded: Recorded[Event]) -> bool:
        return not self.types or type(recorded.event) in self.types


class _Subscriber(_Listener):
    def __init__(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None:
        super().__init__(name, types)
        self.handler = handler


class _Consumer(_Listener):
    def __init__(self, name: str, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        super().__init__(name, types)
        self.handler = handler


class JournalBus:
    """The bus of one process. Subscribe before `run`."""

    def __init__(self, journal: PostgresJournal, transport: Transport | None = None) -> None:
        self._journal = journal
        self._transport = transport
        self._subscribers: list[_Subscriber] = []
        self._consumers: list[_Consumer] = []
        self._early: dict[int, Recorded[Event]] = {}
        self._next = 0  # 0: not running yet
        self._wake = asyncio.Event()
        self.running = asyncio.Event()
        journal.published = self.publish

    def subscribe(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None:
        self._subscribers.append(_Subscriber(name, types, handler))

    def consume(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None:
        async def each(batch: Sequence[Recorded[Event]]) -> None:
            for recorded in batch:
                await handler(recorded)

        self.consume_together(name, types, each)

    def consume_together(
        self, name: str, types: Sequence[type[Event]], handler: BatchHandler
    ) -> None:
        self._consumers.append(_Consumer(name, types, handler))

    def current_transaction(self) -> Transaction:
        return current_transaction()

    def publish(self, batch: list[Recorded[Event]]) -> None:
        """Take what this process has just committed."""
        self.receive(batch)
        if self._transport is not None:
            self._transport.send(batch)

    def receive(self, batch: list[Recorded[Event]]) -> None:
        """Take events from anywhere, in any order, also repeated ones."""
        if not self._next:
            return  # not running: consumers will read them from the journal
        for recorded in batch:
            if recorded.seq >= self._next:
                self._early[recorded.seq] = recorded
        self._dispatch()
        if self._early:
            self._wake.set()

    def waiting(self) -> int:
        """Return how many events wait for their consumers."""
        return sum(consumer.queue.qsize() for consumer in self._consumers)

    def _dispatch(self) -> None:
        while (recorded := self._early.pop(self._next, None)) is not None:
            self._next += 1
            for listener in (*self._subscribers, *self._consumers):
                if listener.wants(recorded):
                    listener.queue.put_nowait(recorded)

    async def run(self) -> None:
        """Dispatch until cancelled; consumers first catch up from their cursors."""
        head = await self._journal.last_seq()
        self._next = head + 1
        async with asyncio.TaskGroup() as tasks:
            for subscriber in self._subscribers:
                tasks.create_task(self._serve(subscriber), name=f"bus:{subscriber.name}")
            for consumer in self._consumers:
                tasks.create_task(self._consume(consumer, head), name=f"bus:{consumer.name}")
            if self._transport is not None:
                tasks.create_task(self._transport.run(self), name="bus:transport")
            tasks.create_task(self._watch(), name="bus:watch")
            self.running.set()

    async def _watch(self) -> None:
        """Close holes and find what no transport brought."""
        while True:
            try:
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
                await asyncio.sleep(GAP_PATIENCE_S)
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                if self._early or await self._journal.last_seq() >= self._next:
                    async for recorded in self._journal.read(self._next - 1):
                        self._early.setdefault(recorded.seq, recorded)
                    self._dispatch()
            except Exception:
                log.exception("reading the journal failed; trying again")

    async def _serve(self, subscriber: _Subscriber) -> None:
        while True:
            recorded = await subscriber.queue.get()
            try:
                await subscriber.handler(recorded)
            except Exception:
                log.exception(
                    "subscriber failed",
                    extra={"subscriber": subscriber.name, "seq": recorded.seq},
                )

    async def _consume(self, consumer: _Consumer, head: int) -> None:
        done = await self._cursor(consumer.name)
        types = sorted(kind.TYPE for kind in consumer.types)
        batch: list[Recorded[Event]] = []
        async for recorded in self._journal.read(done, types=types):
            if recorded.seq > head:
                break
            batch.append(recorded)
            if len(batch) == BATCH:
                await self._handle(consumer, batch)
                batch = []
        if batch:
            await self._handle(consumer, batch)
        loop = asyncio.get_running_loop()
        while True:
            batch = [await consumer.queue.get()]
            began_s = loop.time()
            while len(batch) < BATCH and not consumer.queue.empty():
                batch.append(consumer.queue.get_nowait())
            await self._handle(consumer, batch)
            if consumer.queue.qsize() < BATCH:
                await asyncio.sleep(began_s + REST_S - loop.time())

    async def _cursor(self, name: str) -> int:
        _, rows = await get_connection("default").execute_query(
            "SELECT seq FROM consumer_cursor WHERE name = $1", [name]
        )
        return int(rows[0]["seq"]) if rows else 0

    async def _handle(self, consumer: _Consumer, batch: list[Recorded[Event]]) -> None:
        if len(batch) > 1:
            try:
                await self._commit(consumer, batch)
                return
            except Exception:
                log.warning(
                    "consumer failed; trying its events one by one",
                    extra={"consumer": consumer.name, "seq": batch[0].seq},
                )
        for recorded in batch:
            await self._handle_one(consumer, recorded)

    async def _handle_one(self, consumer: _Consumer, recorded: Recorded[Event]) -> None:
        pause_s = RETRY_FIRST_S
        while True:
            try:
                await self._commit(consumer, [recorded])
                return
            except Exception:
                log.exception(
                    "consumer failed; trying again",
                    extra={"consumer": consumer.name, "seq": recorded.seq},
                )
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_MAX_S)

    async def _commit(self, consumer: _Consumer, batch: list[Recorded[Event]]) -> None:
        async with self._journal.transaction():
            await consumer.handler(batch)
            await get_connection("default").execute_query(
                _MOVE_CURSOR, [consumer.name, batch[-1].seq]
            )
