"""Promises to call: kept at their time, by whom they were made, once, whatever happens."""

from datetime import timedelta
from pathlib import Path

import pytest

from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.outbound import AttemptStarted, CallbackSet
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import AgentId, ContactId, InteractionId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.gates import Gate
from omni.dialer.model import Campaign, ContactState, HoursRule, Mode
from omni.dialer.ports import DialRequest
from tests.dialer.calling import contact
from tests.dialer.world import Floor, floor

HOUR = timedelta(hours=1)


async def talk(world: Floor, request: DialRequest, talks: int) -> InteractionAccepted:
    """Let the person answer and an agent take the call."""
    await world.telephone.answer(request.attempt_id)
    await world.until(lambda: len(world.events(InteractionAccepted)) >= talks)
    return world.events(InteractionAccepted)[-1]


async def hang_up(world: Floor, talk: InteractionAccepted, disposition: str) -> None:
    await world.telephone.end(world.telephone.dialled[-1].attempt_id)
    await world.acd.customer_left(talk.interaction_id)
    await world.acd.wrap_up(talk.agent_id, talk.interaction_id, disposition)


async def promised(world: Floor, *, personal: bool, after: timedelta = HOUR) -> Campaign:
    """Have one contact, called once, whom the agent has promised a call."""
    campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE)
    [request] = await world.dialled(1)
    accepted = await talk(world, request, 1)
    at = world.clock.now() + after
    agent_id = accepted.agent_id if personal else ""
    await world.callbacks.promise(accepted.interaction_id, at, agent_id, "bring the offer")
    await hang_up(world, accepted, "callback")
    await world.until(lambda: world.events(CallbackSet))
    return campaign


async def test_a_promise_is_kept_at_its_time_and_before_the_list(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await promised(world, personal=True)
        [told] = world.events(CallbackSet)
        assert (told.agent_id, told.note) == ("agent1", "bring the offer")
        await world.quiet()
        assert len(world.telephone.dialled) == 1
        why = await world.campaigns.blocked(campaign.campaign_id)
        assert why.gates == {Gate.CALLBACK: 1}
        world.leap(3590)
        rows = [contact(n, campaign.campaign_id) for n in range(1, 9)]
        await world.acd.take_break(AgentId("agent1"), "lunch")
        await world.add_contacts(campaign.campaign_id, *rows)
        world.leap(20)
        await world.acd.ready(AgentId("agent1"))
        requests = await world.dialled(2)
        assert requests[1].number == requests[0].number
        accepted = await talk(world, requests[1], 2)
        await hang_up(world, accepted, "sale")
        done = await world.contact_done(told.contact_id)
        assert (done.callback_at, done.finish_reason) == (None, "sale")
        assert [event.at is None for event in world.events(CallbackSet)] == [False, True]


async def test_a_personal_promise_waits_for_its_agent_and_then_for_nobody(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        await promised(world, personal=True)
        maker = AgentId(world.events(CallbackSet)[0].agent_id)
        await world.acd.take_break(maker, "lunch")
        world.leap(3600)
        await world.quiet()
        assert len(world.telephone.dialled) == 1  # the other agent is free
        world.leap(15 * 60)
        await world.dialled(2)


async def test_a_personal_promise_goes_to_its_agent_and_not_to_who_is_longer_idle(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=3) as world:
        await promised(world, personal=True)
        maker = AgentId(world.events(CallbackSet)[0].agent_id)
        world.leap(3600)
        requests = await world.dialled(2)
        accepted = await talk(world, requests[1], 2)
        assert accepted.agent_id == maker


async def test_a_promise_of_the_group_is_kept_by_anybody(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        await promised(world, personal=False)
        await world.acd.take_break(world.events(InteractionAccepted)[0].agent_id, "lunch")
        world.leap(3600)
        await world.dialled(2)


async def test_a_promise_out_of_hours_waits_for_the_morning(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        hours = (HoursRule(frozenset(range(1, 8)), 8 * 60, 13 * 60),)
        campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE, hours=hours)
        [request] = await world.dialled(1)  # noon in New York
        accepted = await talk(world, request, 1)
        at = world.clock.now() + 3 * HOUR
        await world.callbacks.promise(accepted.interaction_id, at, "", "")
        await hang_up(world, accepted, "callback")
        await world.until(lambda: world.events(CallbackSet))
        world.leap(4 * 3600)
        await world.quiet()
        assert len(world.telephone.dialled) == 1
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {Gate.CALLING_HOURS: 1}
        world.leap(16 * 3600)
        await world.dialled(2)


async def test_nobody_there_means_the_promise_goes_on(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await promised(world, personal=True)
        world.leap(3600)
        requests = await world.dialled(2)
        await world.telephone.fail(requests[1].attempt_id, AttemptOutcome.BUSY)
        await world.ended(2)
        found = await world.contacts.get(world.events(CallbackSet)[0].contact_id)
        assert found is not None
        assert (found.state, found.callback_agent) == (ContactState.OPEN, "agent1")
        world.leap(600)
        await world.dialled(3)
        assert len(world.events(CallbackSet)) == 1


async def test_another_disposition_overtakes_the_promise(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        accepted = await talk(world, request, 1)
        at = world.clock.now() + HOUR
        await world.callbacks.promise(accepted.interaction_id, at, "", "")
        await hang_up(world, accepted, "sale")
        done = await world.contact_done(world.events(AttemptStarted)[0].contact_id)
        assert (done.finish_reason, done.callback_at) == ("sale", None)


async def test_a_crash_neither_loses_a_promise_nor_keeps_it_twice(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await promised(world, personal=True)
        world.leap(3600)
        requests = await world.dialled(2)
        world.deaf = True  # killed while the promised call rings
        again = world.new_dialing()
        await again.start()
        await world.ended(2)
        assert world.telephone.hung_up == [requests[1].attempt_id]
        [standing] = await world.callbacks.standing()
        assert standing.agent_id == "agent1"
        world.deaf, world.dialing = False, again
        world.leap(60)
        assert await again.step(requests[0].campaign_id) == 1
        assert await again.step(requests[0].campaign_id) == 0
        assert [one.number for one in world.telephone.dialled] == [requests[0].number] * 3


async def test_managers_make_move_and_cancel_promises(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await world.running_campaign(1)
        rows = (await world.campaigns.contacts(campaign.campaign_id))[1]
        contact_id, now = rows[0].contact_id, world.clock.now()
        await world.callbacks.put(contact_id, now + HOUR, "agent7", "")
        moved = await world.callbacks.put(contact_id, now + 2 * HOUR, "", "later")
        assert (moved.callback_at, moved.callback_note) == (now + 2 * HOUR, "later")
        gone = await world.callbacks.cancel(contact_id)
        assert (gone.state, gone.finish_reason) == (ContactState.DONE, "callback_cancelled")
        assert await world.callbacks.cancel(contact_id) == gone
        assert [event.at for event in world.events(CallbackSet)] == [
            now + HOUR,
            now + 2 * HOUR,
            None,
        ]
        with pytest.raises(Invalid):
            await world.callbacks.put(contact_id, now - HOUR, "", "")
        with pytest.raises(NotFound):
            await world.callbacks.put(ContactId("nobody"), now, "", "")
        with pytest.raises(NotFound):
            await world.callbacks.promise(InteractionId("nothing"), now, "", "")


async def test_who_is_being_called_is_not_promised_another_call(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        await world.dialled(1)
        contact_id = world.events(AttemptStarted)[0].contact_id
        with pytest.raises(Conflict):
            await world.callbacks.put(contact_id, world.clock.now() + HOUR, "", "")
