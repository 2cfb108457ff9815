"""Writes what happened to calls: many lanes' writes in one transaction when they come together.

While one transaction is on its way the writes that arrive meanwhile wait and become the next one
(group commit): alone a write waits for nobody, under load a transaction's price is shared. If a
batch fails, its writes are tried one by one, so that a bad one harms only itself.
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta

from omni.channels.voice.engine.commands import Write
from omni.channels.voice.ports import VoiceStore
from omni.core.clock import Clock
from omni.core.journal import Journal

# A transaction of so many writes takes some ten milliseconds; more would only delay the first.
BATCH = 50


class Scribe:
    """Group commit for the voice service."""

    def __init__(self, store: VoiceStore, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._waiting: deque[tuple[Write, asyncio.Future[None]]] = deque()
        self._wake = asyncio.Event()

    async def write(self, command: Write) -> None:
        """Return when it is committed; raises what the database raised, then nothing is written."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, done))
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
            try:
                await self._commit([command for command, _ in batch])
            except Exception as fault:
                await self._one_by_one(batch, fault)
            else:
                for _, done in batch:
                    _settle(done, None)

    async def _one_by_one(
        self, batch: list[tuple[Write, asyncio.Future[None]]], fault: Exception
    ) -> None:
        if len(batch) == 1:
            _settle(batch[0][1], fault)
            return
        for command, done in batch:
            try:
                await self._commit([command])
            except Exception as own:
                _settle(done, own)
            else:
                _settle(done, None)

    async def _commit(self, commands: list[Write]) -> None:
        zero = self.zero()
        async with self._journal.transaction() as tx:
            for command in commands:
                for event in command.events:
                    await self._store.apply(event)
                    tx.emit(event)
                for leg in command.legs:
                    await self._store.save_leg(leg, zero)

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
