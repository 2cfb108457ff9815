"""Breaks that a supervisor allows, breaks for so many at a time, wrap-ups made longer."""

from dataclasses import replace

import pytest

from omni.acd.administration import Administration
from omni.acd.codes import BREAK_REASON, Code
from omni.core.errors import Conflict, Invalid
from omni.core.events.routing import AgentStateChanged, InteractionEnded, WrapUpExtended
from omni.core.ids import AgentId, CampaignId
from omni.core.terms import AgentState
from tests.acd.site import ANN, BEN, SERVICE, Site, running

pytestmark = pytest.mark.usefixtures("database")
LUNCH = Code(BREAK_REASON, "lunch", "Lunch", "午餐", "break")


async def with_lunch(site: Site, **fields: object) -> None:
    administration = Administration(site.acd, site.store)
    await administration.save_break_reason(replace(LUNCH, **fields))  # type: ignore[arg-type]


def seen(site: Site, agent_id: AgentId) -> tuple[AgentState, str, str]:
    """Return state, reason and what is asked of the supervisor, as last told."""
    told = [e for e in site.events if isinstance(e, AgentStateChanged) and e.agent_id == agent_id]
    return told[-1].state, told[-1].reason, told[-1].requested


async def test_a_break_that_needs_approval_begins_with_it() -> None:
    async with running() as site:
        await with_lunch(site, needs_approval=True)
        await site.on_shift(BEN)
        await site.acd.take_break(BEN, "lunch")
        assert seen(site, BEN) == (AgentState.READY, "", "lunch")
        await site.acd.arrive(site.call())  # works on meanwhile
        offered = await site.until("interaction.offered")
        assert getattr(offered, "agent_id") == BEN  # noqa: B009
        await site.acd.decide_break(BEN, approve=True)
        last = site.events[-1]
        assert isinstance(last, AgentStateChanged)
        assert (last.break_pending, last.reason, last.requested) == (True, "lunch", "")
        assert last.source == "supervisor"


async def test_a_denied_break_changes_nothing_else() -> None:
    async with running() as site:
        await with_lunch(site, needs_approval=True)
        await site.on_shift(BEN)
        await site.acd.take_break(BEN, "lunch")
        await site.acd.decide_break(BEN, approve=False)
        assert seen(site, BEN) == (AgentState.READY, "", "")
        with pytest.raises(Conflict, match="ask"):
            await site.acd.decide_break(BEN, approve=False)


async def test_ready_withdraws_the_request() -> None:
    async with running() as site:
        await with_lunch(site, needs_approval=True)
        await site.on_shift(BEN)
        await site.acd.take_break(BEN, "lunch")
        await site.acd.ready(BEN)
        with pytest.raises(Conflict):
            await site.acd.decide_break(BEN, approve=True)


async def test_a_request_survives_a_restart() -> None:
    async with running() as site:
        await with_lunch(site, needs_approval=True)
        await site.on_shift(BEN)
        await site.acd.take_break(BEN, "lunch")
    async with running() as site:
        await site.acd.decide_break(BEN, approve=True)
        assert seen(site, BEN) == (AgentState.BREAK, "lunch", "")


async def test_no_more_at_once_than_the_reason_lets() -> None:
    async with running() as site:
        await with_lunch(site, at_once=1)
        await site.on_shift(ANN)
        await site.on_shift(BEN)
        await site.acd.take_break(ANN, "lunch")
        with pytest.raises(Conflict) as full:
            await site.acd.take_break(BEN, "lunch")
        assert full.value.code == "break_full"
        await site.acd.take_break(ANN, "lunch")  # is on it already
        await site.acd.ready(ANN)
        await site.acd.take_break(BEN, "lunch")
        assert seen(site, BEN) == (AgentState.BREAK, "lunch", "")


@pytest.mark.parametrize("code", ["sign_out", "Lunch", "no answer", ""])
async def test_reserved_and_odd_codes_are_refused(code: str) -> None:
    async with running() as site:
        with pytest.raises(Invalid):
            await with_lunch(site, code=code)


async def test_a_wrap_up_is_made_longer_up_to_the_limit() -> None:
    async with running() as site:
        await site.on_shift(BEN)
        arrival = replace(site.call(), auto_accept=True)
        await site.acd.arrive(arrival)
        await site.acd.end(arrival.interaction_id)
        ended = await site.until("interaction.ended")
        assert isinstance(ended, InteractionEnded)
        assert ended.extendable_s == 120.0
        await site.acd.extend_wrap_up(BEN, arrival.interaction_id, 90)
        await site.acd.extend_wrap_up(BEN, arrival.interaction_id, 90)
        longer = [e for e in site.events if isinstance(e, WrapUpExtended)]
        assert [e.extendable_s for e in longer] == [30.0, 0.0]
        assert ended.wrap_up_until is not None
        assert (longer[-1].wrap_up_until - ended.wrap_up_until).total_seconds() == 120.0
        with pytest.raises(Conflict) as limit:
            await site.acd.extend_wrap_up(BEN, arrival.interaction_id, 1)
        assert limit.value.code == "wrap_up_limit"
        await site.clock.turn(179.0)
        assert "interaction.wrapped_up" not in site.types()
        await site.clock.turn(1.5)
        await site.until("interaction.wrapped_up")


async def test_who_wants_to_leave_is_not_counted_on_by_new_lines() -> None:
    campaign, life_s = CampaignId("campaign"), 30.0
    async with running() as site:
        await site.on_shift(BEN)
        assert await site.acd.hold(campaign, SERVICE, 1, life_s) == 1
        await site.acd.take_break(BEN, "lunch")
        assert seen(site, BEN)[0] is AgentState.READY  # bound until the line is over
        assert await site.acd.hold(campaign, SERVICE, 1, life_s) == 0
        assert await site.acd.hold(campaign, SERVICE, 0, life_s) == 0
        assert seen(site, BEN)[0] is AgentState.BREAK
