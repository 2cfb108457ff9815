"""Opening hours by the wall clock, through changes of daylight saving; what closed queues do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.acd.engine.hours import business_week, faults, is_open, next_change
from omni.acd.model import Calendar, Holiday, Hours, Queued, Refused, Shift, SpecialDay
from omni.acd.overflow import Action, Condition, OverflowRule, Step
from omni.core.errors import Invalid
from omni.core.events.routing import InteractionEnded
from omni.core.ids import CalendarId
from omni.core.terms import Medium, Outcome
from tests.acd.site import BEN, FIRST, SALES, SERVICE, Site, running
from tests.effort import effort

LONDON = business_week("Europe/London")


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-03-27T09:00", True),  # Friday, still GMT: 09:00 there
        ("2026-03-27T08:59", False),
        ("2026-03-30T08:00", True),  # Monday after the change: 09:00 BST
        ("2026-03-30T07:59", False),
        ("2026-03-30T16:59", True),
        ("2026-03-30T17:00", False),  # 18:00 BST: closed
        ("2026-03-28T12:00", False),  # Saturday
        ("2026-10-26T09:00", True),  # Monday after the change back
        ("2026-10-26T08:30", False),
    ],
)
def test_nine_is_nine_on_the_wall_clock(at: str, open_: bool) -> None:
    assert is_open(LONDON, datetime.fromisoformat(at).replace(tzinfo=UTC)) is open_


def test_an_hour_that_is_repeated_is_open_twice() -> None:
    night = Hours("Europe/Berlin", (Shift(6, 120, 180),))  # Sunday 02:00 to 03:00
    for hour, expected in ((0, True), (1, True), (2, False)):  # 02:30 twice, then 03:30
        assert is_open(night, datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) is expected


def test_a_special_day_replaces_the_week() -> None:
    hours = replace(
        LONDON,
        special=(SpecialDay(date(2026, 12, 25)), SpecialDay(date(2026, 12, 27), ((600, 720),))),
    )
    assert not is_open(hours, datetime(2026, 12, 25, 12, tzinfo=UTC))
    assert is_open(hours, datetime(2026, 12, 27, 11, tzinfo=UTC))  # a Sunday


def test_a_holiday_is_closed() -> None:
    hours = replace(LONDON, holidays=(Holiday(date(2026, 12, 25), "Christmas"),))
    assert not is_open(hours, datetime(2026, 12, 25, 12, tzinfo=UTC))
    christmas_eve = datetime(2026, 12, 24, 19, tzinfo=UTC)
    assert next_change(hours, christmas_eve) == datetime(2026, 12, 28, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "change"),
    [
        ("2026-03-27T18:00", "2026-03-30T08:00"),  # over the change to summer time
        ("2026-10-23T17:00", "2026-10-26T09:00"),  # and over the one back
        ("2026-10-26T09:00", "2026-10-26T18:00"),
    ],
)
def test_the_next_change(at: str, change: str) -> None:
    told = next_change(LONDON, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert told == datetime.fromisoformat(change).replace(tzinfo=UTC)


def test_hours_that_never_change() -> None:
    assert next_change(Hours("UTC"), datetime(2026, 1, 1, tzinfo=UTC)) is None
    whole = Hours("UTC", tuple(Shift(day, 0, 1440) for day in range(7)))
    assert next_change(whole, datetime(2026, 1, 1, tzinfo=UTC)) is None


SWITCHES = [  # each with the hours of its Sunday in which the clock jumps
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # by half an hour
    ("Asia/Shanghai", datetime(2026, 4, 5, 0, tzinfo=UTC)),  # which has none
]
EDGE = st.sampled_from([60, 75, 90, 100, 119, 120, 121, 130, 150, 165, 179, 180, 181, 210])


@pytest.mark.parametrize(("zone", "switch"), SWITCHES)
@effort(25)
@given(edges=st.lists(EDGE, min_size=2, max_size=4, unique=True))
def test_the_next_change_is_the_one_that_a_minute_by_minute_look_finds(
    zone: str, switch: datetime, edges: list[int]
) -> None:
    edges = sorted(edges)
    spans = zip(edges[::2], edges[1::2], strict=False)
    hours = Hours(zone, tuple(Shift(6, start, end) for start, end in spans))
    minutes = [switch + timedelta(minutes=minute) for minute in range(-240, 240)]
    states = [is_open(hours, minute) for minute in minutes]
    for number in range(0, len(minutes), 13):
        later = range(number + 1, len(minutes))
        expected = next((minutes[m] for m in later if states[m] is not states[number]), None)
        if expected is not None:
            assert next_change(hours, minutes[number]) == expected


@pytest.mark.parametrize(
    ("hours", "fault"),
    [
        (Hours("Mars/Olympus"), "time_zone_unknown"),
        (Hours("UTC", (Shift(7, 0, 1),)), "day_unknown"),
        (Hours("UTC", (Shift(0, 600, 600),)), "shift_backwards"),
        (Hours("UTC", (Shift(0, 500, 700), Shift(0, 600, 800))), "shifts_overlap"),
        (Hours("UTC", (), (SpecialDay(date(2026, 1, 1)),) * 2), "special_day_twice"),
        (Hours("UTC", (), (), (Holiday(date(2026, 1, 1)),) * 2), "holiday_twice"),
        (
            Hours("UTC", (), (SpecialDay(date(2026, 1, 1)),), (Holiday(date(2026, 1, 1)),)),
            "holiday_and_special_day",
        ),
    ],
)
def test_contradictions_are_named(hours: Hours, fault: str) -> None:
    assert list(faults(hours)) == [fault]


async def follow(site: Site, hours: Hours) -> None:
    """Let the service queue follow a calendar with these hours."""
    calendar = Calendar(CalendarId("calendar"), "Office", hours)
    plan = site.acd.plan
    changed = replace(plan, version=plan.version + 1, calendars=(calendar,))
    await site.acd.edit_plan(lambda _: (changed, []))
    await with_service(site, calendar_id=calendar.id)


async def with_service(site: Site, **changes: object) -> None:
    """Change the service queue."""
    plan = site.acd.plan
    queues = tuple(
        replace(queue, **changes) if queue.id == SERVICE else queue  # type: ignore[arg-type]
        for queue in plan.queues
    )
    changed = replace(plan, version=plan.version + 1, queues=queues)
    await site.acd.edit_plan(lambda _: (changed, []))


@pytest.mark.usefixtures("database")
async def test_closing_time() -> None:
    async with running() as site:  # Monday 09:00 UTC
        await follow(site, Hours("UTC", (Shift(0, 0, 541),)))
        away = OverflowRule(Condition.CLOSED, Step(Action.TICKET), waiting_too=True)
        await with_service(site, overflow=(away,))
        call, mail = site.call(), site.call(medium=Medium.EMAIL)
        assert await site.acd.arrive(call) == Queued(SERVICE)
        assert await site.acd.arrive(mail) == Queued(SERVICE)
        await site.clock.turn(61)
        ended = await site.until("interaction.ended")
        assert isinstance(ended, InteractionEnded)
        assert (ended.interaction_id, ended.outcome) == (call.interaction_id, Outcome.OVERFLOWED)
        await with_service(site, overflow=())
        assert await site.acd.arrive(site.call()) == Refused("out_of_hours")
        assert await site.acd.arrive(site.call(medium=Medium.EMAIL)) == Queued(SERVICE)
        sent_on = OverflowRule(Condition.CLOSED, Step(Action.QUEUE, SALES))
        await with_service(site, overflow=(sent_on,))
        assert await site.acd.arrive(site.call()) == Queued(SALES)


@pytest.mark.usefixtures("database")
async def test_a_full_queue_and_a_wait_too_long() -> None:
    async with running() as site:
        told = Step(Action.TICKET)
        rules = (
            OverflowRule(Condition.FULL, told, 1),
            OverflowRule(Condition.WAITED, told, 30.0),
        )
        await with_service(site, overflow=rules)
        await site.acd.arrive(site.call())
        second = site.call()
        assert await site.acd.arrive(second) == Queued(SERVICE)
        ended = await site.until("interaction.ended")
        assert isinstance(ended, InteractionEnded)
        assert (ended.interaction_id, ended.outcome) == (second.interaction_id, Outcome.OVERFLOWED)
        site.events.clear()
        await site.clock.turn(31)
        ended = await site.until("interaction.ended")
        assert isinstance(ended, InteractionEnded)
        assert (ended.outcome, ended.waited_s) == (Outcome.OVERFLOWED, 31)
        await site.on_shift(BEN)
        assert await site.acd.arrive(site.call()) == Queued(SERVICE)


@pytest.mark.usefixtures("database")
async def test_contradictory_hours_change_nothing() -> None:
    async with running() as site:
        before = site.acd.plan
        with pytest.raises(Invalid) as refusal:
            await follow(site, Hours("UTC", (Shift(0, 9, 8),)))
        assert refusal.value.data["fault"] == "shift_backwards"
        assert site.acd.plan == before
        assert FIRST in {group.id for group in before.groups}
