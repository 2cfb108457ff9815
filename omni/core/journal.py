"""Ports of the journal: how a service changes state and how a consumer hears of it.

A service writes rows and events in one transaction:

    async with journal.transaction() as tx:
        await store.save(...)            # ORM calls inside use the transaction
        tx.emit(InteractionArrived(...))

After the commit the events go to the bus in the order of their numbers. If the block raises,
nothing is written and nothing is published.

A consumer is called at least once for every event, in order. One that writes is given a name: its
cursor moves in the same transaction as its writes (it is then exactly once for the database).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from omni.core.events.base import Event, Recorded


class Transaction(Protocol):
    """An open change of state."""

    def emit(self, event: Event) -> None:
        """Add an event; it gets its number and is published at commit."""
        ...


class Journal(Protocol):
    """The numbered, durable list of all that happened."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a change of state. Never nest two of them, never wait for the outside in one."""
        ...

    def read(
        self, after_seq: int, *, types: Sequence[str] = (), keys: Sequence[str] = ()
    ) -> AsyncIterator[Recorded[Event]]:
        """Yield the events after `after_seq` in order, optionally only of some types or keys."""
        ...

    async def last_seq(self) -> int:
        """Return the number of the newest event, 0 when there is none."""
        ...


Handler = Callable[[Recorded[Event]], Awaitable[None]]
BatchHandler = Callable[[Sequence[Recorded[Event]]], Awaitable[None]]


class Bus(Protocol):
    """Hands committed events to those who asked, in order of their numbers.

    One slow or failing subscriber never holds up another: each has its own task and its own queue.
    """

    def subscribe(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None:
        """Call `handler` for every event of these types (all when empty) from now on.

        For reactions of the running process (joining a call, pushing to a screen). A handler that
        raises is logged and the next event is given to it: what must not be lost is a
        `consume`.
        """
        ...

    def consume(self, name: str, types: Sequence[type[Event]], handler: Handler) -> None:
        """Like `subscribe`, but durable: goes on after the last event handled before a restart.

        The handler runs inside a journal transaction together with the cursor's move and gets
        retried (with back-off) until it succeeds; use `current_transaction()` to emit.
        """
        ...

    def consume_together(
        self, name: str, types: Sequence[type[Event]], handler: BatchHandler
    ) -> None:
        """Like `consume`, for a handler that takes the events of a transaction at once."""
        ...

    def current_transaction(self) -> Transaction:
        """Return the transaction that a `consume` handler runs in."""
        ...
