"""Numbers on the do-not-call list are let alone at once: ringing, shown, ready or promised."""

from datetime import timedelta
from pathlib import Path

from omni.core.events.outbound import CallbackSet, DoNotCallChanged, PreviewShown
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.do_not_call import DoNotCallList
from omni.dialer.do_not_call_store import DoNotCallTable
from omni.dialer.model import ContactState, Mode
from tests.dialer.calling import contact, upload
from tests.dialer.world import Floor, floor


def the_list(world: Floor) -> DoNotCallList:
    return DoNotCallList(
        DoNotCallTable(), world.uploads, world.journal, world.clock, world.identities
    )


async def test_a_promise_is_taken_from_the_desk_at_once(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        ids: list[ContactId] = []
        for place in range(2):
            campaign = await world.running_campaign(0, mode=Mode.PROGRESSIVE)
            rows = [
                contact(n, campaign.campaign_id, contact_id=ContactId(f"c{place}n{n}"))
                for n in range(2)
            ]
            await world.add_contacts(campaign.campaign_id, *rows)
            ids += [row.contact_id for row in rows]
        at = world.clock.now() + timedelta(hours=2)
        world.telephone.lines = 0
        for contact_id in ids:
            await world.callbacks.put(contact_id, at, "agent1", "")
        await the_list(world).add("+12125550100", by="manager1")
        over = [event for event in world.events(CallbackSet) if event.at is None]
        assert {event.contact_id for event in over} == {"c0n0", "c1n0"}
        found = await world.contacts.get(ContactId("c1n0"))
        assert found is not None
        assert (found.state, found.finish_reason) == (ContactState.DONE, "do_not_call")
        left = await world.callbacks.standing()
        assert {event.contact_id for event in left} == {"c0n1", "c1n1"}


async def test_only_the_campaign_that_is_named_gives_its_promise_up(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=1) as world:
        world.telephone.lines = 0
        campaigns: list[CampaignId] = []
        for place in range(2):
            campaign = await world.running_campaign(0, mode=Mode.PROGRESSIVE)
            row = contact(0, campaign.campaign_id, contact_id=ContactId(f"c{place}"))
            await world.add_contacts(campaign.campaign_id, row)
            later = world.clock.now() + timedelta(hours=1)
            await world.callbacks.put(row.contact_id, later, "agent1", "")
            campaigns.append(campaign.campaign_id)
        sent = upload("+1212555*\n+12125550177\n")
        await the_list(world).upload(sent, by="manager1", campaign_id=campaigns[1])
        assert [event.contact_id for event in await world.callbacks.standing()] == ["c0"]
        [told] = world.events(DoNotCallChanged)
        assert (told.number, told.count, told.campaign_id) == ("", 2, campaigns[1])


async def test_what_rings_and_what_is_ready_is_withdrawn(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        await world.running_campaign(6, mode=Mode.PROGRESSIVE)
        first, second = await world.dialled(2)
        await the_list(world).add(second.number, by="manager1")
        await the_list(world).add("+12125550102", by="manager1")  # the next one
        [ended] = await world.ended(1)
        assert (ended.attempt_id, ended.outcome) == (second.attempt_id, AttemptOutcome.CANCELLED)
        requests = await world.dialled(3)
        assert requests[2].number == "+12125550103"
        assert world.telephone.hung_up == [second.attempt_id]
        await world.telephone.answer(first.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        world.leap(3600)
        await world.quiet()
        numbers = [request.number for request in world.telephone.dialled]
        assert numbers.count(second.number) == 1
        assert "+12125550102" not in numbers


async def test_who_talks_already_is_not_cut_off(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(1, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        await the_list(world).add(request.number, by="manager1")
        await world.quiet()
        assert not world.telephone.hung_up


async def test_a_shown_contact_is_taken_back(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        await world.running_campaign(2, mode=Mode.PREVIEW)
        await world.until(lambda: world.events(PreviewShown))
        [shown] = world.events(PreviewShown)
        await the_list(world).add(shown.number, by="manager1")
        await world.until(lambda: len(world.events(PreviewShown)) == 3)
        _, gone, other = world.events(PreviewShown)
        assert gone.contact_id is None
        assert other.number not in ("", shown.number)
