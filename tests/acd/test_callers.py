"""The black list and the VIP list: by address, at the next arrival."""

from dataclasses import replace

import pytest

from omni.acd.callers import CallerLists, CallerRule, Listing, is_pattern
from omni.acd.model import Arrival, Queued, Refused
from omni.core.errors import Invalid, NotFound
from omni.core.events.routing import InteractionArrived, InteractionRefused
from omni.core.ids import QueueId
from omni.core.terms import Direction
from tests.acd.site import SALES, SERVICE, Site, running


def rule(pattern: str, listing: Listing = Listing.BLACK, **fields: object) -> CallerRule:
    return CallerRule(pattern, listing, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "pattern"),
    [
        ("+447900000001", "+447900000001"),
        ("+447900000002", "+4479*"),
        ("+447800000002", "+44*"),
        ("+12125550100", None),
        ("Ann@Example.com", "ann@example.com"),
        ("ben@example.com", "@example.com"),
        ("ben@notexample.com", None),
        ("+44@example.com", "@example.com"),
        ("", None),
    ],
)
def test_the_most_exact_entry_counts(address: str, pattern: str | None) -> None:
    lists = CallerLists(
        rule(text)
        for text in ("+44*", "+4479*", "+447900000001", "@example.com", "ann@example.com")
    )
    found = lists.find(address)
    assert (found.pattern if found else None) == pattern


@pytest.mark.parametrize(
    ("text", "good"),
    [("+44*", True), ("+447900000001", True), ("@example.com", True), ("a@b.example", True),
     ("0044", False), ("*", False), ("+*", False), ("@", False), ("nobody", False),
     (f"a@{'b' * 400}.example", False)],
)  # fmt: skip
def test_what_an_entry_may_be(text: str, good: bool) -> None:
    assert is_pattern(text) is good


def call(site: Site, address: str) -> Arrival:
    return replace(site.call(), address=address)


@pytest.mark.usefixtures("database")
async def test_a_black_listed_caller_is_refused_until_taken_off() -> None:
    async with running() as site:
        await site.acd.save_caller(rule("+44790*"))
        assert await site.acd.arrive(call(site, "+447900000001")) == Refused("black_listed")
        refused = site.events[-1]
        assert isinstance(refused, InteractionRefused)
        assert refused.reason == "black_listed"
        dialled = replace(call(site, "+447900000001"), direction=Direction.OUTBOUND)
        assert await site.acd.arrive(dialled) == Queued(SERVICE)
        await site.acd.remove_caller(" +44790* ")
        assert await site.acd.arrive(call(site, "+447900000001")) == Queued(SERVICE)
        with pytest.raises(NotFound):
            await site.acd.remove_caller("+44790*")


@pytest.mark.usefixtures("database")
async def test_a_vip_has_a_priority_and_a_queue_also_after_a_restart() -> None:
    async with running() as site:
        await site.acd.save_caller(rule("+447900000001", Listing.VIP, queue_id=SALES))
    async with running() as site:
        assert await site.acd.arrive(call(site, "+447900000001")) == Queued(SALES)
        arrived = site.events[-1]
        assert isinstance(arrived, InteractionArrived)
        assert arrived.priority == 0


@pytest.mark.usefixtures("database")
async def test_wrong_entries_are_refused() -> None:
    async with running() as site:
        with pytest.raises(Invalid):
            await site.acd.save_caller(rule("nobody"))
        with pytest.raises(Invalid):
            await site.acd.save_caller(rule("+44*", Listing.VIP, queue_id=QueueId("none")))
        assert site.acd.callers() == []
