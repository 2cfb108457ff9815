"""Contacts with several numbers: taken in, deduped, dialled in turn, explained number by number."""

from dataclasses import replace
from pathlib import Path

from omni.app.keys import KeyRing, new_key
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import CampaignId
from omni.core.terms import AttemptOutcome
from omni.dialer.compliance import compliance_file, verify
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.engine.gates import Gate
from omni.dialer.list_model import ColumnMapping, NumberColumn
from omni.dialer.model import (
    Contact,
    ContactNumber,
    ContactState,
    DoNotCall,
    DoNotCallSearch,
    Mode,
    NumberKind,
    RetryRule,
)
from tests.dialer.calling import START, Lists, contact
from tests.dialer.test_imports import taken_in
from tests.dialer.world import Floor, floor

MOBILE, HOME = "+12125550101", "+12125550102"
BOTH = (ContactNumber(MOBILE, NumberKind.MOBILE), ContactNumber(HOME, NumberKind.HOME))


def with_both(campaign_id: CampaignId) -> Contact:
    return replace(contact(1, campaign_id), number=MOBILE, numbers=BOTH)


async def only(world: Lists, campaign_id: CampaignId) -> Contact:
    [found] = (await world.campaigns.contacts(campaign_id))[1]
    return found


MAPPING = ColumnMapping(
    "Mobile",
    NumberKind.MOBILE,
    (NumberColumn("Home", NumberKind.HOME), NumberColumn("Work", NumberKind.WORK)),
    name="Name",
)
LIST = (
    "Name,Mobile,Home,Work\n"
    "Ada,212 555 0101,212 555 0102,\n"
    "Ada at work,,,212 555 0102\n"  # the list has her
    "Bob,,310 555 0103,310 555 0103\n"
    "Cid,call me,212 555 0104,\n"
    "Dan,call me,,\n"
    "Eve,,,\n"
)


async def test_a_list_with_several_columns_of_numbers(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    item = await taken_in(lists, LIST, MAPPING)
    assert (item.rows_read, item.imported, item.duplicates) == (6, 3, 1)
    assert (item.rejected, item.incomplete) == (2, 1)
    _, rows = await lists.campaigns.contacts(item.campaign_id)
    assert [[(one.number, one.kind) for one in row.numbers] for row in rows] == [
        [(MOBILE, NumberKind.MOBILE), (HOME, NumberKind.HOME)],
        [("+13105550103", NumberKind.HOME)],
        [("+12125550104", NumberKind.HOME)],
    ]
    assert rows[0].number == MOBILE
    found = await lists.campaigns.contacts(item.campaign_id, q="5550102")
    assert [row.name for row in found[1]] == ["Ada"]
    _, chunks = await lists.imports.rejected(item.import_id)
    text = b"".join([chunk async for chunk in chunks]).decode("utf-8-sig")
    assert [line.split(",")[:2] for line in text.splitlines()[1:]] == [
        ['"5"', '"other_number_invalid"'],
        ['"6"', '"number_invalid"'],
        ['"7"', '"number_missing"'],
    ]


async def test_a_person_may_be_in_the_zones_of_all_their_numbers(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    content = "Mobile,Home,Zone\n+12125550101,+13105550102,\n"
    content += "+12125550103,+13105550104,America/New_York\n"
    mapping = replace(MAPPING, name=None, time_zone="Zone", other_numbers=(NumberColumn("Home"),))
    item = await taken_in(lists, content, mapping)
    _, rows = await lists.campaigns.contacts(item.campaign_id)
    # What the list knows is finer for the number it fits, and does not unsay the other.
    both = ("America/Los_Angeles", "America/New_York")
    assert [row.zones for row in rows] == [both, both]


async def dial_numbers(world: Floor, count: int) -> list[str]:
    return [request.number for request in await world.dialled(count)]


async def test_the_next_number_has_its_turn_when_nobody_answers(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PROGRESSIVE, next_number_s=30)
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        assert await dial_numbers(world, 1) == [MOBILE]
        await world.telephone.fail(world.telephone.dialled[0].attempt_id, AttemptOutcome.NO_ANSWER)
        await world.ended(1)
        found = await only(world, campaign.campaign_id)
        assert (found.number, found.attempts) == (HOME, 1)
        world.leap(30)
        assert await dial_numbers(world, 2) == [MOBILE, HOME]
        # Busy: they are on this line, so the same number again.
        await world.telephone.fail(world.telephone.dialled[1].attempt_id, AttemptOutcome.BUSY)
        await world.ended(2)
        world.leap(600)
        assert (await dial_numbers(world, 3))[-1] == HOME
        # A number that is none is done; the other goes on.
        await world.telephone.fail(
            world.telephone.dialled[2].attempt_id, AttemptOutcome.INVALID_NUMBER
        )
        await world.ended(3)
        found = await only(world, campaign.campaign_id)
        assert [(one.attempts, one.finished) for one in found.numbers] == [
            (1, ""),
            (2, "invalid_number"),
        ]
        assert (found.state, found.number, found.attempts) == (ContactState.OPEN, MOBILE, 3)

        attempts = world.campaigns.attempts(campaign.campaign_id)
        keys, now = KeyRing([new_key()]), world.clock.now()
        lines = [line async for line in compliance_file(campaign, attempts, keys, now)]
        text = b"".join(lines).decode()
        told = [line.split(",") for line in text.splitlines()[1:-2]]  # then end and seal
        assert [(cells[1], cells[-2]) for cells in told] == [
            (f'"{MOBILE}"', '"mobile"'),
            (f'"{HOME}"', '"home"'),
            (f'"{HOME}"', '"home"'),
        ]
        assert verify(campaign.campaign_id, text, keys) is None


async def test_a_forbidden_number_leaves_the_others(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PROGRESSIVE)
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await DoNotCallTable().add([DoNotCall("entry1", MOBILE, START)])
        person = await only(world, campaign.campaign_id)
        explained = await world.campaigns.contact_blocked(person.contact_id)
        assert explained.number == HOME
        stops = {each.facts.number: each.stopped for each in explained.numbers}
        assert stops[MOBILE] is not None
        assert {row.gate for row in explained.verdicts if row.closed} == {Gate.CAMPAIGN_ACTIVE}
        await world.campaigns.start(campaign.campaign_id)
        assert await dial_numbers(world, 1) == [HOME]
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {Gate.IN_PROGRESS: 1}


async def test_all_numbers_forbidden_end_the_contact(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PROGRESSIVE)
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        entries = [DoNotCall("entry1", MOBILE, START), DoNotCall("entry2", "+1212555*", START)]
        await DoNotCallTable().add(entries)
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {Gate.CAMPAIGN_ACTIVE: 1}
        await world.campaigns.start(campaign.campaign_id)
        await world.finished(campaign.campaign_id)
        found = await only(world, campaign.campaign_id)
        assert (found.state, found.finish_reason) == (ContactState.DONE, "do_not_call")
        assert not world.telephone.dialled


async def test_each_number_has_its_own_cap(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        soon = RetryRule(AttemptOutcome.NO_ANSWER, 1, 3, next_number=True)
        campaign = await world.campaign(
            mode=Mode.PROGRESSIVE, max_attempts_number=1, next_number_s=1, retries=(soon,)
        )
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        for number in (1, 2):
            requests = await world.dialled(number)
            await world.telephone.fail(requests[-1].attempt_id, AttemptOutcome.NO_ANSWER)
            await world.ended(number)
        await world.finished(campaign.campaign_id)
        assert [request.number for request in world.telephone.dialled] == [MOBILE, HOME]
        found = await only(world, campaign.campaign_id)
        assert (found.state, found.finish_reason) == (ContactState.DONE, "attempts")
        # Dialled again, all begins anew: caps, turns, and the retry rule's count.
        assert await world.campaigns.recycle(campaign.campaign_id, ["attempts"]) == 1
        again = await only(world, campaign.campaign_id)
        assert [one.attempts for one in again.numbers] == [0, 0]
        outcome = AttemptOutcome.NO_ANSWER
        assert await world.contacts.outcome_count(again.contact_id, MOBILE, outcome) == 0


async def test_a_typed_number_is_the_one_that_is_dialled(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.MANUAL)
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        await world.by_hand.dial("agent1", campaign.campaign_id, HOME, "")  # type: ignore[arg-type]  # an id
        assert await dial_numbers(world, 1) == [HOME]
        assert len((await world.campaigns.contacts(campaign.campaign_id))[1]) == 1


async def test_who_wants_no_more_calls_gets_none_on_any_number(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(mode=Mode.PROGRESSIVE)
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        [request] = await world.dialled(1)
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        talk = world.events(InteractionAccepted)[0]
        await world.acd.customer_left(talk.interaction_id)
        await world.acd.wrap_up(talk.agent_id, talk.interaction_id, "do_not_call")
        await world.contact_done(with_both(campaign.campaign_id).contact_id)
        _, entries = await DoNotCallTable().page(DoNotCallSearch(), 0, 10)
        assert {entry.number for entry in entries} == {MOBILE, HOME}


async def test_the_law_counts_a_person_and_not_a_number(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.campaign(
            mode=Mode.PROGRESSIVE, profile="US-FL", caller_id="+12125550199", next_number_s=30
        )
        await world.add_contacts(campaign.campaign_id, with_both(campaign.campaign_id))
        await world.campaigns.start(campaign.campaign_id)
        for count, pause_s in ((1, 30), (2, 7200), (3, 7200)):
            requests = await world.dialled(count)
            await world.telephone.fail(requests[-1].attempt_id, AttemptOutcome.NO_ANSWER)
            await world.ended(count)
            world.leap(pause_s)
        numbers = [request.number for request in world.telephone.dialled]
        assert numbers == [MOBILE, HOME, MOBILE]
        # Three calls in 24 hours, whichever number: no number of theirs is dialled before then.
        person = await only(world, campaign.campaign_id)
        explained = await world.campaigns.contact_blocked(person.contact_id)
        stopped = {each.facts.number: each.stopped for each in explained.numbers}
        assert all(verdict and verdict.gate is Gate.ATTEMPTS_24H for verdict in stopped.values())
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {Gate.ATTEMPTS_24H: 1}
