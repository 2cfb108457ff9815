"""Campaigns at work: from the list to an agent, and every way it can end otherwise."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

from omni.acd.model import Arrival
from omni.app.keys import KeyRing, new_key
from omni.core.events.outbound import AttemptEnded, AttemptStarted, DialableChanged
from omni.core.events.routing import AgentStateChanged, InteractionAccepted, InteractionOffered
from omni.core.ids import AgentId, InteractionId
from omni.core.terms import AgentState, AttemptOutcome, Direction, Medium
from omni.dialer.compliance import compliance_file, verify
from omni.dialer.engine.gates import Gate
from omni.dialer.model import CampaignState, ContactState, HoursRule, Mode
from tests.dialer.calling import START, contact
from tests.dialer.world import QUEUE, floor


async def test_a_person_who_answers_reaches_an_agent(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(5, mode=Mode.PROGRESSIVE, caller_id="+12125550100")
        dialled = await world.dialled(2)
        await world.quiet()
        assert len(dialled) == 2  # one line for each free agent
        assert dialled[0].caller_id == "+12125550100"
        await world.telephone.answer(dialled[0].attempt_id)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        assert ended.interaction_id == InteractionId(dialled[0].attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        [accepted] = world.events(InteractionAccepted)
        assert accepted.attempt_id == dialled[0].attempt_id
        assert accepted.campaign_id == campaign.campaign_id

        await world.telephone.end(dialled[0].attempt_id)
        await world.acd.customer_left(accepted.interaction_id)
        await world.acd.wrap_up(accepted.agent_id, accepted.interaction_id, "sale")
        await world.dialled(3)  # the agent is free again
        done = await world.contact_done(ended.contact_id)
        assert (done.finish_reason, done.disposition) == ("sale", "sale")
        assert done.last_outcome is AttemptOutcome.ANSWERED


async def test_who_asks_not_to_be_called_is_not_called(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.telephone.answer(request.attempt_id)
        await world.ended(1)
        await world.until(lambda: world.events(InteractionAccepted))
        accepted = world.events(InteractionAccepted)[0]
        await world.acd.customer_left(accepted.interaction_id)
        await world.acd.wrap_up(accepted.agent_id, accepted.interaction_id, "do_not_call")
        await world.contact_done(world.events(AttemptEnded)[0].contact_id)
        other = await world.campaign()
        await world.add_contacts(
            other.campaign_id, contact(0, other.campaign_id, contact_id="elsewhere")
        )
        await world.campaigns.start(other.campaign_id)
        await world.finished(other.campaign_id)
        assert len(world.telephone.dialled) == 1
        skipped = (await world.campaigns.contacts(other.campaign_id))[1][0]
        assert (skipped.state, skipped.finish_reason) == (ContactState.DONE, "do_not_call")


async def test_busy_is_tried_again_later_and_not_for_ever(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        for attempt in range(3):
            requests = await world.dialled(attempt + 1)
            await world.telephone.fail(requests[-1].attempt_id, AttemptOutcome.BUSY)
            await world.ended(attempt + 1)
            await world.quiet()
            assert len(world.telephone.dialled) == attempt + 1
            world.leap(600)
        await world.finished(campaign.campaign_id)
        assert (await world.campaigns.get(campaign.campaign_id)).state is CampaignState.FINISHED
        told = world.events(DialableChanged)[-1]
        assert (told.contacts, told.finished, told.waiting) == (1, 1, {"finished": 1})


async def test_nobody_free_means_message_lock_and_dropped(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, profile="US-TSR")
        [request] = await world.dialled(1)
        await world.acd.phone_changed(AgentId("agent1"), False)
        await world.telephone.answer(request.attempt_id)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.DROPPED
        assert world.telephone.messages == [request.attempt_id]
        locked = await world.contacts.locked_until(request.number)
        assert locked is not None
        assert locked - START > timedelta(hours=71.9)


async def test_who_is_cut_off_by_our_side_before_an_agent_has_them_was_dropped(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.acd.phone_changed(AgentId("agent1"), False)
        await world.telephone.answer(request.attempt_id)
        await world.telephone.end(request.attempt_id, by="system")  # the switch has died
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.DROPPED


async def test_without_a_number_to_show_nothing_is_dialled_where_the_law_asks_for_one(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        world.telephone.caller_id = ""
        campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE, profile="US-TSR")
        await world.quiet()
        assert not world.telephone.dialled
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {Gate.TRUNK: 1}
        await world.campaigns.change(campaign.campaign_id, caller_id="+12125550100")
        [request] = await world.dialled(1)
        assert (request.caller_id, request.caller_id_needed) == ("+12125550100", True)


async def test_an_agent_in_the_last_moment_wins(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.acd.phone_changed(AgentId("agent1"), False)
        await world.telephone.answer(request.attempt_id)
        await world.acd.phone_changed(AgentId("agent1"), True)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        await world.quiet()
        assert not world.telephone.messages


async def test_lines_nobody_pays_for_any_more_are_withdrawn(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        await world.running_campaign(2, mode=Mode.PROGRESSIVE)
        requests = await world.dialled(2)
        await world.acd.phone_changed(AgentId("agent1"), False)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.CANCELLED
        assert world.telephone.hung_up == [requests[1].attempt_id]


async def test_a_line_that_rang_long_enough_makes_room_for_a_better_one(
    database: str, tmp_path: Path
) -> None:
    """Nothing was answered yet, so that only as many lines may ring as agents are free."""
    async with floor(tmp_path, agents=4) as world:
        await world.running_campaign(12, mode=Mode.PREDICTIVE, ring_s=40)
        requests = await world.dialled(4)
        await world.pass_s(17.0)
        assert not world.telephone.hung_up
        await world.pass_s(3.0)
        ended = await world.ended(1)
        assert {one.outcome for one in ended} == {AttemptOutcome.NO_ANSWER}
        assert world.telephone.hung_up[0] == requests[0].attempt_id
        await world.dialled(4 + len(world.telephone.hung_up))
        assert len(world.telephone.live) <= 4


async def test_answered_while_it_is_given_up_is_a_drop(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=4) as world:
        await world.running_campaign(4, mode=Mode.PREDICTIVE, ring_s=40)
        [request, *_] = await world.dialled(4)
        world.telephone.slow = True  # the order to hang up is on its way
        await world.pass_s(20.0)
        assert request.attempt_id in world.telephone.hung_up
        for number in range(1, 5):
            await world.acd.phone_changed(AgentId(f"agent{number}"), False)
        await world.telephone.answer(request.attempt_id)
        await world.telephone.end(request.attempt_id)
        outcomes = {one.attempt_id: one.outcome for one in await world.ended(1)}
        assert outcomes[request.attempt_id] is AttemptOutcome.DROPPED


async def test_a_break_waits_for_the_line_that_counts_on_the_agent(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.acd.take_break(AgentId("agent1"), "lunch")
        await world.quiet(2.0)
        assert not world.telephone.hung_up  # the line rings on
        await world.telephone.answer(request.attempt_id)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        await world.until(lambda: world.events(InteractionAccepted))
        accepted = world.events(InteractionAccepted)[0]
        await world.acd.customer_left(accepted.interaction_id)
        await world.acd.wrap_up(accepted.agent_id, accepted.interaction_id, "sale")
        await world.until(
            lambda: world.events(AgentStateChanged)[-1].state is AgentState.BREAK
        )  # after the call
        await world.quiet()
        assert len(world.telephone.dialled) == 1  # nothing new was dialled for who leaves


async def test_a_break_begins_when_the_line_fails(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.acd.sign_out(AgentId("agent1"))
        last = world.events(AgentStateChanged)[-1]
        assert (last.state, last.break_pending) == (AgentState.READY, True)
        await world.telephone.fail(request.attempt_id, AttemptOutcome.NO_ANSWER)
        await world.until(
            lambda: world.events(AgentStateChanged)[-1].state is AgentState.SIGNED_OUT
        )
        assert len(world.telephone.dialled) == 1


async def test_breaks_in_the_moment_of_the_answer_drop_nobody(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=3) as world:
        await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        requests = await world.dialled(3)
        asked = [world.acd.take_break(AgentId(f"agent{n}"), "lunch") for n in (1, 2, 3)]
        answers = [world.telephone.answer(request.attempt_id) for request in requests]
        await asyncio.gather(*asked, *answers)
        ended = await world.ended(3)
        assert {end.outcome for end in ended} == {AttemptOutcome.ANSWERED}
        assert not world.telephone.messages


async def test_an_inbound_call_waits_for_the_line_and_not_for_the_next(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        inbound = Arrival(InteractionId("in"), Medium.VOICE, Direction.INBOUND, queue_id=QUEUE)
        await world.acd.arrive(inbound)
        await world.quiet(1.0)
        assert not world.events(InteractionOffered)
        await world.telephone.fail(request.attempt_id, AttemptOutcome.NO_ANSWER)
        await world.until(lambda: world.events(InteractionOffered))
        assert world.events(InteractionOffered)[0].interaction_id == "in"
        await world.quiet(1.0)
        assert len(world.telephone.dialled) == 1


async def test_a_callee_who_hangs_up_first_is_no_drop(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.acd.phone_changed(AgentId("agent1"), False)
        await world.telephone.answer(request.attempt_id)
        await world.quiet(1.0)
        await world.telephone.end(request.attempt_id)
        await world.acd.customer_left(InteractionId(request.attempt_id))
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.HUNG_UP
        await world.quiet()
        assert not world.telephone.messages


async def test_a_pause_stops_dialling_at_once(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.campaigns.pause(campaign.campaign_id)
        await world.telephone.fail(request.attempt_id, AttemptOutcome.NO_ANSWER)
        await world.ended(1)
        await world.quiet()
        assert len(world.telephone.dialled) == 1
        await world.campaigns.start(campaign.campaign_id)
        await world.dialled(2)


async def test_nobody_is_called_outside_the_hours(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        afternoon = (HoursRule(frozenset(range(1, 8)), 13 * 60, 20 * 60),)
        campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE, hours=afternoon)
        await world.quiet()
        assert not world.telephone.dialled  # it is noon in New York
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {"calling_hours": 1}
        world.leap(3600)
        await world.dialled(1)


async def test_one_person_on_two_lists_is_rung_once_at_a_time(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=4) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        await world.dialled(1)
        other = await world.campaign(mode=Mode.PROGRESSIVE)
        await world.add_contacts(
            other.campaign_id, contact(0, other.campaign_id, contact_id="same")
        )
        await world.campaigns.start(other.campaign_id)
        await world.quiet()
        assert len(world.telephone.dialled) == 1


async def test_a_switch_that_is_down_costs_the_attempt_and_not_the_contact(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        world.telephone.down = True
        campaign = await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.FAILED
        world.telephone.down = False
        world.leap(60)
        await world.dialled(1)
        attempts = world.campaigns.attempts(campaign.campaign_id)
        keys, now = KeyRing([new_key()]), world.clock.now()
        lines = [line async for line in compliance_file(campaign, attempts, keys, now)]
        text = b"".join(lines).decode()
        assert [line.split(",")[6:8] for line in text.splitlines()[1:-2]] == [
            ['"failed"', '"NONE"'],
            ['""', '"NONE"'],
        ]
        assert verify(campaign.campaign_id, text, keys) is None
        changed = text.replace("failed", "busy")
        without = lines[0].decode() + lines[2].decode()
        for other in (changed, without):
            found = verify(campaign.campaign_id, other, keys)
            assert found is not None
            assert found.line == 2


async def test_after_a_crash_every_attempt_gets_its_outcome(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=4) as world:
        await world.running_campaign(4, mode=Mode.PROGRESSIVE)
        requests = await world.dialled(4)
        world.deaf = True  # the process is dead
        await world.telephone.fail(requests[0].attempt_id, AttemptOutcome.BUSY)
        await world.telephone.answer(requests[1].attempt_id)
        await world.telephone.answer(requests[2].attempt_id)
        await world.telephone.end(requests[2].attempt_id)

        again = world.new_dialing()
        await again.start()
        ended = {event.attempt_id: event.outcome for event in await world.ended(4)}
        assert [ended[request.attempt_id] for request in requests] == [
            AttemptOutcome.BUSY,
            AttemptOutcome.DROPPED,  # answered, and nobody saw what came of it
            AttemptOutcome.HUNG_UP,
            AttemptOutcome.FAILED,
        ]
        assert set(world.telephone.hung_up) == {requests[1].attempt_id, requests[3].attempt_id}


async def test_attempts_whose_commit_is_in_doubt_get_an_outcome(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        world.answer_lost = AttemptStarted
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [lost] = await world.ended(1)
        assert lost.outcome is AttemptOutcome.FAILED
        assert not world.telephone.dialled


async def test_finished_contacts_are_dialled_again_by_their_result(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=3) as world:
        campaign = await world.running_campaign(3, mode=Mode.PROGRESSIVE, retries=())
        campaign_id = campaign.campaign_id
        requests = await world.dialled(3)
        ends = (AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, AttemptOutcome.NO_ANSWER)
        for request, outcome in zip(list(requests), ends, strict=True):
            await world.telephone.fail(request.attempt_id, outcome)
        await world.finished(campaign_id)
        assert await world.campaigns.finish_reasons(campaign_id) == {"no_answer": 2, "busy": 1}
        await world.contacts.finish(world.events(AttemptEnded)[0].contact_id, "do_not_call")
        left = await world.campaigns.finish_reasons(campaign_id)
        again = left.get("no_answer", 0)
        assert await world.campaigns.recycle(campaign_id, ["no_answer", "do_not_call"]) == again
        await world.campaigns.start(campaign_id)
        await world.dialled(3 + again)
        assert (await world.campaigns.finish_reasons(campaign_id))["do_not_call"] == 1


async def test_campaigns_of_one_queue_share_its_agents_by_weight(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=6) as world:
        heavy = await world.campaign(mode=Mode.PROGRESSIVE, weight=2)
        light = await world.campaign(mode=Mode.PROGRESSIVE)
        for place, campaign in enumerate((heavy, light)):
            rows = (
                contact(n + 20 * place, campaign.campaign_id, contact_id=f"c{place}n{n}")
                for n in range(12 if campaign is heavy else 2)
            )
            await world.add_contacts(campaign.campaign_id, *rows)
        world.telephone.lines = 0  # until both are there
        await world.campaigns.start(heavy.campaign_id)
        await world.campaigns.start(light.campaign_id)
        world.telephone.lines = 100
        await world.dialled(6)
        await world.quiet()
        lines = Counter(request.campaign_id for request in world.telephone.dialled)
        assert lines == {heavy.campaign_id: 4, light.campaign_id: 2}
        for request in list(world.telephone.dialled):
            await world.telephone.fail(request.attempt_id, AttemptOutcome.INVALID_NUMBER)
        await world.ended(6)
        await world.dialled(12)  # the light one has nobody left: all agents are the heavy one's
        lines = Counter(request.campaign_id for request in world.telephone.dialled[6:])
        assert lines == {heavy.campaign_id: 6}
