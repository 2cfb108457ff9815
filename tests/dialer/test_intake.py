"""Lists into campaigns that have some of their contacts already; mappings that are kept."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from omni.core.errors import NotFound
from omni.core.ids import CampaignId
from omni.dialer.list_model import ColumnMapping, ImportMode, NumberColumn
from omni.dialer.model import Callback, Contact, ContactState, NumberKind
from tests.dialer.calling import START, Lists, upload

MAPPING = ColumnMapping(
    "Phone",
    other_numbers=(NumberColumn("Home", NumberKind.HOME),),
    name="Name",
    extra={"City": "City"},
)
FIRST = (
    "Name,Phone,Home,City\n"
    "Ada,2125550101,,Bonn\n"
    "Bob,2125550102,,Köln\n"
    "Cid,2125550103,,\n"
    "Dan,2125550104,,\n"
)
SECOND = (
    "Name,Phone,Home,City\n"
    "Ada Example,2125550101,3105550111,\n"
    ",2125550102,2125550101,Ulm\n"  # the second number is Ada's and stays hers
    "Eve,2125550105,,\n"
    "Eve Example,2125550105,,Trier\n"
)


async def take_in(lists: Lists, campaign_id: CampaignId, content: str, mode: ImportMode) -> None:
    preview = await lists.imports.preview(campaign_id, upload(content))
    item = await lists.imports.begin(campaign_id, preview.upload_id, MAPPING, "US", mode)
    await lists.imports.run(item.import_id)


async def taken_twice(lists: Lists, mode: ImportMode) -> dict[str, Contact]:
    """Return the contacts by the end of their first number, after both lists."""
    campaign = await lists.campaign()
    campaign_id = campaign.campaign_id
    await take_in(lists, campaign_id, FIRST, ImportMode.APPEND)
    _, rows = await lists.campaigns.contacts(campaign_id)
    await lists.contacts.finish(rows[1].contact_id, "sale")
    promise = Callback(START + timedelta(hours=1))
    await lists.contacts.plan_callback(rows[3].contact_id, promise)
    await take_in(lists, campaign_id, SECOND, mode)
    await lists.imports.resume()
    item = (await lists.imports.of_campaign(campaign_id))[0]
    assert (item.mode, item.rows_read, item.imported, item.duplicates) == (mode, 4, 1, 3)
    _, rows = await lists.campaigns.contacts(campaign_id)
    return {row.number[-1]: row for row in rows}


async def test_append_leaves_what_is_there(database: str, tmp_path: Path) -> None:
    people = await taken_twice(Lists(tmp_path), ImportMode.APPEND)
    assert [people[n].name for n in "12345"] == ["Ada", "Bob", "Cid", "Dan", "Eve"]
    assert people["1"].extra == {"City": "Bonn"}
    assert len(people["1"].numbers) == 1


@pytest.mark.parametrize("mode", [ImportMode.MERGE, ImportMode.REPLACE])
async def test_merge_brings_up_to_date_what_is_filled_in(
    database: str, tmp_path: Path, mode: ImportMode
) -> None:
    people = await taken_twice(Lists(tmp_path), mode)
    ada, bob, eve = people["1"], people["2"], people["5"]
    assert (ada.name, ada.extra) == ("Ada Example", {"City": "Bonn"})
    assert [(one.number, one.kind) for one in ada.numbers] == [
        ("+12125550101", NumberKind.OTHER),
        ("+13105550111", NumberKind.HOME),
    ]
    # Calls are allowed only where they are for both numbers.
    assert ada.zones == ("America/Los_Angeles", "America/New_York")
    assert (bob.name, bob.extra, bob.state) == ("Bob", {"City": "Ulm"}, ContactState.DONE)
    assert [one.number for one in bob.numbers] == ["+12125550102"]
    assert (eve.name, eve.extra) == ("Eve Example", {"City": "Trier"})


async def test_replace_ends_whom_the_list_does_not_name(database: str, tmp_path: Path) -> None:
    people = await taken_twice(Lists(tmp_path), ImportMode.REPLACE)
    ends = {n: (people[n].state, people[n].finish_reason) for n in "12345"}
    assert ends == {
        "1": (ContactState.OPEN, ""),
        "2": (ContactState.DONE, "sale"),
        "3": (ContactState.DONE, "replaced"),
        "4": (ContactState.OPEN, ""),  # was promised a call
        "5": (ContactState.OPEN, ""),
    }


async def test_merge_keeps_whom_the_list_does_not_name(database: str, tmp_path: Path) -> None:
    people = await taken_twice(Lists(tmp_path), ImportMode.MERGE)
    assert people["3"].state is ContactState.OPEN


async def test_mappings_are_kept_by_name_and_offered_when_they_fit(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    mappings = lists.mappings
    small = ColumnMapping("Phone")
    await mappings.save("CRM", small, "DE", ImportMode.APPEND)
    await mappings.save("Shop", MAPPING, "US", ImportMode.MERGE)
    changed = await mappings.save("CRM", replace(small, name="Name"), "FR", ImportMode.REPLACE)
    assert (changed.region, changed.mode) == ("FR", ImportMode.REPLACE)
    fitting = await mappings.fitting(["City", "Home", "Name", "Phone", "Other"])
    assert [one.name for one in fitting] == ["Shop", "CRM"]
    assert fitting[0].mapping == MAPPING
    assert [one.name for one in await mappings.fitting(["Phone", "Name"])] == ["CRM"]
    assert await mappings.fitting(["Name"]) == []
    await mappings.remove(changed.mapping_id)
    with pytest.raises(NotFound):
        await mappings.remove(changed.mapping_id)
    assert len(await mappings.all()) == 1
