"""The ACD on a real database: rows and events agree, restarts and failures lose nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from omni.acd.model import Arrival, Queued, Refused
from omni.acd.store import InteractionRecord
from omni.core.errors import Conflict, Invalid
from omni.core.events.routing import InteractionEnded, InteractionOffered, InteractionWrappedUp
from omni.core.ids import EntryPointId, InteractionId, QueueId
from omni.core.terms import AgentState, Direction, InteractionState, Medium, Outcome
from tests.acd.site import ANN, BEN, LINE, SERVICE, TurnedClock, running

pytestmark = pytest.mark.usefixtures("database")


async def test_a_call_from_arrival_to_disposition() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        site.types()
        arrival = site.call()
        assert await site.acd.arrive(arrival) == Queued(SERVICE)
        await site.clock.turn(2)
        await site.acd.accept(BEN, arrival.interaction_id)
        await site.clock.turn(30)
        await site.acd.end(arrival.interaction_id, BEN)
        await site.clock.turn(5)
        await site.acd.wrap_up(BEN, arrival.interaction_id, "solved", "all well")
        row = await site.store.find(arrival.interaction_id)
        assert row is not None
        assert (row.state, row.outcome) == (InteractionState.ENDED, Outcome.ANSWERED)
        assert (row.waited_s, row.handled_s, row.wrap_up_s) == (2, 30, 5)
        assert (row.disposition, row.note) == ("solved", "all well")
        assert site.types() == [
            "interaction.arrived",
            "interaction.offered",
            "interaction.accepted",
            "agent.state_changed",
            "interaction.ended",
            "agent.state_changed",
            "interaction.wrapped_up",
            "agent.state_changed",
        ]


async def test_an_entry_point_gives_queue_and_priority() -> None:
    async with running() as site:
        number = replace(site.call(), queue_id=None, entry_point_id=LINE)
        assert await site.acd.arrive(number) == Queued(SERVICE)
        row = await site.store.find(number.interaction_id)
        assert row is not None
        assert row.priority == 3


async def test_what_cannot_be_let_in_is_refused_and_kept() -> None:
    async with running() as site:
        nowhere = replace(site.call(), queue_id=None, entry_point_id=EntryPointId("none"))
        assert await site.acd.arrive(nowhere) == Refused("unknown_entry_point")
        assert await site.acd.arrive(site.call(QueueId("none"))) == Refused("unknown_queue")
        assert site.types() == ["interaction.refused", "interaction.refused"]
        assert await InteractionRecord.filter(outcome="refused").count() == 2


async def test_the_same_arrival_twice_is_one() -> None:
    async with running() as site:
        arrival = site.call()
        await site.acd.arrive(arrival)
        await site.acd.arrive(arrival)
        await site.acd.customer_left(arrival.interaction_id)
        await site.acd.customer_left(arrival.interaction_id)
        await site.acd.arrive(arrival)
        assert site.types() == ["interaction.arrived", "interaction.ended"]


async def test_an_arrival_repeated_after_a_restart_is_still_one() -> None:
    async with running() as site:
        arrival = site.call()
        await site.acd.arrive(arrival)
        await site.acd.customer_left(arrival.interaction_id)
    async with running() as again:
        await again.acd.arrive(arrival)
        assert again.types() == []


async def test_auto_accept_needs_no_answer_and_one_transaction() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        site.types()
        await site.acd.arrive(replace(site.call(), auto_accept=True))
        assert site.types() == [
            "interaction.arrived",
            "interaction.offered",
            "interaction.accepted",
            "agent.state_changed",
        ]


async def test_no_answer_sends_the_agent_on_break_and_the_call_on() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        await site.on_shift(ANN)
        site.types()
        await site.acd.arrive(site.call())
        await site.clock.turn(20.5)
        await site.until("offer.ended")
        offers = [event for event in site.events if isinstance(event, InteractionOffered)]
        assert [offer.agent_id for offer in offers] == [BEN, ANN]
        presences = {row.agent_id: row for row in await site.store.presences()}
        assert (presences[BEN].state, presences[BEN].reason) == (AgentState.BREAK, "no_answer")


async def test_wrap_up_closes_itself() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        arrival = replace(site.call(), auto_accept=True)
        await site.acd.arrive(arrival)
        await site.acd.end(arrival.interaction_id)
        await site.clock.turn(61)
        event = await site.until("interaction.wrapped_up")
        assert isinstance(event, InteractionWrappedUp)
        assert event.disposition == "none"


async def test_drop_says_who_was_first() -> None:
    async with running() as site:
        waiting = site.call()
        await site.acd.arrive(waiting)
        assert await site.acd.drop(waiting.interaction_id)
        await site.on_shift(BEN)
        taken = replace(site.call(), auto_accept=True)
        await site.acd.arrive(taken)
        assert not await site.acd.drop(taken.interaction_id)
        ended = [event for event in site.events if isinstance(event, InteractionEnded)]
        assert [event.outcome for event in ended] == [Outcome.DROPPED]


async def test_a_refusal_is_for_its_caller_alone() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        arrival = site.call()
        results = await asyncio.gather(
            site.acd.arrive(arrival),
            site.acd.accept(ANN, arrival.interaction_id),
            site.acd.accept(BEN, arrival.interaction_id),
            site.acd.end(InteractionId("unknown")),
            return_exceptions=True,
        )
        assert isinstance(results[1], Conflict)
        assert [results[0], *results[2:]] == [Queued(SERVICE), None, None]
        with pytest.raises(Invalid, match="no such disposition"):
            await site.acd.wrap_up(BEN, arrival.interaction_id, "nonsense")


async def test_a_restart_loses_and_doubles_nothing() -> None:
    clock = TurnedClock()
    async with running(clock) as site:
        await site.on_shift(BEN)
        await site.on_shift(ANN)
        active = replace(site.call(), auto_accept=True)
        offered = site.call()
        waiting = [site.call() for _ in range(3)]
        for arrival in (active, offered, *waiting):
            await site.acd.arrive(arrival)
            await clock.turn(1)
        await site.acd.end(active.interaction_id)
    async with running(clock) as again:
        await again.on_shift(BEN)
        await again.on_shift(ANN)
        states = {row.id: row.state for row in await again.store.open_interactions()}
        assert states[active.interaction_id] is InteractionState.WRAP_UP
        assert states[offered.interaction_id] is InteractionState.OFFERED
        assert all(states[w.interaction_id] is InteractionState.WAITING for w in waiting)
        await again.acd.accept(ANN, offered.interaction_id)
        again.types()
        await again.acd.wrap_up(BEN, active.interaction_id, "solved")
        offer = next(e for e in again.events if isinstance(e, InteractionOffered))
        assert (offer.interaction_id, offer.agent_id) == (waiting[0].interaction_id, BEN)


@pytest.mark.parametrize("step_s", [-3600, 3600])
async def test_a_step_of_the_wall_clock_moves_no_deadline(step_s: float) -> None:
    async with running() as site:
        await site.on_shift(BEN)
        arrival = site.call()
        await site.acd.arrive(arrival)
        site.clock.step = timedelta(seconds=step_s)
        await site.clock.turn(19)
        await site.acd.accept(BEN, arrival.interaction_id)
        await site.acd.end(arrival.interaction_id)
        row = await site.store.find(arrival.interaction_id)
        assert row is not None
        assert (row.waited_s, row.handled_s) == (19, 0)


async def test_staffing_is_what_the_pacing_needs() -> None:
    async with running() as site:
        await site.acd.ready(BEN)
        assert site.acd.staffing(SERVICE).agents == ()
        await site.on_shift(BEN)
        staffing = site.acd.staffing(SERVICE)
        assert (staffing.free, staffing.waiting) == (1, 0)
        call = replace(site.call(), auto_accept=True)
        await site.acd.arrive(call)
        await site.acd.take_break(BEN, "lunch")
        await site.acd.arrive(site.call())
        staffing = site.acd.staffing(SERVICE)
        assert (staffing.free, staffing.waiting) == (0, 1)
        (agent,) = staffing.agents
        assert (agent.state, agent.leaving) == (AgentState.BUSY, True)
        assert agent.interaction_id == call.interaction_id


async def test_mail_is_never_refused_for_closure() -> None:
    async with running() as site:
        plan = site.acd.plan
        shut = tuple(replace(queue, open=False) for queue in plan.queues)
        await site.acd.edit_plan(lambda plan: (replace(plan, version=2, queues=shut), []))
        assert await site.acd.arrive(site.call()) == Refused("queue_closed")
        mail = Arrival(InteractionId("m"), Medium.EMAIL, Direction.INBOUND, queue_id=SERVICE)
        assert await site.acd.arrive(mail) == Queued(SERVICE)
