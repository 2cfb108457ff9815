"""Group commit: together under load, one by one when one of them is bad."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import pytest

from omni.channels.voice.engine.commands import LegRecord, Write
from omni.channels.voice.scribe import BATCH, Scribe
from omni.core.events.base import Event
from omni.core.events.voice import CallRinging
from omni.core.ids import CallId
from tests.channels.voice.doubles import MemoryJournal, MemoryStore
from tests.channels.voice.rig import VirtualClock, settle


class PickyStore(MemoryStore):
    """Refuses what is about the call `bad`."""

    async def save(
        self, events: Iterable[Event], legs: Iterable[LegRecord], zero: datetime
    ) -> None:
        if any(event.key == "bad" for event in events):
            raise ValueError("a row that the database refuses")


class CountingJournal(MemoryJournal):
    transactions = 0

    def transaction(self):  # type: ignore[no-untyped-def]
        self.transactions += 1
        return super().transaction()


def ringing(call_id: str) -> Write:
    return Write(call_id, (CallRinging(call_id=CallId(call_id)),))


async def written(calls: list[str]) -> tuple[list[object], CountingJournal]:
    clock = VirtualClock()
    journal = CountingJournal(clock)
    scribe = Scribe(PickyStore(), journal, clock)
    life = asyncio.ensure_future(scribe.run())
    results = await asyncio.gather(
        *(scribe.write(ringing(call)) for call in calls), return_exceptions=True
    )
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life
    return list(results), journal


async def test_writes_that_come_together_share_a_transaction_in_order() -> None:
    calls = [f"call{n}" for n in range(BATCH + 1)]
    results, journal = await written(calls)
    assert results == [None] * (BATCH + 1)
    assert journal.transactions == 2
    assert [r.event.key for r in journal.log] == calls


async def test_a_bad_write_harms_only_itself() -> None:
    results, journal = await written(["a", "bad", "b"])
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert [r.event.key for r in journal.log] == ["a", "b"]


async def test_a_bad_write_alone_is_told() -> None:
    results, journal = await written(["bad"])
    assert isinstance(results[0], ValueError)
    assert not journal.log


async def test_who_has_gone_is_not_told() -> None:
    clock = VirtualClock()
    journal = MemoryJournal(clock)
    scribe = Scribe(MemoryStore(), journal, clock)
    waiting = asyncio.ensure_future(scribe.write(ringing("a")))
    await settle()
    waiting.cancel()
    life = asyncio.ensure_future(scribe.run())
    await settle()
    life.cancel()
    assert len(journal.log) == 1
    with pytest.raises(asyncio.CancelledError):
        await waiting
