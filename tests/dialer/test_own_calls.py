"""What agents dial themselves is work of the ACD: nothing else gets in between, nothing is left."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from omni.acd.model import Arrival, Policy
from omni.core.errors import Conflict
from omni.core.events.outbound import CallbackSet, PreviewShown
from omni.core.events.routing import (
    AgentStateChanged,
    InteractionAccepted,
    InteractionOffered,
    OwnCallChanged,
)
from omni.core.ids import AgentId, ContactId, InteractionId
from omni.core.terms import AgentState, AttemptOutcome, Direction, Medium
from omni.dialer.by_hand import ByHand, ByHandParts
from omni.dialer.model import Campaign, Contact, ContactState, Mode
from tests.dialer.world import QUEUE, Floor, floor

ONE, TWO = AgentId("agent1"), AgentId("agent2")


async def preview(world: Floor, contacts: int = 2) -> tuple[Campaign, ContactId]:
    """Have a contact shown to agent 1."""
    campaign = await world.running_campaign(contacts, mode=Mode.PREVIEW)
    await world.until(lambda: world.events(PreviewShown))
    [shown] = world.events(PreviewShown)
    assert shown.contact_id is not None
    assert state(world) is AgentState.DIALING
    return campaign, shown.contact_id


def state(world: Floor) -> AgentState:
    return [e for e in world.events(AgentStateChanged) if e.agent_id == ONE][-1].state


async def comes_in(world: Floor, medium: Medium) -> InteractionId:
    interaction_id = InteractionId(f"{medium.value}{len(world.log)}")
    await world.acd.arrive(Arrival(interaction_id, medium, Direction.INBOUND, queue_id=QUEUE))
    return interaction_id


async def found(world: Floor, contact_id: ContactId) -> Contact:
    contact = await world.contacts.get(contact_id)
    assert contact is not None
    return contact


async def settled(world: Floor, contact_id: ContactId) -> None:
    """Wait until a contact may be dialled (again) and nobody asks for it."""
    async with asyncio.timeout(30):
        while (await found(world, contact_id)).callback_at is not None:
            await world.quiet(0.1)
        while (await found(world, contact_id)).state is not ContactState.OPEN:
            await world.quiet(0.1)


def offered(world: Floor) -> list[InteractionId]:
    return [event.interaction_id for event in world.events(InteractionOffered)]


async def test_who_looks_at_a_contact_gets_nothing_else(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        _, contact_id = await preview(world, 1)
        waiting = [await comes_in(world, medium) for medium in Medium]
        await world.by_hand.dial_shown(ONE, contact_id)
        [request] = await world.dialled(1)
        await world.quiet()
        assert not offered(world)
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert offered(world) == [InteractionId(request.attempt_id)]
        await world.acd.end(InteractionId(request.attempt_id), ONE)
        await world.quiet()
        assert offered(world) == [InteractionId(request.attempt_id)]  # it is being wrapped up
        await world.acd.wrap_up(ONE, InteractionId(request.attempt_id), "sale")
        await world.until(lambda: len(offered(world)) >= 2)
        assert set(offered(world)[1:]) <= set(waiting)


@pytest.mark.parametrize("how", ["skip", "no_answer", "gate"])
async def test_when_nothing_came_of_it_the_agent_is_free(
    database: str, tmp_path: Path, how: str
) -> None:
    async with floor(tmp_path, agents=1) as world:
        _, contact_id = await preview(world, 1)
        waiting = await comes_in(world, Medium.VOICE)
        if how == "skip":
            await world.by_hand.skip_shown(ONE, contact_id)
        elif how == "no_answer":
            await world.by_hand.dial_shown(ONE, contact_id)
            [request] = await world.dialled(1)
            await world.telephone.fail(request.attempt_id, AttemptOutcome.NO_ANSWER)
        else:
            world.telephone.lines = 0
            await world.by_hand.dial_shown(ONE, contact_id)
            await world.pass_s(31)  # no line became free for it
        await world.until(lambda: offered(world))
        assert offered(world) == [waiting]
        assert not world.acd.own_calls()
        await settled(world, contact_id)
        assert len(world.telephone.dialled) == (how == "no_answer")


async def test_a_call_may_interrupt_it_and_the_contact_goes_back(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        policy = Policy(may_join_own_call=(True, False, False))
        await world.route_by(policy)
        _, contact_id = await preview(world, 1)
        call = await comes_in(world, Medium.VOICE)
        await world.until(lambda: len(world.events(PreviewShown)) == 2)
        assert offered(world) == [call]
        assert world.events(PreviewShown)[-1].contact_id is None
        assert world.events(OwnCallChanged)[-1].reason == "interrupted"
        back = await found(world, contact_id)
        assert back.next_at is not None
        assert back.next_at <= world.clock.now()
        await world.acd.customer_left(call)
        await world.until(lambda: len(world.events(PreviewShown)) == 3)
        assert world.events(PreviewShown)[-1].contact_id == contact_id


async def test_who_has_no_room_does_not_dial(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(0, mode=Mode.MANUAL)
        call = await comes_in(world, Medium.VOICE)
        await world.acd.accept(ONE, call)
        with pytest.raises(Conflict) as refused:
            await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")
        assert refused.value.code == "agent_not_free"
        assert refused.value.data["gate"] == "no_capacity"
        await world.acd.end(call, ONE)
        await world.acd.wrap_up(ONE, call, "sale")
        await world.quiet()
        assert not world.telephone.dialled  # what was refused does not come later
        await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")
        with pytest.raises(Conflict) as refused:
            await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550199", "")
        assert refused.value.data["gate"] == "own_call_dialled"
        await world.dialled(1)


async def test_who_promised_a_call_waits_for_it(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.MANUAL)
        contact_id = (await world.campaigns.contacts(campaign.campaign_id))[1][0].contact_id
        await world.callbacks.put(contact_id, world.clock.now() + timedelta(hours=1), ONE, "")
        world.leap(3600)
        [request] = await world.dialled(1)
        assert state(world) is AgentState.DIALING
        chat = await comes_in(world, Medium.CHAT)
        await world.acd.take_break(ONE, "lunch")
        await world.quiet()
        assert not offered(world)
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert offered(world) == [InteractionId(request.attempt_id)]
        await world.acd.end(InteractionId(request.attempt_id), ONE)
        await world.acd.wrap_up(ONE, InteractionId(request.attempt_id), "sale")
        assert state(world) is AgentState.BREAK
        assert chat not in offered(world)


async def test_a_promise_waits_for_an_agent_with_other_work(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.route_by(Policy(own_call_may_join=(False, False, False)))
        campaign = await world.running_campaign(1, mode=Mode.MANUAL)
        contact_id = (await world.campaigns.contacts(campaign.campaign_id))[1][0].contact_id
        mail = await comes_in(world, Medium.EMAIL)
        await world.acd.accept(ONE, mail)
        await world.callbacks.put(contact_id, world.clock.now() + timedelta(seconds=5), ONE, "")
        world.leap(10)
        await world.quiet()
        assert not world.telephone.dialled
        await world.acd.end(mail, ONE)
        await world.acd.wrap_up(ONE, mail, "sale")
        await world.dialled(1)
        assert len(world.events(CallbackSet)) == 1


async def test_a_line_without_its_agent_is_withdrawn(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(0, mode=Mode.MANUAL)
        await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")
        [request] = await world.dialled(1)
        await world.acd.sign_out(ONE, "supervisor")
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.CANCELLED
        assert world.telephone.hung_up == [request.attempt_id]
        await world.quiet()
        assert len(world.telephone.dialled) == 1


async def test_a_line_of_ones_own_takes_no_agent_from_others(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(0, mode=Mode.MANUAL)
        await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")
        await world.dialled(1)
        await world.quiet()
        staff = {agent.agent_id: agent for agent in world.acd.staffing(QUEUE).agents}
        assert staff[ONE].held_for == campaign.campaign_id
        assert (staff[TWO].held_for, staff[TWO].free) == ("", True)
        call = await comes_in(world, Medium.VOICE)
        await world.until(lambda: offered(world))
        assert world.events(InteractionOffered)[0].agent_id == TWO
        await world.acd.accept(TWO, call)


async def test_a_new_process_takes_up_what_is_shown(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(5, mode=Mode.PREVIEW, preview_s=20)
        await world.until(lambda: len(world.events(PreviewShown)) >= 2)
        shown = {event.agent_id: event.contact_id for event in world.events(PreviewShown)}
        world.telephone.lines = 0
        await world.by_hand.dial_shown(TWO, shown[TWO] or ContactId(""))
        world.deaf = True  # the old process is gone, with all that it remembered
        world.telephone.lines = 100
        world.by_hand = ByHand(
            ByHandParts(
                world.campaigns,
                world.contacts,
                world.import_store,
                world.journal,
                world.clock,
                world.identities,
                world.acd,
            )
        )
        again = world.new_dialing()
        await again.start()
        [there] = world.by_hand.shown(campaign.campaign_id)
        assert (there.agent_id, there.contact_id) == (ONE, shown[ONE])
        assert 0 < (there.until - world.clock.now()).total_seconds() <= 20
        assert list(world.acd.own_calls()) == [ONE]  # who has dialled is free (again)
        await world.by_hand.skip_shown(ONE, there.contact_id)
        assert not world.acd.own_calls()
