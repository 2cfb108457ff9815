"""Two things at the same moment: every order has one outcome, told to both sides."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from omni.acd.model import Arrival
from omni.core.errors import Conflict, Fault
from omni.core.events.routing import (
    InteractionAccepted,
    InteractionOffered,
    InteractionWrappedUp,
)
from omni.core.terms import AgentState, InteractionState
from tests.acd.site import ANN, BEN, Site, running

pytestmark = pytest.mark.usefixtures("database")
FIRST_OR_SECOND = pytest.mark.parametrize("turned", [False, True], ids=["first", "second"])


async def both(
    one: Callable[[], Awaitable[object]], other: Callable[[], Awaitable[object]], turned: bool
) -> list[object]:
    """Do two things in the same turn of the loop, in this order or the other."""
    first, second = (other, one) if turned else (one, other)
    results: list[object] = list(await asyncio.gather(first(), second(), return_exceptions=True))
    for result in results:
        assert not isinstance(result, BaseException) or isinstance(result, Fault)
    return list(reversed(results)) if turned else results


async def offered(site: Site) -> Arrival:
    """Have one call offered to Ben."""
    await site.on_shift(BEN)
    arrival = site.call()
    await site.acd.arrive(arrival)
    return arrival


async def state(site: Site, arrival: Arrival) -> tuple[InteractionState, str | None]:
    row = await site.store.find(arrival.interaction_id)
    assert row is not None
    return row.state, row.agent_id


async def presence(site: Site, agent_id: str) -> tuple[AgentState, bool]:
    rows = {row.agent_id: row for row in await site.store.presences()}
    return rows[agent_id].state, rows[agent_id].break_pending  # type: ignore[index]


@FIRST_OR_SECOND
async def test_break_against_offer(turned: bool) -> None:
    async with running() as site:
        await site.on_shift(BEN)
        arrival = site.call()
        await both(
            lambda: site.acd.take_break(BEN, "lunch"), lambda: site.acd.arrive(arrival), turned
        )
        if turned:  # the call was first: it stands, the break comes after it
            assert await state(site, arrival) == (InteractionState.OFFERED, BEN)
            assert await presence(site, BEN) == (AgentState.READY, True)
        else:
            assert await state(site, arrival) == (InteractionState.WAITING, None)
            assert await presence(site, BEN) == (AgentState.BREAK, False)


@FIRST_OR_SECOND
async def test_sign_out_against_acceptance(turned: bool) -> None:
    async with running() as site:
        arrival = await offered(site)
        out, accepted = await both(
            lambda: site.acd.sign_out(BEN),
            lambda: site.acd.accept(BEN, arrival.interaction_id),
            turned,
        )
        if turned:
            assert isinstance(out, Conflict)
            assert accepted is None
            assert await state(site, arrival) == (InteractionState.ACTIVE, BEN)
        else:
            assert isinstance(accepted, Conflict)
            assert await state(site, arrival) == (InteractionState.WAITING, None)
            assert await presence(site, BEN) == (AgentState.SIGNED_OUT, False)


@FIRST_OR_SECOND
async def test_hang_up_against_acceptance(turned: bool) -> None:
    async with running() as site:
        arrival = await offered(site)
        _, accepted = await both(
            lambda: site.acd.customer_left(arrival.interaction_id),
            lambda: site.acd.accept(BEN, arrival.interaction_id),
            turned,
        )
        expected = InteractionState.WRAP_UP if turned else InteractionState.ENDED
        assert (await state(site, arrival))[0] is expected
        assert (accepted is None) is turned


@FIRST_OR_SECOND
async def test_drop_against_an_agent_becoming_free(turned: bool) -> None:
    async with running() as site:
        await site.acd.phone_changed(BEN, True)
        arrival = replace(site.call(), auto_accept=True)
        await site.acd.arrive(arrival)
        dropped, _ = await both(
            lambda: site.acd.drop(arrival.interaction_id), lambda: site.acd.ready(BEN), turned
        )
        assert dropped is not turned
        taken = [e for e in site.events if isinstance(e, InteractionAccepted)]
        assert len(taken) == int(turned)


async def test_two_pages_of_one_agent_accept_once() -> None:
    async with running() as site:
        arrival = await offered(site)
        await asyncio.gather(*(site.acd.accept(BEN, arrival.interaction_id) for _ in range(5)))
        await asyncio.gather(*(site.acd.end(arrival.interaction_id, BEN) for _ in range(5)))
        results = await asyncio.gather(
            *(site.acd.wrap_up(BEN, arrival.interaction_id, "solved") for _ in range(5)),
            return_exceptions=True,
        )
        assert sum(result is None for result in results) == 1
        assert Counter(site.types())["interaction.accepted"] == 1


async def test_a_page_of_another_agent_cannot_take_it() -> None:
    async with running() as site:
        arrival = await offered(site)
        for attempt in (site.acd.accept, site.acd.reject):
            with pytest.raises(Conflict):
                await attempt(ANN, arrival.interaction_id)
        await site.acd.accept(BEN, arrival.interaction_id)
        with pytest.raises(Conflict):
            await site.acd.end(arrival.interaction_id, ANN)
        with pytest.raises(Conflict):
            await site.acd.wrap_up(ANN, arrival.interaction_id, "solved")


@pytest.mark.parametrize("late_s", [-0.001, 0.0, 5.0])
async def test_acceptance_against_the_time_out(late_s: float) -> None:
    async with running() as site:
        arrival = await offered(site)
        await site.on_shift(ANN)
        site.clock.elapsed_s += 20.0 + late_s  # the clock turns, but nobody has been woken yet
        accepted = await asyncio.gather(
            site.acd.accept(BEN, arrival.interaction_id), return_exceptions=True
        )
        holder = BEN if late_s < 0 else ANN
        assert (accepted[0] is None) is (late_s < 0)
        assert (await state(site, arrival))[1] == holder


@FIRST_OR_SECOND
async def test_wrap_up_against_its_time_limit(turned: bool) -> None:
    async with running() as site:
        await site.on_shift(BEN)
        first, second = (replace(site.call(), auto_accept=True) for _ in range(2))
        await site.acd.arrive(first)
        await site.acd.arrive(second)
        await site.acd.end(first.interaction_id)
        given_s = 60.0 if turned else 59.999
        site.clock.elapsed_s += given_s
        await asyncio.gather(
            site.acd.wrap_up(BEN, first.interaction_id, "solved"), return_exceptions=True
        )
        done = [e for e in site.events if isinstance(e, InteractionWrappedUp)]
        assert [e.disposition for e in done] == ["none" if turned else "solved"]
        offers = [e for e in site.events if isinstance(e, InteractionOffered)]
        assert [e.interaction_id for e in offers] == [first.interaction_id, second.interaction_id]
