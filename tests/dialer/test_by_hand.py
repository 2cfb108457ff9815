"""Dialling by hand: typed numbers and shown contacts, under the same gates as everybody."""

from pathlib import Path

import pytest

from omni.core.errors import Conflict, Forbidden, Invalid
from omni.core.events.outbound import CallbackSet, PreviewShown
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import AgentId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.model import Campaign, Contact, ContactState, HoursRule, Mode, PreviewThen
from tests.dialer.calling import contact
from tests.dialer.world import Floor, floor

ONE, TWO = AgentId("agent1"), AgentId("agent2")


async def state_of(world: Floor, campaign: Campaign, place: int = 0) -> Contact:
    return (await world.campaigns.contacts(campaign.campaign_id))[1][place]


async def previews(world: Floor, number: int) -> list[PreviewShown]:
    await world.until(lambda: len(world.events(PreviewShown)) >= number)
    return world.events(PreviewShown)


async def test_a_typed_number_is_dialled_for_who_typed_it(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=3) as world:
        campaign = await world.running_campaign(2, mode=Mode.MANUAL)
        await world.quiet()
        assert not world.telephone.dialled  # nothing by itself
        await world.by_hand.dial(TWO, campaign.campaign_id, "(212) 555-0188", "Ada")
        [request] = await world.dialled(1)
        assert request.number == "+12125550188"
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert world.events(InteractionAccepted)[0].agent_id == TWO
        assert not world.events(CallbackSet)  # nobody was promised anything


async def test_what_was_dialled_by_hand_is_not_dialled_again_by_itself(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.MANUAL)
        number = (await state_of(world, campaign)).number
        for attempt in range(2):  # the agent may try as often as the law lets them
            await world.by_hand.dial(ONE, campaign.campaign_id, number, "")
            requests = await world.dialled(attempt + 1)
            await world.telephone.fail(requests[-1].attempt_id, AttemptOutcome.BUSY)
            await world.ended(attempt + 1)
            found = await state_of(world, campaign)
            assert (found.state, found.callback_at) == (ContactState.DONE, None)
        world.leap(3600)
        await world.quiet()
        assert len(world.telephone.dialled) == 2


async def test_the_gates_hold_for_typed_numbers(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        hours = (HoursRule(frozenset(range(1, 8)), 13 * 60, 20 * 60),)
        closed = await world.running_campaign(0, mode=Mode.MANUAL, hours=hours)
        asking = await world.running_campaign(0, mode=Mode.MANUAL, consent_required=True)
        paused = await world.campaign(mode=Mode.MANUAL)
        for campaign, gate in (
            (closed, "calling_hours"),
            (asking, "consent"),
            (paused, "campaign_active"),
        ):
            with pytest.raises(Conflict) as refused:
                await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")
            assert (refused.value.code, refused.value.data["gate"]) == ("dial.stopped", gate)
        with pytest.raises(Invalid):
            await world.by_hand.dial(ONE, closed.campaign_id, "twelve", "")
        await world.quiet()
        assert not world.telephone.dialled


async def test_agents_dial_for_the_campaigns_of_their_own_queues(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        mine = await world.running_campaign(0, mode=Mode.MANUAL)
        other = await world.campaigns.create(name="Other", queue_id="queue2", mode=Mode.MANUAL)
        await world.campaigns.start(other.campaign_id)
        await world.acd.take_break(ONE, "lunch")  # also who is away sees them
        assert await world.by_hand.open_campaigns(ONE) == [mine]
        with pytest.raises(Forbidden) as refused:
            await world.by_hand.dial(ONE, other.campaign_id, "+12125550188", "")
        assert refused.value.code == "dial.other_queue"
        assert not await world.by_hand.open_campaigns(AgentId("nobody"))


async def test_a_contact_is_shown_and_dialled_when_the_agent_says_so(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        await world.running_campaign(5, mode=Mode.PREVIEW)
        shown = await previews(world, 2)
        assert {event.agent_id for event in shown} == {ONE, TWO}
        assert len({event.contact_id for event in shown}) == 2
        await world.quiet()
        assert not world.telephone.dialled
        first = shown[0]
        assert first.contact_id is not None
        other = ONE if first.agent_id == TWO else TWO
        with pytest.raises(Conflict):
            await world.by_hand.dial_shown(other, first.contact_id)
        await world.by_hand.dial_shown(first.agent_id, first.contact_id)
        [request] = await world.dialled(1)
        assert request.number == first.number
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert world.events(InteractionAccepted)[0].agent_id == first.agent_id
        with pytest.raises(Conflict):
            await world.by_hand.dial_shown(first.agent_id, first.contact_id)


async def test_a_skipped_contact_comes_later(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(2, mode=Mode.PREVIEW)
        [first] = await previews(world, 1)
        await world.by_hand.skip_shown(ONE, first.contact_id or ContactId(""))
        shown = await previews(world, 3)
        assert shown[1].contact_id is None
        assert shown[2].contact_id != first.contact_id


@pytest.mark.parametrize(("then", "dials"), [(PreviewThen.SKIP, 0), (PreviewThen.DIAL, 1)])
async def test_when_the_time_is_over_the_campaign_says_what_follows(
    database: str, tmp_path: Path, then: PreviewThen, dials: int
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PREVIEW, preview_s=10, preview_then=then)
        await previews(world, 1)
        await world.pass_s(9)
        assert not world.telephone.dialled
        await world.pass_s(2)
        shown = await previews(world, 2)
        assert shown[1].contact_id is None
        await world.quiet()
        assert len(world.telephone.dialled) == dials


async def test_who_gets_other_work_sees_the_contact_no_more(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.PREVIEW)
        await previews(world, 1)
        await world.acd.take_break(ONE, "lunch")
        shown = await previews(world, 2)
        assert shown[1].contact_id is None
        found = await state_of(world, campaign)
        assert found.next_at is not None
        assert found.next_at <= world.clock.now()


async def test_a_crash_brings_shown_contacts_back(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.PREVIEW, preview_s=10)
        await previews(world, 1)
        found = await state_of(world, campaign)
        assert found.state is ContactState.OPEN
        assert found.next_at is not None
        assert (found.next_at - world.clock.now()).total_seconds() <= 15


async def test_a_retry_of_a_shown_contact_is_shown_again(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.PREVIEW)
        [first] = await previews(world, 1)
        await world.by_hand.dial_shown(ONE, first.contact_id or ContactId(""))
        [request] = await world.dialled(1)
        await world.telephone.fail(request.attempt_id, AttemptOutcome.BUSY)
        await world.ended(1)
        await world.add_contacts(campaign.campaign_id, contact(7, campaign.campaign_id))
        world.leap(600)
        await world.quiet()
        assert len(world.telephone.dialled) == 1
