"""A small site for the ACD's tests: two queues, two groups, a clock that tests turn."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from omni.acd.administration import Administration
from omni.acd.model import (
    Agent,
    Arrival,
    EntryLink,
    EntryPoint,
    Group,
    GroupLink,
    Plan,
    Queue,
)
from omni.acd.service import Acd
from omni.acd.store import PostgresAcdStore
from omni.app.journal import PostgresJournal
from omni.core.events.base import Event, Recorded
from omni.core.ids import AgentId, EntryPointId, GroupId, InteractionId, QueueId
from omni.core.journal import Journal
from omni.core.terms import Direction, Medium

SALES = QueueId("sales")
SERVICE = QueueId("service")
FIRST = GroupId("first")
SECOND = GroupId("second")
LINE = EntryPointId("line")
ANN = AgentId("ann")
BEN = AgentId("ben")

PLAN = Plan(
    version=1,
    entry_points=(EntryPoint(LINE, "Hotline", Medium.VOICE, "+442079460000"),),
    queues=(Queue(SALES, "Sales"), Queue(SERVICE, "Service")),
    groups=(Group(FIRST, "First"), Group(SECOND, "Second")),
    entry_links=(EntryLink(LINE, SERVICE, 3),),
    group_links=(
        GroupLink(SALES, FIRST, 0, 1),
        GroupLink(SERVICE, FIRST, 1, 0),
        GroupLink(SERVICE, SECOND, 0, 0),
    ),
)


class TurnedClock:
    """Stands still until a test turns it; `sleep` waits for that."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self.step = timedelta()
        self._turned = asyncio.Condition()

    def now(self) -> datetime:
        start = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
        return start + timedelta(seconds=self.elapsed_s) + self.step

    def monotonic_s(self) -> float:
        return self.elapsed_s

    async def sleep(self, delay_s: float) -> None:
        until_s = self.elapsed_s + delay_s
        async with self._turned:
            await self._turned.wait_for(lambda: self.elapsed_s >= until_s)

    async def turn(self, seconds: float) -> None:
        async with self._turned:
            self.elapsed_s += seconds
            self._turned.notify_all()


class Site:
    """A running ACD with its journal, and what it published."""

    def __init__(self, acd: Acd, store: PostgresAcdStore, clock: TurnedClock) -> None:
        self.acd = acd
        self.store = store
        self.clock = clock
        self.events: list[Event] = []
        self._numbers = itertools.count(1)

    def types(self) -> list[str]:
        """Return the names of what was published since the last call."""
        names = [event.TYPE for event in self.events]
        self.events.clear()
        return names

    def call(self, queue_id: QueueId = SERVICE, medium: Medium = Medium.VOICE) -> Arrival:
        number = next(self._numbers)
        return Arrival(
            InteractionId(f"i{number}"),
            medium,
            Direction.INBOUND,
            queue_id=queue_id,
            address=f"+44207946{number:04}",
        )

    async def on_shift(self, agent_id: AgentId) -> None:
        await self.acd.phone_changed(agent_id, True)
        await self.acd.ready(agent_id)

    async def until(self, name: str) -> Event:
        """Wait until an event of this name was published; return it."""
        async with asyncio.timeout(20):
            while True:
                for event in self.events:
                    if name == event.TYPE:
                        return event
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    clock: TurnedClock | None = None, journal: Journal | None = None
) -> AsyncIterator[Site]:
    """Run an ACD on the open database, set up with `PLAN` when it is empty."""
    clock = clock or TurnedClock()
    store = PostgresAcdStore()
    postgres = PostgresJournal(clock)
    acd = Acd(journal or postgres, store, clock)
    site = Site(acd, store, clock)

    def published(recorded: list[Recorded[Event]]) -> None:
        site.events.extend(item.event for item in recorded)

    postgres.published = published
    await acd.start()
    task = asyncio.create_task(acd.run())
    administration = Administration(acd, store)
    if not acd.plan.queues:
        await administration.seed_codes()
        await acd.edit_plan(lambda plan: (PLAN, []))
        await administration.save_agent(Agent(ANN, "Ann", (FIRST,)))
        await administration.save_agent(Agent(BEN, "Ben", (SECOND,)))
        site.events.clear()
    try:
        yield site
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
