"""What the law says of a contact counts at the moment of the dial, also of who is ready already."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from omni.core.ids import AttemptId, CampaignId
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.engine.gates import Situation
from omni.dialer.hopper import Hopper
from omni.dialer.list_store import ListTable
from omni.dialer.model import Attempt, CampaignState, Contact, ContactNumber, DoNotCall
from tests.dialer.calling import START, Lists, contact

FIRST, SECOND = "+12125550101", "+12125550102"


class Ready:
    """A campaign of two contacts of whom the second is ready to be dialled, and another one."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.hopper = Hopper(lists.contacts, ListTable())

    async def fill(self, *contacts: Contact) -> None:
        campaign = await self.lists.campaign(profile="US-FL", caller_id="+15550100")
        self.campaign = replace(campaign, state=CampaignState.RUNNING)
        own = [replace(one, campaign_id=campaign.campaign_id) for one in contacts]
        await self.lists.add_contacts(campaign.campaign_id, *own)
        assert [one.number for one in await self.take(1)] == [FIRST]

    def situation(self) -> Situation:
        return self.lists.campaigns.situation(self.campaign, self.lists.clock.now())

    async def take(self, count: int) -> list[Contact]:
        return await self.hopper.take(self.campaign, self.situation(), count)

    async def called_elsewhere(self, times: int) -> None:
        """The number was called by another campaign."""
        for number in range(times):
            attempt = Attempt(
                AttemptId(f"elsewhere{number}"),
                (await self.lists.campaign()).campaign_id,
                contact(2, CampaignId("other")).contact_id,
                SECOND,
                START,
            )
            await AttemptTable().add([attempt])


async def locked(ready: Ready) -> None:
    until = START + timedelta(hours=72)
    await ready.lists.contacts.lock_number(SECOND, until, "dropped")


async def capped(ready: Ready) -> None:
    await ready.called_elsewhere(3)


async def forbidden(ready: Ready) -> None:
    await DoNotCallTable().add([DoNotCall("entry", SECOND, START)])


async def rings_elsewhere(ready: Ready) -> None:
    other = await ready.lists.campaign()
    same = replace(contact(7, other.campaign_id), number=SECOND)
    await ready.lists.add_contacts(other.campaign_id, same)
    await ready.lists.contacts.set_dialing([same], START)


async def consent_withdrawn(ready: Ready) -> None:
    ready.campaign = replace(ready.campaign, consent_required=True)
    found = await ready.lists.contacts.with_number(ready.campaign.campaign_id, SECOND)
    assert found is not None
    await ready.lists.contacts.set_consent(found.contact_id, None, "")


@pytest.mark.parametrize("happens", [locked, capped, forbidden, rings_elsewhere, consent_withdrawn])
async def test_what_changes_while_a_contact_is_ready_counts(
    database: str, tmp_path: Path, happens: Callable[[Ready], Awaitable[None]]
) -> None:
    ready = Ready(Lists(tmp_path))
    agreed = START - timedelta(days=1)
    await ready.fill(*(contact(n, CampaignId(""), consent_at=agreed) for n in (1, 2)))
    await happens(ready)
    assert not await ready.take(1)


async def test_who_is_ready_is_dialled_when_nothing_has_changed(
    database: str, tmp_path: Path
) -> None:
    ready = Ready(Lists(tmp_path))
    await ready.fill(*(contact(n, CampaignId("")) for n in (1, 2)))
    assert [one.number for one in await ready.take(1)] == [SECOND]


@pytest.mark.parametrize(
    ("happens", "dialled"),
    [
        (forbidden, ["+12125550199"]),
        (rings_elsewhere, []),  # the person has the other telephone at the ear
        (locked, []),
    ],
)
async def test_a_person_with_two_numbers_is_one_person(
    database: str,
    tmp_path: Path,
    happens: Callable[[Ready], Awaitable[None]],
    dialled: list[str],
) -> None:
    ready = Ready(Lists(tmp_path))
    both = (ContactNumber(SECOND), ContactNumber("+12125550199"))
    await ready.fill(contact(1, CampaignId("")), contact(2, CampaignId(""), numbers=both))
    await happens(ready)
    assert [one.number for one in await ready.take(1)] == dialled


async def test_who_shares_a_number_is_not_dialled_in_the_same_moment(
    database: str, tmp_path: Path
) -> None:
    ready = Ready(Lists(tmp_path))
    shared = (ContactNumber("+12125550150"), ContactNumber("+12125550151"))
    turned = (ContactNumber("+12125550151"), ContactNumber("+12125550150"))
    others = [
        replace(contact(2, CampaignId("")), number=shared[0].number, numbers=shared),
        replace(contact(3, CampaignId("")), number=turned[0].number, numbers=turned),
        contact(4, CampaignId("")),
    ]
    await ready.fill(contact(1, CampaignId("")), *others)
    taken = [one.number for one in await ready.take(3)]
    assert taken == ["+12125550150", "+12125550104"]


async def test_a_number_that_rings_is_not_dialled_whatever_was_chosen(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    people = []
    for number in range(3):
        campaign = await lists.campaign()
        people.append(replace(contact(number, campaign.campaign_id), number=SECOND))
        await lists.add_contacts(campaign.campaign_id, people[-1])
    assert len(await lists.contacts.set_dialing(people[:2], START)) == 1
    assert not await lists.contacts.set_dialing(people[2:], START)
