"""A process of its own that dials: run by `test_killed.py`, which kills it.

Arguments: the database's address, a folder. What reaches the carrier is written to the folder's
file `carrier`, one line for each dial, and stays there whatever becomes of this process. When there
is a file `drain`, campaigns are drained.
"""

import asyncio
import os
import random
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omni.acd.store import PostgresAcdStore
from omni.app.bus import JournalBus
from omni.app.database import opened
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.errors import Fault
from omni.core.events.routing import InteractionWrappedUp
from omni.core.ids import AgentId, AttemptId, InteractionId
from omni.core.terms import AttemptOutcome, InteractionState
from omni.dialer.dialing import EVENTS
from omni.dialer.engine.life import Order
from omni.dialer.model import CampaignState
from omni.dialer.ports import DialRequest
from tests.dialer.world import FakeTelephone, Floor, SleepingClock

AGENTS = 8
ENDS = (AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, None, None)  # None: a person answers
LONGEST_S = 0.2


@dataclass
class RealClock(SleepingClock):
    """The machine's clock, in the shape of the tests' own."""

    def now(self) -> datetime:
        return SystemClock().now()

    def monotonic_s(self) -> float:
        return SystemClock().monotonic_s()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class Carrier(FakeTelephone):
    """Writes every dial down at once; some are answered, some fail, after a moment."""

    def __init__(self, world: Floor, file: Path) -> None:
        super().__init__(world.journal)
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._acd = world.acd
        self._calls: set[asyncio.Task[None]] = set()

    async def dial(self, request: DialRequest) -> None:
        os.write(self._file, f"{request.attempt_id} {request.number}\n".encode())
        await super().dial(request)
        call = asyncio.create_task(self._call(request.attempt_id))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, attempt_id: AttemptId) -> None:
        await asyncio.sleep(random.random() * LONGEST_S)
        outcome = random.choice(ENDS)
        if outcome is not None:
            await self.fail(attempt_id, outcome)
            return
        await self.answer(attempt_id, 0.1)
        await asyncio.sleep(random.random() * LONGEST_S)
        await self._acd.customer_left(InteractionId(attempt_id))
        await self.end(attempt_id)


async def finish_conversations(world: Floor, store: PostgresAcdStore) -> None:
    """Bring what agents have to its end, also what an earlier process left with them."""
    while True:
        for row in await store.open_interactions():
            try:
                if AttemptId(row.id) not in world.telephone.live:
                    await world.acd.customer_left(row.id)
                if row.agent_id is not None and row.state is InteractionState.WRAP_UP:
                    await world.acd.wrap_up(row.agent_id, row.id, "sale")
            except Fault:
                continue
        await asyncio.sleep(0.05)


async def drain_when_told(world: Floor, file: Path) -> None:
    """Let every campaign run out once the file is there."""
    while not file.exists():
        await asyncio.sleep(0.02)
    for campaign in await world.campaigns.all():
        if campaign.state is CampaignState.RUNNING:
            await world.campaigns.order(campaign.campaign_id, Order.DRAIN)


async def main(url: str, folder: Path) -> None:
    async with opened(url):
        world = Floor(folder, RealClock(), RandomIdentities())
        world.telephone = Carrier(world, folder / "carrier")
        world.dialing = world.new_dialing()
        await world.acd.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(world.acd.run())
            if world.acd.agents():
                for number in range(1, AGENTS + 1):
                    await world.acd.phone_changed(AgentId(f"agent{number}"), True)
                    await world.acd.ready(AgentId(f"agent{number}"))
            else:
                await world.staff(AGENTS)
            bus = JournalBus(world.journal)
            bus.subscribe("dialer", EVENTS, world.dialing.on_event)
            bus.consume("dispositions", [InteractionWrappedUp], world.dialing.on_wrapped_up)
            tasks.create_task(bus.run())
            await bus.running.wait()
            tasks.create_task(finish_conversations(world, PostgresAcdStore()))
            tasks.create_task(drain_when_told(world, folder / "drain"))
            await world.dialing.start()
            await world.dialing.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
