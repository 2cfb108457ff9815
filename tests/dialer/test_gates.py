"""The gates: each alone, their order, calling hours across zones and clock changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omni.dialer.engine.gates import (
    GATES,
    Facts,
    Gate,
    Room,
    Situation,
    explain,
    first_closed,
    may_ring,
    opens_at,
    tally,
)
from omni.dialer.engine.hours import (
    UNKNOWN_ZONE,
    after_holidays,
    closing,
    next_opening,
    on_holiday,
    open_in,
)
from omni.dialer.engine.numbers import normalise
from omni.dialer.engine.profiles import profile_of
from omni.dialer.model import CampaignState, ContactState, HoursRule

NOON = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)  # a Wednesday, 12:00 in New York
OPEN = Facts(zones=("America/New_York",))
HERE = Situation(
    now=NOON,
    state=CampaignState.RUNNING,
    profile=profile_of("US-FL", 1),
    hours=(),
    max_attempts=5,
)


def test_the_way_is_free_when_nothing_stands_in_it() -> None:
    assert first_closed(OPEN, HERE) is None


@pytest.mark.parametrize(
    ("facts", "situation", "gate"),
    [
        (replace(OPEN, state=ContactState.DONE), HERE, Gate.FINISHED),
        (replace(OPEN, state=ContactState.DIALING), HERE, Gate.IN_PROGRESS),
        (replace(OPEN, number_busy=True), HERE, Gate.IN_PROGRESS),
        (OPEN, replace(HERE, state=CampaignState.PAUSED), Gate.CAMPAIGN_ACTIVE),
        (replace(OPEN, zones=("Asia/Shanghai",)), HERE, Gate.CALLING_HOURS),
        (replace(OPEN, zones=(UNKNOWN_ZONE,)), HERE, Gate.CALLING_HOURS),
        (replace(OPEN, zones=()), HERE, Gate.CALLING_HOURS),
        (OPEN, replace(HERE, holidays=frozenset({NOON.date()})), Gate.HOLIDAY),
        (replace(OPEN, do_not_call=True), HERE, Gate.DO_NOT_CALL),
        (OPEN, replace(HERE, consent_required=True), Gate.CONSENT),
        (replace(OPEN, attempts=5), HERE, Gate.ATTEMPTS_CONTACT),
        (replace(OPEN, attempts_24h=3), HERE, Gate.ATTEMPTS_24H),
        (
            replace(OPEN, attempts_7d=7),
            replace(HERE, profile=profile_of("US-RegF", 1)),
            Gate.ATTEMPTS_7D,
        ),
        (replace(OPEN, locked_until=NOON + timedelta(hours=1)), HERE, Gate.LOCKED_OUT),
        (replace(OPEN, next_at=NOON + timedelta(minutes=1)), HERE, Gate.RETRY_DELAY),
        (OPEN, replace(HERE, room=Room(closed="down")), Gate.TRUNK),
        (OPEN, replace(HERE, room=Room(lines=0)), Gate.TRUNK_CAPACITY),
        (OPEN, replace(HERE, room=Room(dials=0)), Gate.TRUNK_RATE),
        (OPEN, replace(HERE, room=Room(agents=0)), Gate.AGENTS),
    ],
)
def test_each_gate_closes_alone(facts: Facts, situation: Situation, gate: Gate) -> None:
    closed = [verdict.gate for verdict in explain(facts, situation) if verdict.closed]
    assert closed == [gate]
    assert first_closed(facts, situation) is gate


def test_every_gate_of_the_vocabulary_is_in_the_table_once() -> None:
    assert [gate for gate, _ in GATES] == list(Gate)


def test_what_has_passed_no_longer_locks() -> None:
    facts = replace(OPEN, locked_until=NOON, next_at=NOON)
    assert first_closed(facts, HERE) is None


def test_counts_follow_the_first_closed_gate() -> None:
    classes = [
        ([OPEN], 7),
        ([replace(OPEN, do_not_call=True, attempts=9)], 2),
        ([replace(OPEN, do_not_call=True), OPEN], 1),  # the other number may be dialled
        ([replace(OPEN, state=ContactState.DONE)], 1),
    ]
    dialable, counts = tally(classes, HERE)
    assert dialable == 8
    assert counts == {Gate.FINISHED: 1, Gate.DO_NOT_CALL: 2}


def test_a_gate_says_when_it_opens() -> None:
    night = replace(HERE, now=datetime(2026, 6, 10, 3, 0, tzinfo=UTC))  # 23:00 in New York
    verdict = next(row for row in explain(OPEN, night) if row.gate is Gate.CALLING_HOURS)
    assert verdict.closed is not None
    assert verdict.closed.until == datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("second", "gate"), [(34, None), (35, Gate.CALLING_HOURS)])
def test_no_phone_rings_on_when_the_hours_are_over(second: int, gate: Gate | None) -> None:
    last_minute = datetime(2026, 6, 11, 0, 59, second, tzinfo=UTC)  # 20:59 in New York
    profile = profile_of("US-TSR", 1)
    situation = replace(HERE, now=last_minute, ring_s=25, profile=profile)
    assert first_closed(OPEN, situation) is gate
    assert may_ring(OPEN.zones, situation) is (gate is None)
    opens = opens_at(OPEN, situation)
    assert opens == (datetime(2026, 6, 11, 12, 0, tzinfo=UTC) if gate else None)


def test_no_phone_rings_on_into_a_holiday() -> None:
    late = datetime(2026, 6, 11, 3, 59, 40, tzinfo=UTC)  # before midnight in New York
    free = replace(
        HERE, now=late, profile=profile_of("NONE", 1), holidays=frozenset({date(2026, 6, 11)})
    )
    assert first_closed(OPEN, replace(free, ring_s=19)) is None
    assert first_closed(OPEN, replace(free, ring_s=20)) is Gate.HOLIDAY
    assert opens_at(OPEN, replace(free, ring_s=20)) == datetime(2026, 6, 12, 4, 0, tzinfo=UTC)


EIGHT_TO_NINE = (HoursRule(frozenset(range(1, 8)), 8 * 60, 21 * 60),)


def test_a_number_of_many_zones_may_be_called_only_when_all_are_open() -> None:
    coasts = ("America/New_York", "America/Los_Angeles")
    assert not open_in(coasts, [EIGHT_TO_NINE], datetime(2026, 6, 10, 14, 0, tzinfo=UTC))
    assert open_in(coasts, [EIGHT_TO_NINE], datetime(2026, 6, 10, 16, 0, tzinfo=UTC))
    opening = next_opening(coasts, [EIGHT_TO_NINE], datetime(2026, 6, 10, 14, 0, tzinfo=UTC))
    assert opening == datetime(2026, 6, 10, 15, 0, tzinfo=UTC)


def test_without_hours_even_an_unknown_zone_is_open() -> None:
    assert open_in((UNKNOWN_ZONE,), [(), ()], NOON)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        # The clocks of New York go forward on 2026-03-08 and back on 2026-11-01.
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), datetime(2026, 11, 1, 13, 0, tzinfo=UTC)),
    ],
)
def test_the_local_clock_counts_when_clocks_change(day: datetime, opens: datetime) -> None:
    assert next_opening(("America/New_York",), [EIGHT_TO_NINE], day) == opens
    assert not open_in(("America/New_York",), [EIGHT_TO_NINE], opens - timedelta(seconds=1))


def test_hours_that_never_meet_have_no_opening() -> None:
    weekend = (HoursRule(frozenset({6, 7}), 0, 24 * 60),)
    weekdays = (HoursRule(frozenset({1, 2, 3, 4, 5}), 0, 24 * 60),)
    assert next_opening(("Europe/London",), [weekend, weekdays], NOON) is None


NEW_YEAR = frozenset({date(2027, 1, 1)})


@pytest.mark.parametrize(
    ("zones", "begins", "ends"),
    [
        (("Europe/Berlin",), "2026-12-31T23:00", "2027-01-01T23:00"),
        (("America/New_York",), "2027-01-01T05:00", "2027-01-02T05:00"),
        (("America/New_York", "America/Los_Angeles"), "2027-01-01T05:00", "2027-01-02T08:00"),
        ((UNKNOWN_ZONE,), "2026-12-31T10:00", "2027-01-02T12:00"),
        ((), "2026-12-31T10:00", "2027-01-02T12:00"),
    ],
)
def test_a_holiday_lasts_while_it_may_be_that_day_where_the_person_is(
    zones: tuple[str, ...], begins: str, ends: str
) -> None:
    first, after = (datetime.fromisoformat(f"{at}+00:00") for at in (begins, ends))
    second = timedelta(seconds=1)
    assert not on_holiday(zones, NEW_YEAR, first - second)
    assert on_holiday(zones, NEW_YEAR, first)
    assert on_holiday(zones, NEW_YEAR, after - second)
    assert not on_holiday(zones, NEW_YEAR, after)
    assert after_holidays(zones, NEW_YEAR, first) == after


def test_holidays_without_an_end_in_sight_have_none() -> None:
    year = frozenset(date(2027, 1, 1) + timedelta(days=day) for day in range(366))
    assert after_holidays(("Europe/Berlin",), year, datetime(2027, 1, 5, tzinfo=UTC)) is None


def test_a_number_from_anywhere_in_a_country_has_all_its_zones() -> None:
    number = normalise("+18002345678", "US")  # toll-free
    assert number is not None
    assert {"America/New_York", "America/Los_Angeles", "Pacific/Honolulu"} <= set(number.zones)


def test_calls_end_for_the_day_when_the_strictest_hours_do() -> None:
    here = NOON.astimezone(ZoneInfo("America/New_York"))
    weekdays = (HoursRule(frozenset(range(1, 6)), 9 * 60, 17 * 60 + 30),)
    assert closing([(), ()], here) is None
    assert closing([(EIGHT_TO_NINE), ()], here) == here.replace(hour=21)
    assert closing([EIGHT_TO_NINE, weekdays], here) == here.replace(hour=17, minute=30)
