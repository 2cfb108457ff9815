"""Writes what happened to calls: many lanes' writes in one transaction when they come together.

While one transaction is on its way the writes that arrive meanwhile wait and become the next one
(group commit): alone a write waits for nobody, under load a transaction's price is shared. If a
batch fails, its writes are tried one by one, so that a bad one harms only itself.

A commit whose answer is lost with the connection may have been saved. Before a write is tried
again the journal is therefore asked whether it knows it: nothing is told twice.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.channels.voice.engine.commands import Write
from omni.channels.voice.ports import VoiceStore
from omni.core.clock import Clock
from omni.core.journal import Journal

# A transaction of so many writes takes some ten milliseconds; more would only delay the first.
BATCH = 50


@dataclass(slots=True)
class _Entry:
    """A write, since when it is being tried, and who waits for it."""

    command: Write
    since: datetime
    doubtful: bool
    done: asyncio.Future[None]


class Scribe:
    """Group commit for the voice service."""

    def __init__(self, store: VoiceStore, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._waiting: deque[_Entry] = deque()
        self._wake = asyncio.Event()

    async def write(self, command: Write, tried_since: datetime | None = None) -> None:
        """Return when it is committed; raises what the database raised.

        `tried_since`: a try that began then has failed, and may have been saved all the same.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        since = tried_since or self._clock.now()
        self._waiting.append(_Entry(command, since, tried_since is not None, done))
        self._wake.set()
        await done

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            self._wake.clear()
            if not self._waiting:
                await self._wake.wait()
            count = min(BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            if any(entry.doubtful for entry in batch):
                await self._one_by_one(batch)
                continue
            try:
                await self._commit([entry.command for entry in batch])
            except Exception as fault:
                if len(batch) == 1:
                    _settle(batch[0].done, fault)
                    continue
                for entry in batch:
                    entry.doubtful = True
                await self._one_by_one(batch)
            else:
                for entry in batch:
                    _settle(entry.done, None)

    async def _one_by_one(self, batch: list[_Entry]) -> None:
        for entry in batch:
            try:
                if not (entry.doubtful and await self._saved(entry)):
                    await self._commit([entry.command])
            except Exception as fault:
                _settle(entry.done, fault)
            else:
                _settle(entry.done, None)

    async def _saved(self, entry: _Entry) -> bool:
        """Tell whether the journal has it: writes of one call come one after the other."""
        if not entry.command.events:
            return False  # leg records alone: writing them again changes nothing
        first = entry.command.events[0]
        async for recorded in self._journal.read(0, types=[first.TYPE], keys=[first.key]):
            if recorded.at >= entry.since and recorded.event == first:
                return True
        return False

    async def _commit(self, commands: list[Write]) -> None:
        events = [event for command in commands for event in command.events]
        legs = [leg for command in commands for leg in command.legs]
        async with self._journal.transaction() as tx:
            await self._store.save(events, legs, self.zero())
            for event in events:
                tx.emit(event)

    def zero(self) -> datetime:
        """Return the instant at which the steady clock stood at 0."""
        return self._clock.now() - timedelta(seconds=self._clock.monotonic_s())


def _settle(done: asyncio.Future[None], fault: Exception | None) -> None:
    if done.done():  # whoever waited was cancelled
        return
    if fault is None:
        done.set_result(None)
    else:
        done.set_exception(fault)
