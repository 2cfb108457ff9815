"""Mails set aside: they take no room, stay with their agent, and come back."""

from datetime import timedelta

import pytest

from omni.acd.model import Arrival
from omni.core.errors import Conflict, Invalid
from omni.core.events.routing import (
    AgentStateChanged,
    InteractionOffered,
    InteractionTakenUp,
)
from omni.core.terms import AgentState, InteractionState, Medium
from tests.acd.site import ANN, BEN, Site, running

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)


async def mail_with_ben(site: Site) -> Arrival:
    await site.acd.ready(BEN)
    arrival = site.call(medium=Medium.EMAIL)
    await site.acd.arrive(arrival)
    await site.acd.accept(BEN, arrival.interaction_id)
    return arrival


def shown(site: Site) -> AgentState:
    return [e for e in site.events if isinstance(e, AgentStateChanged)][-1].state


async def test_it_takes_no_room_and_no_state() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        assert shown(site) is AgentState.BUSY
        await site.acd.set_aside(BEN, arrival.interaction_id, site.clock.now() + HOUR)
        assert shown(site) is AgentState.READY
        await site.acd.take_break(BEN, "lunch")
        assert shown(site) is AgentState.BREAK  # at once
        await site.acd.take_up(BEN, arrival.interaction_id)
        assert shown(site) is AgentState.BUSY
        await site.acd.end(arrival.interaction_id, BEN)
        await site.acd.wrap_up(BEN, arrival.interaction_id, "solved")
        assert shown(site) is AgentState.BREAK


async def test_it_is_back_at_its_time_also_after_a_restart() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        clock = site.clock
        await site.acd.set_aside(BEN, arrival.interaction_id, clock.now() + HOUR)
    async with running(clock) as site:
        site.events.clear()
        await clock.turn(3590.0)
        assert "interaction.taken_up" not in site.types()
        await clock.turn(11.0)
        await site.until("interaction.taken_up")
        row = await site.store.find(arrival.interaction_id)
        assert row is not None
        assert (row.state, row.agent_id, row.until_at) == (InteractionState.ACTIVE, BEN, None)


async def test_of_somebody_who_is_gone_it_goes_to_another() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        await site.acd.set_aside(BEN, arrival.interaction_id, site.clock.now() + HOUR)
        await site.acd.sign_out(BEN)
        await site.acd.ready(ANN)
        site.events.clear()
        await site.clock.turn(3601.0)
        offered = await site.until("interaction.offered")
        assert isinstance(offered, InteractionOffered)
        assert (offered.agent_id, offered.interaction_id) == (ANN, arrival.interaction_id)
        await site.acd.accept(ANN, arrival.interaction_id)
        with pytest.raises(Conflict):
            await site.acd.take_up(BEN, arrival.interaction_id)


async def test_its_end_ends_it() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        await site.acd.set_aside(BEN, arrival.interaction_id, site.clock.now() + HOUR)
        await site.acd.end(arrival.interaction_id)
        row = await site.store.find(arrival.interaction_id)
        assert row is not None
        assert row.state is InteractionState.WRAP_UP


async def test_what_does_not_fit_is_refused() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        chat = site.call(medium=Medium.CHAT)
        await site.acd.arrive(chat)
        await site.acd.accept(BEN, chat.interaction_id)
        soon = site.clock.now() + HOUR
        with pytest.raises(Conflict):
            await site.acd.set_aside(BEN, chat.interaction_id, soon)
        with pytest.raises(Conflict):
            await site.acd.set_aside(ANN, arrival.interaction_id, soon)
        with pytest.raises(Conflict):
            await site.acd.take_up(BEN, arrival.interaction_id)
        for until in (site.clock.now(), soon + timedelta(days=31)):
            with pytest.raises(Invalid):
                await site.acd.set_aside(BEN, arrival.interaction_id, until)


async def test_another_mail_brings_it_back_at_once_and_the_time_stands() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        until = site.clock.now() + HOUR
        await site.acd.set_aside(BEN, arrival.interaction_id, until)
        await site.acd.take_break(BEN, "lunch")
        site.events.clear()
        await site.acd.customer_wrote(arrival.interaction_id)
        back = await site.until("interaction.taken_up")
        assert isinstance(back, InteractionTakenUp)
        assert (back.agent_id, back.reminder) == (BEN, until)
        site.events.clear()
        await site.acd.customer_wrote(arrival.interaction_id)  # told again: nothing
        await site.acd.customer_wrote(site.call().interaction_id)  # unknown: nothing
        assert site.types() == []


async def test_who_has_signed_out_does_not_keep_a_customer_who_writes_again() -> None:
    async with running() as site:
        arrival = await mail_with_ben(site)
        await site.acd.set_aside(BEN, arrival.interaction_id, site.clock.now() + HOUR)
        await site.acd.sign_out(BEN)
        await site.acd.ready(ANN)
        site.events.clear()
        await site.acd.customer_wrote(arrival.interaction_id)
        offered = await site.until("interaction.offered")
        assert isinstance(offered, InteractionOffered)
        assert offered.agent_id == ANN
