"""The journal on PostgreSQL: state and events in one transaction, numbers without holes.

Rules:
1. Events get their numbers from one row (`journal_head`) whose lock is held until the commit.
   Numbers therefore follow the order of commits and have no holes: who has read up to n has
   missed nothing below n, and a hole in what one receives is always a delay or a loss on the way.
2. The events of a transaction are written as its last statement, so that the lock is held for one
   round trip and the commit.
3. After the commit they are handed to `published` (the bus) and the caller goes on.

Why one lock: sequences hand out numbers in the order of asking, not of commits, so a reader that
trusts them skips events (ADR-0004). Cost: commits that carry events follow one another; measured
by `omni bench journal`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionContextPooled
from tortoise.connection import get_connection, get_connections
from tortoise.transactions import in_transaction

from omni.core.clock import Clock
from omni.core.errors import Defect
from omni.core.events.base import Event, Recorded
from omni.core.events.catalogue import parse_event

_APPEND = """
WITH head AS (
    INSERT INTO journal_head (id, seq) VALUES (1, $1)
    ON CONFLICT (id) DO UPDATE SET seq = journal_head.seq + $1
    RETURNING seq
)
INSERT INTO journal (seq, at, type, key, payload)
SELECT head.seq - $1 + new.n, $2, new.type, new.key, new.payload::jsonb
FROM head, unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS new(type, key, payload, n)
RETURNING seq
"""
_READ = """
SELECT seq, at, type, payload::text AS payload FROM journal
WHERE seq > $1 AND ($2::text[] = '{}' OR type = ANY($2)) AND ($3::text[] = '{}' OR key = ANY($3))
ORDER BY seq LIMIT $4
"""
_LATEST = """
SELECT DISTINCT ON (type, key) seq, at, type, payload::text AS payload FROM journal
WHERE type = ANY($1) AND seq <= $2 ORDER BY type, key, seq DESC
"""
READ_BATCH = 1000  # rows held in memory while reading

Publish = Callable[[list[Recorded[Event]]], None]


@asynccontextmanager
async def _begun() -> AsyncIterator[BaseDBAsyncClient]:
    """Hold a transaction of the ORM open; a failing begin or end gives back what was taken.

    Tortoise 1.1.9 takes a connection from the pool and makes it the task's own, then begins. When
    that fails (the database has just gone) both stay so: the pool loses a connection each time,
    and the task goes on with a dead one for ever.
    """
    context = in_transaction()
    assert isinstance(context, TransactionContextPooled), "journal transactions do not nest"
    try:
        connection = await context.__aenter__()
    except BaseException:
        pool = context.client._parent._pool
        if hasattr(context, "token") and pool is not None:
            _leave(context)
            await pool.release(context.client._connection)
        raise
    try:
        yield connection
    except BaseException as fault:
        try:
            await context.__aexit__(type(fault), fault, fault.__traceback__)
        finally:
            _leave(context)
        raise
    else:
        try:
            await context.__aexit__(None, None, None)
        finally:
            _leave(context)


def _leave(context: TransactionContextPooled) -> None:
    """Make the pool the task's connection again, if giving back the dead one came in between."""
    connections = get_connections()
    if connections.get(context.connection_name) is context.client:
        connections.reset(context.token)


class OpenTransaction:
    """Collects the events of a transaction until its commit."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


_current: ContextVar[OpenTransaction | None] = ContextVar("omni_transaction", default=None)


def current_transaction() -> OpenTransaction:
    """Return the transaction this task is in.

    Raises:
        Defect: it is in none.
    """
    transaction = _current.get()
    if transaction is None:
        raise Defect("no journal transaction is open here")
    return transaction


class PostgresJournal:
    """See `omni.core.journal.Journal`."""

    def __init__(self, clock: Clock, published: Publish = lambda _: None) -> None:
        self._clock = clock
        self.published = published

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[OpenTransaction]:
        """Open a change of state; events go out after its commit.

        Raises:
            Defect: one is already open in this task.
        """
        if _current.get() is not None:
            raise Defect("journal transactions do not nest")
        transaction = OpenTransaction()
        token = _current.set(transaction)
        recorded: list[Recorded[Event]] = []
        try:
            async with _begun() as connection:
                yield transaction
                if transaction.events:
                    recorded = await self._append(connection, transaction.events)
        finally:
            _current.reset(token)
        if recorded:
            self.published(recorded)

    async def _append(
        self, connection: BaseDBAsyncClient, events: list[Event]
    ) -> list[Recorded[Event]]:
        at = self._clock.now()
        arguments = [
            len(events),
            at,
            [event.TYPE for event in events],
            [event.key for event in events],
            [event.model_dump_json() for event in events],
        ]
        _, rows = await connection.execute_query(_APPEND, arguments)
        seqs = sorted(row["seq"] for row in rows)
        return [Recorded(seq, at, event) for seq, event in zip(seqs, events, strict=True)]

    async def read(
        self, after_seq: int, *, types: Sequence[str] = (), keys: Sequence[str] = ()
    ) -> AsyncIterator[Recorded[Event]]:
        """Yield events after `after_seq` in order, `READ_BATCH` at a time."""
        while True:
            _, rows = await get_connection("default").execute_query(
                _READ, [after_seq, list(types), list(keys), READ_BATCH]
            )
            for row in rows:
                yield Recorded(row["seq"], row["at"], parse_event(row["type"], row["payload"]))
            if len(rows) < READ_BATCH:
                return
            after_seq = rows[-1]["seq"]

    async def latest(self, types: Sequence[str], up_to: int) -> AsyncIterator[Recorded[Event]]:
        """Yield the last event of each of these types for each key, up to a number, in order."""
        _, rows = await get_connection("default").execute_query(_LATEST, [list(types), up_to])
        for row in sorted(rows, key=lambda row: int(row["seq"])):
            yield Recorded(row["seq"], row["at"], parse_event(row["type"], row["payload"]))

    async def last_seq(self) -> int:
        """Return the newest event's number, 0 when there is none."""
        _, rows = await get_connection("default").execute_query("SELECT seq FROM journal_head", [])
        return int(rows[0]["seq"]) if rows else 0

    async def seq_at(self, instant: datetime) -> int:
        """Return the number of the last event before `instant`, 0 when there is none."""
        _, rows = await get_connection("default").execute_query(
            "SELECT seq FROM journal WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1", [instant]
        )
        return int(rows[0]["seq"]) if rows else 0
