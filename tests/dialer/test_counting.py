"""Why contacts are not dialled, counted slice by slice."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from omni.core.events.outbound import DialableChanged
from omni.core.ids import AttemptId, CampaignId
from omni.dialer import contact_store
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.contact_store import ContactTable
from omni.dialer.counting import COST_SHARE, LEFT, Counting
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.engine.gates import Facts, Gate, Situation
from omni.dialer.lines import attempt_at
from omni.dialer.model import CampaignState, ContactNumber, ContactState, DoNotCall
from omni.dialer.standing import Standing
from tests.dialer.calling import START, Lists, OwnClock, contact
from tests.dialer.test_gates import HERE

CAMPAIGN = CampaignId("campaign1")
SLICE_S = 0.25
OPEN, DONE = Facts(zones=("America/New_York",)), Facts(state=ContactState.DONE)


class Slices(ContactTable):
    """Three slices of two contacts; each takes `SLICE_S` of the clock."""

    def __init__(self, clock: OwnClock) -> None:
        self.clock = clock
        self.broken = False
        self.changed: Callable[[], None] = lambda: None

    async def classes(
        self, campaign_id: CampaignId, now: datetime
    ) -> AsyncIterator[list[tuple[Sequence[Facts], int]]]:
        for _ in range(3):
            self.clock.pass_s(SLICE_S)
            self.changed()
            if self.broken:
                raise ConnectionError
            yield [([OPEN], 1), ([DONE], 1)]


def counting(clock: OwnClock) -> tuple[Counting, Slices]:
    async def present(_: CampaignId) -> Situation:
        return replace(HERE, now=clock.now())

    slices = Slices(clock)
    return Counting(slices, clock, present), slices


async def test_a_count_goes_on_where_it_was_left() -> None:
    count, _ = counting(OwnClock())
    seen = [await count.within(CAMPAIGN, SLICE_S / 2) for _ in range(4)]
    assert [(one.contacts, one.dialable, one.whole) for one in seen] == [
        (2, 1, False),
        (4, 2, False),
        (6, 3, False),
        (6, 3, True),
    ]
    assert {one.at for one in seen} == {START}
    assert seen[-1].gates == {Gate.FINISHED: 3}


async def test_who_asks_while_it_is_counted_anew_gets_the_last_whole_count() -> None:
    clock = OwnClock()
    count, _ = counting(clock)
    first = await count.within(CAMPAIGN, 60)
    assert first.whole
    assert first.work_s == pytest.approx(3 * SLICE_S)
    clock.at = START + timedelta(seconds=COST_SHARE * first.work_s - 0.1)
    assert await count.within(CAMPAIGN, 60) is first, "counting takes its share, not more"
    clock.pass_s(0.2)
    begun = clock.at
    assert [await count.within(CAMPAIGN, SLICE_S / 2) for _ in range(3)] == [first] * 3
    again = await count.within(CAMPAIGN, SLICE_S / 2)
    assert (again.at, again.whole, again.contacts) == (begun, True, 6)


async def test_a_count_of_another_time_begins_anew() -> None:
    clock = OwnClock()
    count, slices = counting(clock)
    await count.within(CAMPAIGN, 0)
    clock.at += LEFT
    assert (await count.within(CAMPAIGN, 0)).contacts == 2
    slices.broken = True
    with pytest.raises(ConnectionError):
        await count.within(CAMPAIGN, 0)
    slices.broken = False
    again = await count.within(CAMPAIGN, 0)
    assert (again.contacts, again.whole) == (2, False), "what broke is not taken for the end"
    count.forget(CAMPAIGN)
    assert (await count.within(CAMPAIGN, 0)).contacts == 2
    slices.changed = lambda: count.forget(CAMPAIGN)
    assert (await count.within(CAMPAIGN, 60)).contacts == 6
    slices.changed = lambda: None
    assert not (await count.within(CAMPAIGN, 0)).whole, "the campaign has changed in between"


async def everything(lists: Lists) -> CampaignId:
    """Make a list of contacts of all sorts; return its campaign."""
    campaign = await lists.campaign(profile="US-FL")
    other = await lists.campaign(profile="US-FL")
    rows = [
        contact(n, campaign.campaign_id, zones=("Asia/Shanghai" if n == 2 else "America/New_York",))
        for n in range(1, 16)
    ]
    rows[2] = replace(
        rows[2], numbers=(ContactNumber(rows[2].number), ContactNumber("+12125559003"))
    )
    await lists.add_contacts(campaign.campaign_id, *rows)
    rows[4] = replace(rows[4], number="+13105550105")
    # 3: one of two numbers; 4: the only one; 5: by a prefix; 6: in another campaign only.
    entries = [
        DoNotCall("e3", rows[2].number, START),
        DoNotCall("e4", rows[3].number, START, campaign_id=campaign.campaign_id),
        DoNotCall("e5", "+1310*", START),
        DoNotCall("e6", rows[5].number, START, campaign_id=other.campaign_id),
    ]
    await DoNotCallTable().add(entries)
    contacts = lists.contacts
    await contacts.finish(rows[6].contact_id, "attempts")
    await contacts.lock_number(rows[7].number, START + timedelta(hours=1), "dropped")
    await contacts.lock_number(rows[8].number, START - timedelta(hours=1), "dropped")
    await contacts.postpone([rows[9].contact_id], START + timedelta(hours=1))
    await contacts.set_dialing([rows[10]], START)
    same = contact(12, other.campaign_id, contact_id="elsewhere".zfill(26))
    await lists.add_contacts(other.campaign_id, same)
    await contacts.set_dialing([same], START)
    for hours, row in enumerate([rows[12]] * 3 + [rows[13]] * 3, start=20):
        at = START - timedelta(hours=hours)
        attempt = attempt_at(campaign, row, AttemptId(f"attempt{hours}"), at, None)
        await AttemptTable().add([attempt])
    await lists.campaigns.start(campaign.campaign_id)
    return campaign.campaign_id


@pytest.mark.parametrize("slice_contacts", [1, 4, 15, 1000])
async def test_the_counts_are_the_contacts_own_answers(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slice_contacts: int
) -> None:
    monkeypatch.setattr(contact_store, "SLICE_CONTACTS", slice_contacts)
    lists = Lists(tmp_path)
    campaign_id = await everything(lists)
    _, rows = await lists.campaigns.contacts(campaign_id)
    answers: Counter[Gate | None] = Counter()
    for row in rows:
        explained = await lists.campaigns.contact_blocked(row.contact_id)
        shut = [verdict.gate for verdict in explained.verdicts if verdict.closed]
        answers[shut[0] if shut else None] += 1
    blocked = await lists.campaigns.blocked(campaign_id)
    assert blocked.dialable == answers.pop(None)
    assert blocked.gates == answers
    assert set(answers) == {
        Gate.FINISHED,
        Gate.IN_PROGRESS,
        Gate.CALLING_HOURS,
        Gate.DO_NOT_CALL,
        Gate.ATTEMPTS_24H,
        Gate.LOCKED_OUT,
        Gate.RETRY_DELAY,
    }
    assert blocked.contacts == 15
    lately = await lists.campaigns.blocked_lately(campaign_id, 60)
    assert (lately.gates, lately.dialable) == (blocked.gates, blocked.dialable)


class Tiring(OwnClock):
    """A clock on which everything takes a second."""

    def monotonic_s(self) -> float:
        self.pass_s(1)
        return super().monotonic_s()


async def test_a_long_list_is_told_of_with_the_time_it_was_counted(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_store, "SLICE_CONTACTS", 1)
    lists = Lists(tmp_path, Tiring())
    campaign = await lists.campaign()
    rows = [contact(n, campaign.campaign_id) for n in range(1, 4)]
    await lists.add_contacts(campaign.campaign_id, *rows)
    running = await lists.campaigns.start(campaign.campaign_id)
    standing, begun = Standing(lists.campaigns, lists.journal), lists.clock.now()
    for _ in range(3):
        await standing.look(running, idle=False)
        assert not lists.events(DialableChanged), "half a count is not told"
    while not lists.events(DialableChanged):
        await standing.look(running, idle=False)
    [told] = lists.events(DialableChanged)
    assert (told.contacts, told.dialable, told.counted_at) == (3, 3, begun)


async def test_contacts_that_are_opened_after_they_were_counted_keep_the_campaign_going(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    campaign_id = campaign.campaign_id
    await lists.add_contacts(campaign_id, *(contact(n, campaign_id) for n in range(1, 4)))
    running = await lists.campaigns.start(campaign_id)
    _, rows = await lists.campaigns.contacts(campaign_id)
    for row in rows:
        await lists.contacts.finish(row.contact_id, "attempts")
    standing = Standing(lists.campaigns, lists.journal)

    async def tend(_: object) -> None:
        """Count; then somebody opens a contact again."""
        await lists.campaigns.blocked_lately(campaign_id, 60)
        lists.clock.pass_s(-1)  # the count is still good
        await lists.contacts.recycle(campaign_id, ["attempts"], lists.clock.now())

    lists.campaigns.tend = tend
    await standing.look(running, idle=True)
    assert lists.events(DialableChanged)[-1].finished == 3
    assert (await lists.campaigns.get(campaign_id)).state is CampaignState.RUNNING
    lists.campaigns.tend = None
    for row in rows:
        await lists.contacts.finish(row.contact_id, "attempts")
    lists.clock.pass_s(60)
    await standing.look(running, idle=True)
    assert (await lists.campaigns.get(campaign_id)).state is CampaignState.FINISHED
