"""What the hopper asks of a list reads no more of it when the list is longer.

PostgreSQL's own account of each statement (EXPLAIN ANALYZE) is looked at: how many rows it touched.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection

from omni.core.ids import ContactId
from omni.dialer import contact_store, list_store
from omni.dialer.contact_store import ContactTable
from omni.dialer.list_ports import ReadyAsked
from omni.dialer.list_store import ListTable
from omni.dialer.model import Campaign, Condition, ListPlan, Operator
from tests.dialer.calling import START, Lists

CONTACTS = 30_000
HERE = ("America/New_York",)
TOUCHED_MAX = 400  # of 20 asked for, in two lanes and two sets of zones

# A third each: ready, waiting until tomorrow, done; of the ready ones most are stopped or asleep.
_FILL = """
INSERT INTO contact (id, campaign_id, import_id, number, name, external_id, zone_key, extra, state,
    finish_reason, rank, attempts, next_at, last_outcome, disposition, place, lane, stop)
SELECT 'c' || lpad(n::text, 25, '0'), $1, CASE n % 2 WHEN 0 THEN 'good' ELSE 'poor' END,
    '+1' || (2120000000 + n), 'x', '',
    CASE WHEN n % 7 = 0 THEN 'America/New_York' ELSE 'Asia/Shanghai' END, '{}',
    CASE n % 3 WHEN 0 THEN 'done' ELSE 'open' END, '', CASE n % 3 WHEN 1 THEN 5 ELSE 7 END, 0,
    CASE n % 3 WHEN 1 THEN timestamptz '1970-01-01Z' ELSE $3::timestamptz END, '', '',
    '0' || lpad(n::text, 25, '0'), CASE n % 2 WHEN 0 THEN 'good' ELSE '' END,
    CASE WHEN n % 5 = 0 THEN 0 ELSE 1 END
FROM generate_series(1, $2) n
"""
_NUMBERS = """
INSERT INTO contact_number (campaign_id, contact_id, place, number, kind)
SELECT $1, 'c' || lpad(n::text, 25, '0'), 0, '+1' || (2120000000 + n), 'other'
FROM generate_series(1, $2) n
"""


async def long_list(lists: Lists, *, known: bool = True) -> Campaign:
    """Return a campaign with a long list; `known`: the database has counted it."""
    campaign = await lists.campaign()
    connection = get_connection("default")
    tomorrow = START + timedelta(days=1)
    await connection.execute_query(_FILL, [campaign.campaign_id, CONTACTS, tomorrow])
    await connection.execute_query(_NUMBERS, [campaign.campaign_id, CONTACTS])
    if known:
        await connection.execute_script("ANALYZE contact, contact_number")
    return campaign


def touched(plan: dict[str, Any]) -> int:
    """Return how many rows the scans of a plan read."""
    below = sum(touched(each) for each in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"] or "Relation Name" not in plan:
        return below
    removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + int(plan["Actual Loops"] * (plan["Actual Rows"] + removed))


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each of the store's statements touches, as they come."""
    counts: list[int] = []
    select = list_store._select

    async def explaining(sql: str, *arguments: object) -> Any:
        explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
        _, rows = await get_connection("default").execute_query(explain, list(arguments))
        found = rows[0]["QUERY PLAN"]
        counts.append(touched((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))
        return await select(sql, *arguments)

    for store in (list_store, contact_store):
        monkeypatch.setattr(store, "_select", explaining)
    return counts


async def test_what_the_hopper_asks_does_not_grow_with_the_list(
    database: str, tmp_path: Path, explained: list[int]
) -> None:
    lists = Lists(tmp_path)
    campaign = await long_list(lists)
    store = ListTable()
    places = await store.places(campaign.campaign_id)
    assert set(places) == {
        (lane, zones) for lane in ("", "good") for zones in (HERE, ("Asia/Shanghai",))
    }
    asked = ReadyAsked(["", "good"], [HERE], [ContactId("c" * 26)], 20)
    found = await store.ready(campaign, asked)
    assert len(found) == 40
    assert {contact.zones for contact in found} == {HERE}
    assert await store.promote(campaign, START, 100) == 0  # nobody's time has come
    assert len(explained) == 3
    assert max(explained) <= TOUCHED_MAX


async def test_what_is_asked_at_each_dial_does_not_even_where_the_list_was_never_counted(
    database: str, tmp_path: Path, explained: list[int]
) -> None:
    lists = Lists(tmp_path)
    campaign = await long_list(lists, known=False)
    people = (await lists.contacts.page(campaign.campaign_id, q="", state=None, skip=9, take=9))[1]
    explained.clear()
    await lists.contacts.facts(people, START)
    await lists.contacts.set_dialing(people, START)
    assert len(explained) == 2
    assert max(explained) <= TOUCHED_MAX


async def test_a_rare_filter_that_is_being_put_into_effect_is_not_searched_for(
    database: str, tmp_path: Path, explained: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_store, "FRONT_ROWS", TOUCHED_MAX // 4)
    lists = Lists(tmp_path)
    campaign = await long_list(lists)
    rare = ListPlan(filters=(Condition("name", Operator.IS, "nobody's"),))
    await lists.campaigns.change(campaign.campaign_id, list_plan=rare, arranging=True)
    campaign = await lists.campaigns.get(campaign.campaign_id)
    asked = ReadyAsked(["", "good"], [HERE, ("Asia/Shanghai",)], [], 20)
    assert await ListTable().ready(campaign, asked) == []
    fronts = await ListTable().fronts(campaign)
    for _ in range(3):
        fronts = await ListTable().stop_front(campaign, fronts)
    assert fronts
    assert len(explained) == 2 + 2 * 3  # one looks for the parts of the list
    assert max(explained) <= TOUCHED_MAX


async def test_a_batch_of_a_plan_reads_its_batch(
    database: str, tmp_path: Path, explained: list[int]
) -> None:
    lists = Lists(tmp_path)
    campaign = await long_list(lists)
    plan = ListPlan(weights={"good": 1})
    await lists.campaigns.change(campaign.campaign_id, list_plan=plan, arranging=True)
    campaign = await lists.campaigns.get(campaign.campaign_id)
    assert await ListTable().arrange(campaign, "", 100) == "c" + "100".zfill(25)
    assert max(explained) <= TOUCHED_MAX


async def test_a_slice_of_a_count_reads_its_slice(
    database: str, tmp_path: Path, explained: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_store, "SLICE_CONTACTS", 100)
    lists = Lists(tmp_path)
    campaign = await long_list(lists)
    counted = 0
    async for classes in ContactTable().classes(campaign.campaign_id, START):
        counted += sum(count for _, count in classes)
        if counted == 500:
            break
    assert await ContactTable().some_left(campaign.campaign_id)
    assert len(explained) == 7  # one looks for what is the same for all slices
    assert max(explained) <= TOUCHED_MAX
