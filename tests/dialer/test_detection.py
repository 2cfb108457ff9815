"""Answer detection: who goes to an agent, from when the law counts, and a detector that harms."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from omni.core.events.outbound import AttemptEnded, CampaignPaced
from omni.core.events.routing import InteractionArrived
from omni.core.ids import AgentId, AttemptId, CampaignId, ContactId, InteractionId
from omni.core.terms import AnswerKind, AttemptOutcome
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.detection import Detection
from omni.dialer.engine.detection import (
    CHECK_EVERY,
    CHECKS_MIN,
    Harm,
    Truth,
    VerdictCount,
    goes_on,
    harm,
    lost_share,
    score_of,
    seconds_from,
    wilson_low,
)
from omni.dialer.engine.pacing import CallResolved, LineAnswered, LineDialled
from omni.dialer.engine.profiles import newest
from omni.dialer.model import Attempt, Campaign, Mode, OnMachine
from omni.dialer.store import AttemptRecord
from tests.dialer.calling import contact
from tests.dialer.world import Floor, floor

HUMAN, MACHINE, FAX, UNSURE = (
    AnswerKind.HUMAN,
    AnswerKind.MACHINE,
    AnswerKind.FAX,
    AnswerKind.UNSURE,
)
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


PAID = {"answer_detection": True, "drop_limit_pct": 100.0}  # the drop budget pays for anything


async def earned(world: Floor, campaign: Campaign, answered: int) -> None:
    """Let so many people have talked to agents today."""
    for number in range(answered):
        await AttemptRecord.create(
            id=f"before{number:03d}", campaign_id=campaign.campaign_id, contact_id="c",
            number="+12125550100", name="", attempt_no=1, profile="NONE", profile_version=1,
            started_at=world.clock.now(), answered_at=world.clock.now(),
            ended_at=world.clock.now(), outcome="answered",
        )  # fmt: skip


async def heard(world: Floor, kind: AnswerKind, number: int = 1) -> AttemptId:
    """Have the newest call answered by this; return its attempt."""
    requests = await world.dialled(number)
    attempt_id = requests[-1].attempt_id
    assert requests[-1].detect
    await world.telephone.answer(attempt_id)
    await world.quiet(0.5)
    assert not world.events(InteractionArrived)[number:], "before it is known what answered"
    await world.telephone.classify(attempt_id, kind)
    return attempt_id


@pytest.mark.parametrize("kind", [HUMAN, UNSURE])
async def test_a_person_goes_to_an_agent_when_it_is_known(
    kind: AnswerKind, database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, **PAID)
        attempt_id = await heard(world, kind)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        row = await AttemptRecord.get(id=attempt_id)
        assert (row.verdict, row.truth) == (kind.value, "")
        assert row.answered_at is not None


async def test_nobody_is_listened_to_before_the_budget_pays_for_it(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, answer_detection=True)
        [request] = await world.dialled(1)
        assert not request.detect
        await world.telephone.answer(request.attempt_id)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED


async def test_machines_are_ended_as_long_as_the_budget_pays_for_persons_among_them(
    database: str, tmp_path: Path
) -> None:
    """One answered call has earned 0.03 of a drop: one machine of which 0.02 may be a person."""
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PROGRESSIVE, answer_detection=True)
        await earned(world, campaign, 1)
        rows = [contact(n, campaign.campaign_id) for n in range(9)]
        await world.add_contacts(campaign.campaign_id, *rows)
        await world.campaigns.start(campaign.campaign_id)
        for number in range(1, 9):
            attempt_id = (await world.dialled(number))[-1].attempt_id
            assert world.telephone.dialled[-1].detect
            await world.telephone.answer(attempt_id)
            # A fax is no person and costs nothing; nor does a machine that checks the detector.
            kind = FAX if number == 1 or checks(attempt_id) else MACHINE
            await world.telephone.classify(attempt_id, kind)
            if kind is MACHINE:
                break
        after = (await world.dialled(number + 1))[-1]
        assert not after.detect
        told = world.events
        await world.until(lambda: any(one.windows[0].lost == 0.02 for one in told(CampaignPaced)))


@pytest.mark.parametrize("kind", [MACHINE, FAX])
async def test_a_machine_is_hung_up_on_and_counts_as_no_person(
    kind: AnswerKind, database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(
            mode=Mode.PREDICTIVE, answer_detection=True, profile="UK-2010"
        )
        await earned(world, campaign, 100)
        await world.add_contacts(campaign.campaign_id, contact(0, campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        attempt_id = await heard(world, kind)
        assert not checks(attempt_id), "choose another number of contacts"
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome(kind.value)
        assert world.telephone.hung_up == [attempt_id]
        row = await AttemptRecord.get(id=attempt_id)
        assert row.answered_at is None, "the share of drops is of persons"
        locked = await world.contacts.locked_until(row.number)
        assert (locked is not None) is (kind is MACHINE)


async def test_a_message_is_left_on_the_machine(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, **PAID, on_machine=OnMachine.MESSAGE)
        attempt_id = await heard(world, MACHINE)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.MACHINE
        assert world.telephone.left_on_machines == [attempt_id]
        assert not world.telephone.hung_up


async def test_a_machine_may_go_to_an_agent(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, **PAID, on_machine=OnMachine.CONNECT)
        attempt_id = await heard(world, MACHINE)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.ANSWERED
        await world.acd.end(InteractionId(attempt_id), AgentId("agent1"))
        await world.acd.wrap_up(AgentId("agent1"), InteractionId(attempt_id), "machine")
        async with asyncio.timeout(20):
            while (await AttemptRecord.get(id=attempt_id)).truth != "machine":
                await world.quiet(0.2)


@pytest.mark.parametrize(
    ("dialled", "changed", "outcome"),
    [
        (OnMachine.CONNECT, OnMachine.HANG_UP, AttemptOutcome.ANSWERED),  # it was not paid for
        (OnMachine.HANG_UP, OnMachine.CONNECT, AttemptOutcome.MACHINE),
        (OnMachine.HANG_UP, OnMachine.MESSAGE, AttemptOutcome.MACHINE),
    ],
)
async def test_a_line_that_rings_keeps_what_was_settled_when_it_was_dialled(
    dialled: OnMachine,
    changed: OnMachine,
    outcome: AttemptOutcome,
    database: str,
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(
            1, mode=Mode.PROGRESSIVE, **PAID, on_machine=dialled
        )
        [request] = await world.dialled(1)
        assert not checks(request.attempt_id), "choose another number of contacts"
        await world.campaigns.change(campaign.campaign_id, on_machine=changed)
        await heard(world, MACHINE)
        [ended] = await world.ended(1)
        assert ended.outcome is outcome
        assert not world.telephone.left_on_machines
        row = await AttemptRecord.get(id=request.attempt_id)
        assert row.on_machine == dialled.value


async def test_a_change_of_the_limit_forgets_nothing_that_is_on_its_way(
    database: str, tmp_path: Path
) -> None:
    """The drop is not in the database yet when the budget is made anew."""
    async with floor(tmp_path, agents=0) as world:
        campaign = await world.running_campaign(0, mode=Mode.PREDICTIVE)
        pacer = world.dialing._runs[campaign.campaign_id].pacer
        now_s = world.clock.now().timestamp()
        pacer.handle(LineDialled(now_s, "line"))
        pacer.handle(LineAnswered(now_s, "line"))
        pacer.handle(CallResolved(now_s, "line", dropped=True))
        await world.campaigns.change(campaign.campaign_id, drop_limit_pct=2.0)
        [window] = pacer.budget(now_s)
        assert (window.answered, window.dropped) == (1, 1)


async def test_who_hangs_up_before_it_is_known_was_a_person(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE, **PAID)
        [request] = await world.dialled(1)
        await world.telephone.answer(request.attempt_id)
        await world.quiet(0.5)
        await world.telephone.end(request.attempt_id)
        [ended] = await world.ended(1)
        assert ended.outcome is AttemptOutcome.HUNG_UP
        await world.telephone.classify(request.attempt_id, HUMAN)
        await world.quiet(0.5)
        assert len(world.events(AttemptEnded)) == 1


async def test_nobody_is_detected_by_hand_nor_where_the_rules_forbid_it(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(
            1, mode=Mode.PROGRESSIVE, answer_detection=True, profile="UK-2017"
        )
        [request] = await world.dialled(1)
        assert not request.detect


async def test_a_process_that_dies_while_listening_leaves_no_attempt_open(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        await world.running_campaign(2, mode=Mode.PROGRESSIVE, **PAID)
        requests = await world.dialled(2)
        world.deaf = True
        for request, kind in zip(requests, (MACHINE, None), strict=True):
            await world.telephone.answer(request.attempt_id)
            if kind is not None:
                await world.telephone.classify(request.attempt_id, kind)
        await world.new_dialing().start()
        outcomes = {event.attempt_id: event.outcome for event in world.events(AttemptEnded)}
        assert list(outcomes.values()) == [AttemptOutcome.MACHINE, AttemptOutcome.DROPPED]


async def test_a_detector_that_loses_people_is_switched_off_and_says_so(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PREDICTIVE, answer_detection=True)
        detection = Detection(world.campaigns, AttemptTable())
        await detection.look(campaign)
        assert (await world.campaigns.get(campaign.campaign_id)).answer_detection
        for number in range(30):
            truth = "person" if number % 3 == 0 else "machine"
            await AttemptRecord.create(
                id=f"a{number:02d}", campaign_id=campaign.campaign_id, contact_id="c",
                number="+12125550100", name="", attempt_no=1, profile="NONE", profile_version=1,
                started_at=world.clock.now(), outcome="answered", verdict="machine", truth=truth,
            )  # fmt: skip
        world.leap(11)
        await detection.look(campaign)
        off = await world.campaigns.get(campaign.campaign_id)
        assert (off.answer_detection, off.detection_off) == (False, "loses_people")
        found = await detection.score(campaign.campaign_id)
        assert (found.score.checked, found.score.persons) == (30, 10)
        world.leap(1)
        again = await world.campaigns.change(campaign.campaign_id, answer_detection=True)
        assert again.detection_off == ""
        assert (await detection.score(campaign.campaign_id)).score.checked == 0, "it begins anew"
        await detection.look(again)
        assert (await world.campaigns.get(campaign.campaign_id)).answer_detection


@pytest.mark.parametrize(
    ("code", "after_answer_s"), [("NONE", 0.0), ("UK-2010", 0.0), ("US-TSR", 1.2)]
)
def test_the_seconds_begin_where_the_rules_say(code: str, after_answer_s: float) -> None:
    profile = newest(code)
    assert profile is not None
    begin = seconds_from(profile, AT, AT + timedelta(seconds=2.0), quiet_s=0.8)
    assert begin == AT + timedelta(seconds=after_answer_s)


def test_every_tenth_machine_checks_the_detector() -> None:
    from_all = [AttemptId(f"attempt{number}") for number in range(5000)]
    share = sum(checks(one) for one in from_all) / len(from_all)
    assert abs(share - 1 / CHECK_EVERY) < 0.02
    connect = [_attempt(one, OnMachine.CONNECT) for one in from_all]
    assert all(goes_on(one, MACHINE, announced=False) for one in connect)
    assert not any(goes_on(one, FAX, announced=False) for one in connect)
    heard = [_attempt(one, OnMachine.HANG_UP) for one in from_all]
    assert not any(goes_on(one, MACHINE, announced=True) for one in heard), "nobody checks there"


def counts(
    *, seen: tuple[int, int], ended: int, taken: tuple[int, int], dropped: int
) -> list[VerdictCount]:
    """`seen`: persons and machines among checked machines; `taken`: among persons by verdict."""
    return [
        VerdictCount(MACHINE, Truth.PERSON, "answered", seen[0]),
        VerdictCount(MACHINE, Truth.MACHINE, "answered", seen[1]),
        VerdictCount(MACHINE, "", "machine", ended),
        VerdictCount(HUMAN, Truth.PERSON, "answered", taken[0]),
        VerdictCount(HUMAN, Truth.MACHINE, "answered", taken[1]),
        VerdictCount(HUMAN, "", "dropped", dropped),
    ]


def test_the_drop_rate_is_corrected_both_ways() -> None:
    score = score_of(counts(seen=(2, 38), ended=360, taken=(760, 190), dropped=10))
    assert score.lost == pytest.approx(18.0)
    assert score.drop_pct == pytest.approx(1.0)
    # 1000 answered of whom a fifth were machines: 800 persons, 8 drops; and 18 hung up on.
    assert score.corrected_pct == pytest.approx(100 * (8 + 18) / (800 + 18), abs=0.001)
    clean = score_of(counts(seen=(0, 40), ended=360, taken=(950, 0), dropped=10))
    assert clean.corrected_pct == clean.drop_pct


def test_what_is_believed_beforehand_gives_way_to_what_is_found() -> None:
    assert lost_share() == pytest.approx(0.02)
    clean = score_of(counts(seen=(0, 450), ended=4000, taken=(100, 0), dropped=0))
    assert lost_share(clean) == pytest.approx(1 / 500)
    bad = score_of(counts(seen=(50, 400), ended=4000, taken=(100, 0), dropped=0))
    assert lost_share(bad) == pytest.approx(51 / 500)
    # Half of what is counted as answered by people are machines: each person weighs twice.
    diluted = score_of(counts(seen=(50, 400), ended=4000, taken=(50, 50), dropped=0))
    assert lost_share(diluted) == pytest.approx(2 * 51 / 500)


def test_it_is_switched_off_beyond_doubt_only() -> None:
    few = score_of(counts(seen=(CHECKS_MIN - 1, 0), ended=0, taken=(100, 0), dropped=0))
    assert harm(few, 3.0) is None
    noise = score_of(counts(seen=(3, 20), ended=10, taken=(500, 0), dropped=0))
    assert harm(noise, 3.0) is None
    bad = score_of(counts(seen=(10, 20), ended=10, taken=(500, 0), dropped=0))
    assert harm(bad, 3.0) is Harm.LOSES_PEOPLE
    slow_poison = score_of(counts(seen=(30, 470), ended=4500, taken=(4000, 0), dropped=40))
    assert harm(slow_poison, 3.0) is Harm.OVER_LIMIT
    assert harm(slow_poison, 10.0) is None
    dropping = score_of(counts(seen=(0, 100), ended=900, taken=(100, 0), dropped=50))
    assert harm(dropping, 3.0) is None, "drops of our own are not the detector's"


NUMBERS = st.integers(0, 2000)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_a_score_is_never_absurd(
    persons: int, machines: int, ended: int, real: int, taken: int, dropped: int
) -> None:
    score = score_of(
        counts(seen=(persons, machines), ended=ended, taken=(real, taken), dropped=dropped)
    )
    for pct in (score.drop_pct, score.corrected_pct, score.corrected_least_pct):
        assert pct is None or 0.0 <= pct <= 100.0
    assert score.lost_least <= (score.lost or 0.0) + 1e-9
    assert score.lost is None or score.lost <= ended
    share = lost_share(score)
    assert 0.0 < share <= 1.0
    if score.checked and score.lost is not None:
        # What the budget has counted is near what the score says, and never less than by its prior.
        assert share * max(1, ended) >= score.lost * score.checked / (score.checked + 50) - 1e-9
    if harm(score, 3.0) is not None:
        assert score.checked >= CHECKS_MIN
        assert score.persons > 0, "no person seen, no harm"
    assert 0.0 <= wilson_low(persons, persons + machines) <= 1.0


def checks(attempt_id: AttemptId) -> bool:
    """Tell whether a machine that answers this call would go to an agent, to check the detector."""
    return goes_on(_attempt(attempt_id, OnMachine.HANG_UP), MACHINE, announced=False)


def _attempt(attempt_id: AttemptId, on_machine: OnMachine) -> Attempt:
    campaign_id, contact_id = CampaignId("c"), ContactId("p")
    return Attempt(attempt_id, campaign_id, contact_id, "+12125550100", AT, on_machine=on_machine)
