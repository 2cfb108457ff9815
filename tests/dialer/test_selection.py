"""List plans: order, mix, filters and quotas, in the engine and in the database."""

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.core.errors import Invalid
from omni.core.events.outbound import AttemptEnded
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import AttemptId, CampaignId
from omni.core.terms import AttemptOutcome
from omni.dialer import list_store
from omni.dialer.engine.gates import Gate, Room
from omni.dialer.engine.selection import Mix, is_field
from omni.dialer.hopper import Hopper
from omni.dialer.list_plans import Arranging
from omni.dialer.list_ports import ReadyAsked
from omni.dialer.list_store import ListTable
from omni.dialer.model import (
    Campaign,
    CampaignState,
    Condition,
    Contact,
    ListOrder,
    ListPlan,
    Mode,
    Operator,
    Quota,
)
from omni.dialer.store import CampaignTable
from tests.dialer.calling import Lists, contact
from tests.dialer.world import Floor, floor

WEIGHTS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5))


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 30)), WEIGHTS, st.integers(0, 100))
def test_a_mix_takes_everything_once_and_in_order(
    lengths: dict[str, int], weights: dict[str, int], count: int
) -> None:
    lanes = {lane: [f"{lane}{n}" for n in range(length)] for lane, length in lengths.items()}
    taken = Mix().interleave(lanes, weights, count)
    assert len(taken) == min(count, sum(lengths.values()))
    for lane, items in lanes.items():
        mine = [item for item in taken if item.startswith(lane)]
        assert mine == items[: len(mine)]


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 7))
def test_a_mix_keeps_its_shares_at_every_moment(a: int, b: int, at_once: int) -> None:
    mix, taken = Mix(), list[str]()
    for _ in range(40):
        lanes = {"a": ["a"] * at_once, "b": ["b"] * at_once}
        taken += mix.interleave(lanes, {"a": a, "b": b}, at_once)
        share = len(taken) * a / (a + b)
        # In each round a list has but `at_once` contacts to give: it can fall behind by no more.
        assert abs(Counter(taken)["a"] - share) <= 1


def test_fields_have_names() -> None:
    assert is_field("zone")
    assert is_field("extra.City")
    assert not is_field("extra.")
    assert not is_field("City")


async def named(lists: Lists, campaign: Campaign, wanted: int = 50) -> list[str]:
    """Return the names of those whom the hopper would dial, in order."""
    campaign = replace(await lists.campaigns.get(campaign.campaign_id), state=CampaignState.RUNNING)
    hopper = Hopper(lists.contacts, ListTable())
    situation = lists.campaigns.situation(campaign, lists.clock.now())
    return [each.name for each in await hopper.take(campaign, situation, wanted)]


def people(campaign_id: CampaignId, *extras: dict[str, str]) -> list[Contact]:
    return [contact(n, campaign_id, name=f"p{n}", extra=extra) for n, extra in enumerate(extras, 1)]


async def with_plan(lists: Lists, campaign: Campaign, plan: ListPlan, *quotas: Quota) -> None:
    await lists.list_plans.put(campaign.campaign_id, plan, quotas)
    await lists.arrange()


AGES: tuple[dict[str, str], ...] = ({"Age": "9"}, {"Age": "30"}, {"Age": "x"}, {"Age": "-2"}, {})


@pytest.mark.parametrize(
    ("plan", "order"),
    [
        (ListPlan(), "p1 p2 p3 p4 p5"),
        (ListPlan(ListOrder.NEWEST), "p5 p4 p3 p2 p1"),
        (ListPlan(ListOrder.FIELD, "extra.Age"), "p4 p1 p2 p5 p3"),
        (ListPlan(ListOrder.FIELD, "extra.Age", descending=True), "p3 p5 p2 p1 p4"),
    ],
)
@pytest.mark.parametrize("planned_first", [True, False])
async def test_the_order_of_a_list(
    database: str, tmp_path: Path, plan: ListPlan, order: str, planned_first: bool
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    if planned_first:
        await with_plan(lists, campaign, plan)
    await lists.add_contacts(campaign.campaign_id, *people(campaign.campaign_id, *AGES))
    if not planned_first:
        await with_plan(lists, campaign, plan)
    assert await named(lists, campaign) == order.split()


async def test_a_shuffled_list_is_the_same_for_the_same_seed(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    await lists.add_contacts(campaign.campaign_id, *people(campaign.campaign_id, *([{}] * 30)))
    orders = []
    for seed in (7, 8, 7):
        await with_plan(lists, campaign, ListPlan(ListOrder.RANDOM, seed=seed))
        orders.append(await named(lists, campaign))
    assert orders[0] == orders[2]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != await named(lists, campaign, 0)


async def tried(lists: Lists, campaign: Campaign, number: int, times: int) -> None:
    """Have a contact tried; its next attempt is due at once."""
    person = (await lists.campaigns.contacts(campaign.campaign_id, q=f"p{number}"))[1][0]
    for _ in range(times):
        lists.clock.pass_s(60)
        await lists.contacts.set_dialing([person], lists.clock.now())
        await lists.contacts.reopen(person.contact_id, AttemptOutcome.BUSY, lists.clock.now())


@pytest.mark.parametrize(
    ("plan", "order"),
    [
        (ListPlan(), "p3 p4 p1 p2"),
        (ListPlan(retries_first=True), "p1 p2 p3 p4"),
        (ListPlan(ListOrder.NEWEST), "p4 p3 p2 p1"),
        (ListPlan(ListOrder.NEWEST, retries_first=True), "p2 p1 p4 p3"),
        (ListPlan(ListOrder.FEWEST), "p3 p4 p2 p1"),
        (ListPlan(ListOrder.OLDEST), "p3 p4 p1 p2"),
    ],
)
async def test_who_was_tried_comes_back_where_the_plan_says(
    database: str, tmp_path: Path, plan: ListPlan, order: str
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    await lists.add_contacts(campaign.campaign_id, *people(campaign.campaign_id, *([{}] * 4)))
    await with_plan(lists, campaign, plan)
    await tried(lists, campaign, 1, times=2)
    await tried(lists, campaign, 2, times=1)
    assert await named(lists, campaign) == order.split()


async def test_lists_are_mixed_by_their_weights(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    for place, name in enumerate(("good", "poor", "off")):
        rows = (contact(100 * place + n, campaign.campaign_id, name=name) for n in range(20))
        await lists.import_store.insert_contacts(name, list(rows))
    await with_plan(lists, campaign, ListPlan(weights={"good": 3, "poor": 1, "off": 0}))
    taken = await named(lists, campaign, 16)
    assert Counter(taken) == {"good": 12, "poor": 4}
    # When one list is done, the other goes on alone.
    assert Counter(await named(lists, campaign, 100)) == {"good": 20, "poor": 20}
    blocked = await lists.campaigns.blocked(campaign.campaign_id)
    assert blocked.gates[Gate.CAMPAIGN_ACTIVE] == 60
    await lists.campaigns.start(campaign.campaign_id)
    assert (await lists.campaigns.blocked(campaign.campaign_id)).gates == {Gate.FILTER: 20}


async def test_a_list_without_contacts_is_owed_nothing(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    heavy = {"empty": 96, "good": 3, "poor": 1}
    await with_plan(lists, campaign, ListPlan(weights=heavy))

    async def add(name: str, first: int, count: int) -> None:
        rows = [contact(first + n, campaign.campaign_id, name=name) for n in range(count)]
        await lists.import_store.insert_contacts(name, rows)

    await add("good", 0, 40)
    await add("poor", 100, 40)
    campaign = await lists.campaigns.start(campaign.campaign_id)
    hopper = Hopper(lists.contacts, ListTable())
    situation = lists.campaigns.situation(campaign, lists.clock.now())
    free = replace(situation, room=Room())

    async def taken(count: int) -> Counter[str]:
        found = await hopper.take(campaign, free, count)
        await lists.contacts.set_dialing(found, lists.clock.now())
        return Counter(one.name for one in found)

    assert await taken(16) == {"good": 12, "poor": 4}
    assert await taken(16) == {"good": 12, "poor": 4}
    await add("empty", 200, 200)  # its first contacts come while the campaign runs
    hopper.clear()
    assert await taken(100) == {"empty": 96, "good": 3, "poor": 1}


CITIES: tuple[dict[str, str], ...] = (
    {"City": "Bonn", "Age": "9"},
    {"City": "BONN", "Age": "30"},
    {"City": "Köln"},
    {},
)


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        (Condition("extra.City", Operator.IS, "bonn"), "p1 p2"),
        (Condition("extra.City", Operator.IS_NOT, "Bonn"), "p3 p4"),
        (Condition("extra.City", Operator.CONTAINS, "ÖL"), "p3"),
        (Condition("extra.City", Operator.STARTS, "bo"), "p1 p2"),
        (Condition("extra.Age", Operator.ABOVE, "10"), "p2"),
        (Condition("extra.Age", Operator.BELOW, "10"), "p1"),
        (Condition("extra.City", Operator.ABOVE, "c"), "p3"),
        (Condition("extra.City", Operator.EMPTY), "p4"),
        (Condition("extra.City", Operator.PRESENT), "p1 p2 p3"),
        (Condition("name", Operator.IS, "P3"), "p3"),
        (Condition("extra.a'b\"; DROP TABLE contact --", Operator.IS, "x' OR '1'='1"), ""),
    ],
)
async def test_filters(database: str, tmp_path: Path, condition: Condition, passing: str) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    campaign_id = campaign.campaign_id
    await lists.add_contacts(campaign_id, *people(campaign_id, *CITIES))
    count = await lists.list_plans.count(campaign_id, [condition])
    assert count == (4, len(passing.split()))
    # It holds at once, before the rows have followed.
    await lists.list_plans.put(campaign_id, ListPlan(filters=(condition,)), ())
    assert await named(lists, campaign) == passing.split()
    await lists.arrange()
    assert await named(lists, campaign) == passing.split()
    assert not (await lists.list_plans.get(campaign_id)).arranging
    await lists.campaigns.start(campaign_id)
    blocked = await lists.campaigns.blocked(campaign_id)
    assert (blocked.dialable, blocked.gates.get(Gate.FILTER, 0)) == (count[1], 4 - count[1])
    await with_plan(lists, campaign, ListPlan())
    assert await named(lists, campaign) == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize("order", [ListOrder.IMPORTED, ListOrder.NEWEST, ListOrder.RANDOM])
async def test_while_a_rare_filter_is_put_into_effect_the_front_of_the_list_is_dialled(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: ListOrder
) -> None:
    monkeypatch.setattr(list_store, "FRONT_ROWS", 10)
    lists, store = Lists(tmp_path), ListTable()
    campaign_id = (await lists.campaign()).campaign_id
    rare = [{"Kind": "gold" if n in (2, 41, 77) else "tin"} for n in range(1, 91)]
    await lists.add_contacts(campaign_id, *people(campaign_id, *rare))
    gold = Condition("extra.Kind", Operator.IS, "gold")
    await lists.list_plans.put(campaign_id, ListPlan(order, filters=(gold,)), ())
    campaign = await lists.campaigns.get(campaign_id)
    asked = ReadyAsked([""], [("America/New_York",)], [], 5)
    found = [{each.name for each in await store.ready(campaign, asked)}]
    fronts = await store.fronts(campaign)
    while fronts:  # ten rows each time, of ninety
        fronts = await store.stop_front(campaign, fronts)
        found.append({each.name for each in await store.ready(campaign, asked)})
    assert found[0] == (set() if order is ListOrder.NEWEST else {"p2"})
    assert all(before <= after for before, after in pairwise(found))
    assert found[-1] == {"p2", "p41", "p77"}
    assert len(found[4]) < 3
    assert len(found) == 11  # the last time there is nothing left
    await lists.arrange()
    assert set(await named(lists, campaign)) == {"p2", "p41", "p77"}


async def test_a_plan_names_fields_that_there_can_be(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    for plan in (
        ListPlan(ListOrder.FIELD, "City"),
        ListPlan(filters=(Condition("", Operator.EMPTY),)),
    ):
        with pytest.raises(Invalid) as caught:
            await lists.list_plans.put(campaign.campaign_id, plan, ())
        assert caught.value.code == "list.field"
    twice = Quota("extra.City", "Bonn", "sale", 1), Quota("extra.City", "bonn", "sale", 2)
    with pytest.raises(Invalid) as caught:
        await lists.list_plans.put(campaign.campaign_id, ListPlan(), twice)
    assert caught.value.code == "list.quota"


class ChangedMeanwhile(CampaignTable):
    """Campaigns of which one gets a new plan just after it was looked up."""

    def __init__(self, lists: Lists, plan: ListPlan) -> None:
        self._lists = lists
        self._plan: ListPlan | None = plan

    async def get(self, campaign_id: CampaignId) -> Campaign | None:
        found = await super().get(campaign_id)
        if self._plan is not None:
            plan, self._plan = self._plan, None
            await self._lists.list_plans.put(campaign_id, plan, ())
        return found


async def test_a_plan_changed_while_it_is_put_into_effect_is_put_into_effect(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    campaign_id = campaign.campaign_id
    await lists.add_contacts(campaign_id, *people(campaign_id, *CITIES))
    bonn = ListPlan(filters=(Condition("extra.City", Operator.IS, "bonn"),))
    cologne = ListPlan(filters=(Condition("extra.City", Operator.IS, "köln"),))
    await lists.list_plans.put(campaign_id, bonn, ())
    store = ChangedMeanwhile(lists, cologne)
    await Arranging(store, ListTable(), lists.journal).run(campaign_id)
    assert not (await lists.list_plans.get(campaign_id)).arranging
    assert await named(lists, campaign) == ["p3"]


NORTH = Quota("extra.Region", "North", "sale", 2)


async def selling(world: Floor, regions: list[str], **fields: Any) -> Campaign:
    campaign = await world.campaign(mode=Mode.PROGRESSIVE, **fields)
    rows = people(campaign.campaign_id, *({"Region": region} for region in regions))
    await world.add_contacts(campaign.campaign_id, *rows)
    await with_plan(world, campaign, ListPlan(), NORTH)
    return await world.campaigns.start(campaign.campaign_id)


async def sold(world: Floor, attempt_id: AttemptId) -> None:
    """Have a person answer and buy."""
    before = len(world.events(InteractionAccepted))
    await world.telephone.answer(attempt_id)
    await world.until(lambda: len(world.events(InteractionAccepted)) > before)
    talk = world.events(InteractionAccepted)[-1]
    await world.telephone.end(attempt_id)
    await world.acd.customer_left(talk.interaction_id)
    await world.acd.wrap_up(talk.agent_id, talk.interaction_id, "sale")
    ended = world.events(AttemptEnded)
    while not (mine := [one for one in ended if one.attempt_id == attempt_id]):
        ended = await world.ended(len(ended) + 1)
    await world.contact_done(mine[0].contact_id)


async def test_a_quota_is_never_passed_and_then_stops_its_contacts(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=4) as world:
        campaign = await selling(world, ["north"] * 5 + ["South"])
        # Of the five only two may be in flight: each may become one of the two sales.
        requests = await world.dialled(3)
        await world.quiet()
        assert [request.number[-1] for request in requests] == ["1", "2", "6"]
        # The dialling sets the others aside, for a minute, in a moment of its own.
        aside = {Gate.IN_PROGRESS: 3, Gate.RETRY_DELAY: 3}
        async with asyncio.timeout(10):
            while (await world.campaigns.blocked(campaign.campaign_id)).gates != aside:
                await asyncio.sleep(0.02)
        waiting = (await world.campaigns.contacts(campaign.campaign_id, q="p3"))[1][0]
        explained = await world.campaigns.contact_blocked(waiting.contact_id)
        shut = {row.gate: row.closed for row in explained.verdicts if row.closed}
        assert shut[Gate.QUOTA].detail == "0/2"
        for place in range(2):
            await sold(world, requests[place].attempt_id)
        stands = (await world.list_plans.get(campaign.campaign_id)).quotas
        assert [(stand.results, stand.full) for stand in stands] == [(2, True)]
        await world.until(lambda: world.jobs.waiting)
        await world.arrange()
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates[Gate.QUOTA] == 3
        # A raised limit frees them.
        await with_plan(world, campaign, ListPlan(), replace(NORTH, limit=3))
        await world.arrange()
        assert Gate.QUOTA not in (await world.campaigns.blocked(campaign.campaign_id)).gates


async def test_results_from_before_the_quota_count(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    rows = people(campaign.campaign_id, {"Region": "North"}, {"Region": "North"})
    await lists.add_contacts(campaign.campaign_id, *rows)
    await lists.contacts.talked(rows[0].contact_id, "sale")
    await with_plan(lists, campaign, ListPlan(), NORTH)
    stands = (await lists.list_plans.get(campaign.campaign_id)).quotas
    assert [stand.results for stand in stands] == [1]
    whole = await lists.campaigns.get(campaign.campaign_id)
    for _ in range(2):  # a consumer may repeat
        await ListTable().add_result(whole, rows[1], "sale")
        await ListTable().add_result(whole, rows[1], "no_interest")
    stands = (await lists.list_plans.get(campaign.campaign_id)).quotas
    assert [stand.results for stand in stands] == [2]


async def test_penetration_is_told_list_by_list(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    campaign_id = campaign.campaign_id
    await lists.add_contacts(campaign_id, *people(campaign_id, *([{}] * 4)))
    await tried(lists, campaign, 1, times=2)
    await lists.contacts.finish(people(campaign_id, {}, {})[1].contact_id, "sale")
    [worked] = await lists.list_plans.penetration(campaign_id)
    one = worked.penetration
    assert (one.contacts, one.untouched, one.open, one.done) == (4, 2, 3, 1)
    assert (one.attempts, one.reached, one.stopped) == (2, 0, 0)
