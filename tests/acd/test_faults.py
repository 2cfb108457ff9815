"""Every commit fails once, in every way: nothing is lost, nothing is doubled, work goes on."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from omni.acd.store import InteractionRecord
from omni.app.journal import PostgresJournal
from omni.core.errors import Conflict, Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.journal import Transaction
from tests.acd.site import ANN, BEN, Site, TurnedClock, running

pytestmark = pytest.mark.usefixtures("database")


class FailingJournal(PostgresJournal):
    """Fails the n-th transaction: before its commit, or after it as when the answer is lost."""

    def __init__(self, clock: TurnedClock, fail_at: int, after_commit: bool) -> None:
        super().__init__(clock)
        self.count = 0
        self.fail_at = fail_at
        self.after_commit = after_commit

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:  # type: ignore[override]
        self.count += 1
        failing = self.count == self.fail_at
        async with super().transaction() as transaction:
            yield transaction
            if failing and not self.after_commit:
                raise ConnectionError("cut off before the commit")
        if failing:
            raise ConnectionError("cut off after the commit")


async def insist(site: Site, action: Callable[[], Awaitable[object]]) -> None:
    """Do it until it was saved, as channels do; `Conflict`: it had been saved after all."""
    for _ in range(200):
        try:
            await action()
            return
        except Unavailable:
            await site.clock.turn(0.2)
            await asyncio.sleep(0.01)
        except Conflict:
            return
    raise AssertionError("routing did not recover")


async def a_shift(site: Site) -> None:
    """Two agents, three calls: one abandoned, two handled."""
    acd = site.acd
    for agent in (ANN, BEN):
        await insist(site, lambda agent=agent: acd.phone_changed(agent, True))  # type: ignore[misc]
        await insist(site, lambda agent=agent: acd.ready(agent))  # type: ignore[misc]
    one, two, three = (site.call() for _ in range(3))
    for call in (one, two, three):
        await insist(site, lambda call=call: acd.arrive(call))  # type: ignore[misc]
    await insist(site, lambda: acd.customer_left(three.interaction_id))
    for call, agent in ((one, BEN), (two, ANN)):
        key = call.interaction_id
        await insist(site, lambda a=agent, k=key: acd.accept(a, k))  # type: ignore[misc]
        await insist(site, lambda k=key: acd.end(k))  # type: ignore[misc]
        await insist(site, lambda a=agent, k=key: acd.wrap_up(a, k, "solved"))  # type: ignore[misc]


@pytest.mark.parametrize("after_commit", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fail_at", range(5, 20))
async def test_each_commit_fails_once(fail_at: int, after_commit: bool) -> None:
    clock = TurnedClock()
    async with running(clock):
        pass  # sets the site up
    journal = FailingJournal(clock, fail_at - 4, after_commit)
    async with running(clock, journal) as site:
        await a_shift(site)
        assert await InteractionRecord.exclude(state="ended").count() == 0
        outcomes = Counter(await InteractionRecord.all().values_list("outcome", flat=True))
        assert outcomes == {"answered": 2, "abandoned": 1}
    counts: Counter[str] = Counter()
    events: list[Recorded[Event]] = [e async for e in PostgresJournal(clock).read(0)]
    counts.update(recorded.event.TYPE for recorded in events)
    assert counts["interaction.arrived"] == 3
    assert counts["interaction.accepted"] == counts["interaction.wrapped_up"] == 2
    assert counts["interaction.ended"] == 3


async def test_a_fault_is_told_and_the_rest_goes_on() -> None:
    clock = TurnedClock()
    async with running(clock):
        pass
    async with running(clock, FailingJournal(clock, 1, after_commit=False)) as site:
        with pytest.raises(Unavailable):
            await site.acd.ready(BEN)
        await insist(site, lambda: site.acd.ready(BEN))
        assert await site.acd.arrive(replace(site.call())) is not None


class StuckJournal(PostgresJournal):
    """Does not come back from a commit, as when the database is gone and nobody said so."""

    def __init__(self, clock: TurnedClock) -> None:
        super().__init__(clock)
        self.stuck = asyncio.Event()
        self.on_end: Callable[[], object] = lambda: None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:  # type: ignore[override]
        self.stuck.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.on_end()
        async with super().transaction() as transaction:
            yield transaction


async def test_nobody_waits_for_routing_that_has_ended() -> None:
    """Not who was being served, not who was next, not who asks while it ends, nor afterwards."""
    clock = TurnedClock()
    async with running(clock):
        pass
    journal = StuckJournal(clock)
    asked: list[asyncio.Task[None]] = []
    async with running(clock, journal) as site:

        def ask() -> None:
            asked.append(asyncio.create_task(site.acd.ready(BEN)))

        journal.on_end = ask
        ask()
        await journal.stuck.wait()
        ask()
        await asyncio.sleep(0)
    ask()
    async with asyncio.timeout(20):
        ends = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in ends] == [Unavailable] * 4
