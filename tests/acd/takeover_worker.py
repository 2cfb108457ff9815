"""A process of its own that routes: run by `test_takeover.py`, which kills it.

Argument: the database's address. Prints `standby` when it is ready to take over, `up` when it owns
the routing, then `in <id>` for every arrival that was saved and `out <id>` for every interaction
that was wrapped up.
"""

import asyncio
import sys
from dataclasses import replace

from omni.acd.model import Agent, Arrival
from omni.acd.service import Acd
from omni.acd.store import PostgresAcdStore
from omni.app.database import opened
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.errors import Fault
from omni.core.ids import AgentId, InteractionId
from omni.core.terms import Direction, InteractionState, Medium
from tests.acd.site import FIRST, PLAN, SALES

AGENTS = [AgentId(f"agent{number}") for number in range(8)]


async def set_up(acd: Acd) -> None:
    if not acd.plan.queues:
        wrap_up = tuple(replace(queue, wrap_up_s=(600.0, 600.0, 600.0)) for queue in PLAN.queues)
        plan = replace(PLAN, queues=wrap_up)
        await acd.edit_plan(lambda _: (plan, []))
        for agent_id in AGENTS:
            await acd.put_agent(Agent(agent_id, agent_id, (FIRST,)), [])
    for agent_id in AGENTS:
        await acd.phone_changed(agent_id, True)
        await acd.ready(agent_id)


async def work(acd: Acd, store: PostgresAcdStore) -> None:
    """Let calls in for ever, and finish those that agents have."""
    identities = RandomIdentities()
    while True:
        interaction_id = InteractionId(identities.new())
        arrival = Arrival(
            interaction_id, Medium.VOICE, Direction.INBOUND, queue_id=SALES, auto_accept=True
        )
        await acd.arrive(arrival)
        print("in", interaction_id, flush=True)  # noqa: T201
        for row in await store.open_interactions():
            if row.agent_id is None:
                continue
            try:
                if row.state is InteractionState.ACTIVE:
                    await acd.end(row.id)
                elif row.state is InteractionState.WRAP_UP:
                    await acd.wrap_up(row.agent_id, row.id, "none")
                    print("out", row.id, flush=True)  # noqa: T201
            except Fault:
                continue


async def main(url: str) -> None:
    async with opened(url):
        clock = SystemClock()
        store = PostgresAcdStore()
        acd = Acd(PostgresJournal(clock), store, clock)
        print("standby", flush=True)  # noqa: T201
        await acd.start()
        print("up", flush=True)  # noqa: T201
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(acd.run())
            await set_up(acd)
            tasks.create_task(work(acd, store))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
