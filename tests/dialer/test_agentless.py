"""Agentless campaigns: a message to everybody who agreed to it, keys that answer it, no drops."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from omni.core.errors import Conflict, Invalid
from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import AttemptEnded, DoNotCallChanged
from omni.core.events.routing import InteractionAccepted, InteractionArrived
from omni.core.events.voice import CallAnswered, CallDigit, CallEnded
from omni.core.ids import AgentId, AttemptId, CallId, CampaignId, InteractionId
from omni.core.terms import AnswerKind, AttemptOutcome, Direction
from omni.dialer.engine.gates import Gate
from omni.dialer.engine.trace import traced
from omni.dialer.model import Campaign, ContactState, DoNotCallSearch, Mode, OnMachine
from omni.dialer.ports import DialRequest, Said
from omni.dialer.store import AttemptRecord
from tests.dialer.calling import START, Lists, contact, plan
from tests.dialer.test_do_not_call import the_list
from tests.dialer.world import Floor, floor

SAID = {"calls_per_second": 50}
HELLO = "hello"  # an announcement


async def announcing(world: Lists, contacts: int, **fields: object) -> Campaign:
    """Have a running agentless campaign whose contacts have agreed to be called."""
    campaign = await world.campaign(mode=Mode.AGENTLESS, **{**SAID, **fields})
    agreed = START - timedelta(days=1)
    rows = (contact(n, campaign.campaign_id, consent_at=agreed) for n in range(contacts))
    await world.add_contacts(campaign.campaign_id, *rows)
    await world.campaigns.change(campaign.campaign_id, message=HELLO)
    return await world.campaigns.start(campaign.campaign_id)


async def listening(world: Floor, request: DialRequest) -> None:
    """Let the person answer and hear the message."""
    await world.telephone.answer(request.attempt_id)
    await world.until(lambda: request.attempt_id in world.telephone.announced)


async def test_everybody_hears_the_message_and_no_agent_is_needed(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 3)
        requests = list(await world.dialled(3))
        for request in requests[:2]:
            await listening(world, request)
        assert set(world.telephone.announced.values()) == {Said(HELLO, campaign.queue_id)}
        await world.telephone.end(requests[0].attempt_id, by="system", played=True)
        await world.telephone.end(requests[1].attempt_id)  # in the middle of it
        await world.telephone.fail(requests[2].attempt_id, AttemptOutcome.BUSY)
        ended = {one.attempt_id: one.outcome for one in await world.ended(3)}
        assert [ended[request.attempt_id] for request in requests] == [
            AttemptOutcome.MESSAGE,
            AttemptOutcome.HUNG_UP,
            AttemptOutcome.BUSY,
        ]
        await world.quiet(4.0)
        assert not world.telephone.messages  # nobody was dropped
        assert not world.events(InteractionArrived)
        [heard] = [
            one for one in world.events(AttemptEnded) if one.outcome is AttemptOutcome.MESSAGE
        ]
        done = await world.contact_done(heard.contact_id)
        assert done.finish_reason == "message"


async def test_without_consent_nobody_is_called(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await announcing(world, 1)
        rows = (contact(n, campaign.campaign_id) for n in range(10, 13))
        await world.add_contacts(campaign.campaign_id, *rows)
        await world.dialled(1)
        await world.quiet()
        assert len(world.telephone.dialled) == 1
        why = await world.campaigns.blocked(campaign.campaign_id)
        assert why.gates == {Gate.CONSENT: 3, Gate.IN_PROGRESS: 1}


async def test_one_key_leads_to_an_agent(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await announcing(world, 1, connect_key=True)
        [request] = await world.dialled(1)
        await world.acd.take_break(AgentId("agent1"), "lunch")
        await listening(world, request)
        await world.telephone.press(request.attempt_id, "1")
        await world.until(lambda: world.events(InteractionArrived))
        assert world.telephone.waiting == [request.attempt_id]
        await world.quiet(10.0)  # far longer than anybody who was dialled would be kept
        assert not world.telephone.messages
        await world.acd.ready(AgentId("agent1"))
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        assert [event.agent_id for event in world.events(InteractionAccepted)] == ["agent1"]


async def test_who_waits_for_an_agent_and_leaves_was_not_dropped(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        await announcing(world, 1, connect_key=True)
        [request] = await world.dialled(1)
        await listening(world, request)
        await world.telephone.press(request.attempt_id, "1")
        await world.until(lambda: world.events(InteractionArrived))
        await world.telephone.end(request.attempt_id, played=True)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.HUNG_UP


async def test_the_other_key_ends_all_calls_to_this_person(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 1)
        [request] = await world.dialled(1)
        await listening(world, request)
        await world.telephone.press(request.attempt_id, "5")
        await world.telephone.press(request.attempt_id, "9")
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.OPTED_OUT
        assert world.telephone.hung_up == [request.attempt_id]
        await world.until(lambda: world.events(DoNotCallChanged))
        _, [entry] = await the_list(world).page(DoNotCallSearch(), 1, 10)
        assert (entry.number, entry.campaign_id) == (request.number, "")  # for every campaign
        assert entry.reason == "key_pressed"
        done = await world.contact_done(ended.contact_id)
        assert (done.state, done.finish_reason) == (ContactState.DONE, "do_not_call")
        assert await world.campaigns.recycle(campaign.campaign_id, ["do_not_call"]) == 0


async def test_a_key_that_was_not_offered_does_nothing(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await announcing(world, 1, connect_key=False, forbid_key=False)
        [request] = await world.dialled(1)
        await listening(world, request)
        for digit in "19":
            await world.telephone.press(request.attempt_id, digit)
        await world.quiet()
        assert not world.telephone.hung_up
        assert not world.telephone.waiting
        assert (await the_list(world).page(DoNotCallSearch(), 1, 10))[0] == 0


async def test_lines_and_calls_per_second_pace_it(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 40, calls_per_second=2, max_lines=5)
        await world.dialled(2)
        world.telephone.lines = 100
        await world.quiet(0.8)
        assert len(world.telephone.dialled) == 2
        await world.quiet(8.0)
        assert len(world.telephone.dialled) == 5
        await world.telephone.fail(world.telephone.dialled[0].attempt_id, AttemptOutcome.BUSY)
        await world.dialled(6)
        await world.campaigns.change(campaign.campaign_id, max_lines=7)
        await world.dialled(8)
        await world.quiet()
        assert len(world.telephone.dialled) == 8


async def test_it_cannot_begin_without_a_message_or_change_its_kind(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign(mode=Mode.AGENTLESS)
    with pytest.raises(Conflict) as refused:
        await lists.campaigns.start(campaign.campaign_id)
    assert refused.value.code == "campaign.no_message"
    await lists.campaigns.change(campaign.campaign_id, message=HELLO)
    await lists.campaigns.start(campaign.campaign_id)
    with pytest.raises(Conflict) as refused:
        await lists.campaigns.change(campaign.campaign_id, mode=Mode.PREDICTIVE)
    assert refused.value.code == "campaign.mode_fixed"


@pytest.mark.parametrize("field", ["message", "drop_message"])
async def test_only_what_can_be_said_is_taken(database: str, tmp_path: Path, field: str) -> None:
    lists = Lists(tmp_path)
    lists.campaigns.can_be_said = {HELLO}.__contains__
    campaign = await lists.campaign(mode=Mode.AGENTLESS)
    with pytest.raises(Invalid) as refused:
        await lists.campaigns.change(campaign.campaign_id, **{field: "never recorded"})
    assert (refused.value.code, refused.value.data["field"]) == ("announcement_unknown", field)
    changed = await lists.campaigns.change(campaign.campaign_id, **{field: HELLO})
    assert getattr(await lists.campaigns.get(changed.campaign_id), field) == HELLO
    emptied = await lists.campaigns.change(campaign.campaign_id, **{field: ""})
    assert getattr(emptied, field) == ""


async def test_a_promise_of_an_agentless_campaign_is_kept_by_its_agent(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await announcing(world, 1, max_lines=1)
        [request] = await world.dialled(1)
        row = contact(7, campaign.campaign_id, consent_at=START - timedelta(days=1))
        await world.add_contacts(campaign.campaign_id, row)
        await world.callbacks.put(row.contact_id, world.clock.now(), "agent1", "")
        requests = await world.dialled(2)
        await world.telephone.answer(requests[1].attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert requests[1].attempt_id not in world.telephone.announced
        await world.quiet()
        assert not world.telephone.hung_up  # the message's line counts on nobody
        assert request.attempt_id in world.telephone.live


CALL, ATTEMPT = CallId("a1"), AttemptId("a1")
ANSWERED = CallAnswered(call_id=CALL, attempt_id=ATTEMPT, ring_s=4.0)
NINE = CallDigit(call_id=CALL, attempt_id=ATTEMPT, digit="9")


def ended(by: str, *, played: bool = False) -> CallEnded:
    return CallEnded(
        call_id=CALL,
        direction=Direction.OUTBOUND,
        by=by,
        cause=16,
        talk_s=0.0,
        message_played=played,
    )


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([ANSWERED], AttemptOutcome.HUNG_UP),  # never a drop
        ([ANSWERED, ended("system", played=True)], AttemptOutcome.MESSAGE),
        ([ANSWERED, ended("customer", played=True)], AttemptOutcome.MESSAGE),
        ([ANSWERED, ended("customer")], AttemptOutcome.HUNG_UP),
        ([ANSWERED, NINE], AttemptOutcome.OPTED_OUT),
        ([ANSWERED, NINE, ended("system", played=True)], AttemptOutcome.OPTED_OUT),
        ([], AttemptOutcome.FAILED),
    ],
)
def test_what_a_dead_process_left_is_known_from_its_call(
    events: Iterable[Event], outcome: AttemptOutcome
) -> None:
    campaign = plan(mode=Mode.AGENTLESS, campaign_id=CampaignId("c"))
    history = [Recorded(place, START, event) for place, event in enumerate(events)]
    assert traced(campaign, history).outcome is outcome


@pytest.mark.parametrize("kind", [AnswerKind.HUMAN, AnswerKind.UNSURE])
async def test_what_is_found_to_be_a_person_hears_the_message_then(
    kind: AnswerKind, database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        await announcing(world, 1, answer_detection=True)
        [request] = await world.dialled(1)
        assert request.detect
        await world.telephone.answer(request.attempt_id)
        await world.quiet(1.0)
        assert not world.telephone.announced
        await world.telephone.classify(request.attempt_id, kind)
        await world.until(lambda: request.attempt_id in world.telephone.announced)
        await world.telephone.end(request.attempt_id, played=True)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.MESSAGE


async def test_a_machine_gets_the_message_after_its_greeting_and_keeps_its_line(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        machines = {"answer_detection": True, "on_machine": OnMachine.MESSAGE, "max_lines": 20}
        await announcing(world, 40, **machines)
        requests = list(await world.dialled(20))
        for request in requests:  # more than enough for one that would check the detector
            await world.telephone.answer(request.attempt_id)
            await world.telephone.classify(request.attempt_id, AnswerKind.MACHINE)
        ended = await world.ended(20)
        assert {one.outcome for one in ended} == {AttemptOutcome.MACHINE}
        assert len(world.telephone.left_on_machines) == 20
        await world.quiet(2.0)
        assert len(world.telephone.dialled) == 20, "all lines are in use"
        await world.telephone.end(requests[0].attempt_id, by="system", played=True)
        await world.dialled(21)
        await world.quiet(2.0)
        assert len(world.telephone.dialled) == 21


async def reached(world: Floor, campaign: Campaign, people: int) -> None:
    """Let the detector have found so many people today."""
    for number in range(people):
        await AttemptRecord.create(
            id=f"before{number:03d}", campaign_id=campaign.campaign_id, contact_id="c",
            number="+12125550100", name="", attempt_no=1, profile="NONE", profile_version=1,
            started_at=world.clock.now(), answered_at=world.clock.now(), on_machine="hang_up",
            ended_at=world.clock.now(), outcome="message", verdict="human",
        )  # fmt: skip


async def answered_by(world: Floor, request: DialRequest, kind: AnswerKind) -> None:
    assert request.detect
    await world.telephone.answer(request.attempt_id)
    await world.telephone.classify(request.attempt_id, kind)


async def test_machines_are_hung_up_on_only_when_the_people_among_them_are_paid_for(
    database: str, tmp_path: Path
) -> None:
    """A person has earned 0.03 of a drop: a machine of which 0.02 may be a person."""
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 9, answer_detection=True, max_lines=1)
        first = (await world.dialled(1))[0]
        await answered_by(world, first, AnswerKind.MACHINE)
        await world.until(lambda: first.attempt_id in world.telephone.announced)
        await world.telephone.end(first.attempt_id, by="system", played=True)
        second = (await world.dialled(2))[1]  # no machine's message has earned anything
        await answered_by(world, second, AnswerKind.HUMAN)
        await world.until(lambda: second.attempt_id in world.telephone.announced)
        await world.telephone.end(second.attempt_id, by="system", played=True)
        third = (await world.dialled(3))[2]
        await answered_by(world, third, AnswerKind.MACHINE)
        await world.until(lambda: third.attempt_id in world.telephone.hung_up)
        fourth = (await world.dialled(4))[3]
        await answered_by(world, fourth, AnswerKind.MACHINE)
        await world.until(lambda: fourth.attempt_id in world.telephone.announced)
        ends = {one.attempt_id: one.outcome for one in await world.ended(3)}
        assert ends[first.attempt_id] is ends[second.attempt_id] is AttemptOutcome.MESSAGE
        assert ends[third.attempt_id] is AttemptOutcome.MACHINE
        rows = {row.id: row.on_machine for row in await AttemptRecord.all()}
        assert [rows[one.attempt_id] for one in (first, second, third, fourth)] == [
            "connect",
            "connect",
            "hang_up",
            "connect",
        ]
        [paced] = world.dialing._runs[campaign.campaign_id].pacer.budget(START.timestamp())
        assert (paced.answered, paced.dropped, paced.lost) == (1, 0, 0.02)


async def test_what_was_paid_and_spent_is_known_after_a_restart(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 1, answer_detection=True)
        await reached(world, campaign, 100)
        for name, on_machine in (("a", "hang_up"), ("b", "message"), ("c", "connect")):
            await AttemptRecord.create(
                id=name, campaign_id=campaign.campaign_id, contact_id="c", outcome="machine",
                number="+12125550100", name="", attempt_no=1, profile="NONE", profile_version=1,
                started_at=START, ended_at=START, on_machine=on_machine, verdict="machine",
            )  # fmt: skip
        # Whatever answered unheard, a machine perhaps, has earned nothing.
        await AttemptRecord.filter(id="before000").update(verdict="")
        await AttemptRecord.filter(id="before001").update(verdict="machine")
        again = world.new_dialing()
        await again.start()
        [paced] = again._runs[campaign.campaign_id].pacer.budget(world.clock.now().timestamp())
        assert (paced.answered, paced.dropped, paced.lost) == (98, 0, 0.02)


@pytest.mark.parametrize("first", [OnMachine.CONNECT, OnMachine.MESSAGE])
async def test_a_change_to_hanging_up_is_for_later_lines(
    first: OnMachine, database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 1, answer_detection=True, on_machine=first)
        [request] = await world.dialled(1)
        await world.campaigns.change(campaign.campaign_id, on_machine=OnMachine.HANG_UP)
        await answered_by(world, request, AnswerKind.MACHINE)
        telephone = world.telephone
        await world.until(
            lambda: request.attempt_id in (*telephone.announced, *telephone.left_on_machines)
        )
        assert not telephone.hung_up
        [paced] = world.dialing._runs[campaign.campaign_id].pacer.budget(START.timestamp())
        assert paced.lost == 0.0


async def test_who_asks_for_an_agent_says_nothing_of_the_detector(
    database: str, tmp_path: Path
) -> None:
    """Only people press a key: counted, they would all speak against it."""
    async with floor(tmp_path, agents=1) as world:
        await announcing(world, 1, answer_detection=True, connect_key=True)
        [request] = await world.dialled(1)
        await answered_by(world, request, AnswerKind.MACHINE)
        await world.until(lambda: request.attempt_id in world.telephone.announced)
        await world.telephone.press(request.attempt_id, "1")
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        await world.acd.end(InteractionId(request.attempt_id), AgentId("agent1"))
        await world.acd.wrap_up(AgentId("agent1"), InteractionId(request.attempt_id), "sale")
        await world.contact_done(ended.contact_id)
        assert (await AttemptRecord.get(id=request.attempt_id)).truth == ""


async def test_machines_may_hear_the_message_at_once_and_faxes_never_do(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=0) as world:
        await announcing(world, 2, answer_detection=True, on_machine=OnMachine.CONNECT)
        machine, fax = list(await world.dialled(2))
        for request, kind in ((machine, AnswerKind.MACHINE), (fax, AnswerKind.FAX)):
            await world.telephone.answer(request.attempt_id)
            await world.telephone.classify(request.attempt_id, kind)
        await world.until(lambda: machine.attempt_id in world.telephone.announced)
        [ended] = await world.ended(1)
        assert (ended.attempt_id, ended.outcome) == (fax.attempt_id, AttemptOutcome.FAX)
        assert world.telephone.hung_up == [fax.attempt_id]
