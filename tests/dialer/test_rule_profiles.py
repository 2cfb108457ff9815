"""The law as data: every rule of every profile, at its edge.

One table per kind of rule. What is allowed is tried at the last moment or count at which it is,
what is refused at the first at which it is not. The last test makes sure that no rule of a profile
is missing from the tables.
"""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omni.core.terms import AttemptOutcome
from omni.dialer.engine.budget import DropBudget, HourCount
from omni.dialer.engine.followup import lock_s
from omni.dialer.engine.gates import Facts, Gate, Situation, first_closed
from omni.dialer.engine.profiles import (
    RuleProfile,
    StartPoint,
    Window,
    all_newest,
    effective_drop_limit_pct,
    effective_ring_s,
    newest,
)
from omni.dialer.model import CampaignState

SECOND = timedelta(seconds=1)
WEDNESDAY, SATURDAY, SUNDAY = "2026-06-10", "2026-06-13", "2026-06-14"
ANY = "NONE", "US-TSR", "US-FL", "US-RegF", "UK-2010", "UK-2017", "CA-CRTC", "CN"
HOME = {
    "US-TSR": "America/Chicago",
    "US-FL": "America/New_York",
    "US-RegF": "America/Denver",
    "UK-2010": "Europe/London",
    "UK-2017": "Europe/London",
    "CA-CRTC": "America/Toronto",
    "CN": "Asia/Shanghai",
    "NONE": "Europe/Berlin",
}

HOURS = [
    ("US-TSR", WEDNESDAY, "08:00", "21:00"),
    ("US-TSR", SUNDAY, "08:00", "21:00"),
    ("US-FL", WEDNESDAY, "08:00", "20:00"),
    ("US-FL", SATURDAY, "08:00", "20:00"),
    ("US-RegF", WEDNESDAY, "08:00", "21:00"),
    ("UK-2010", WEDNESDAY, "08:00", "21:00"),
    ("UK-2017", SUNDAY, "08:00", "21:00"),
    ("CA-CRTC", WEDNESDAY, "09:00", "21:30"),
    ("CA-CRTC", SATURDAY, "10:00", "18:00"),
    ("CA-CRTC", SUNDAY, "10:00", "18:00"),
    ("CN", WEDNESDAY, "09:00", "20:00"),
]
# Profile, answered calls that just pay for one line more than the free agents, its windows.
DROPS = [
    ("US-TSR", 33, {Window.CALENDAR_DAY, Window.ROLLING_30D}),
    ("US-FL", 33, {Window.CALENDAR_DAY, Window.ROLLING_30D}),
    ("US-RegF", 33, {Window.CALENDAR_DAY, Window.ROLLING_30D}),
    ("UK-2010", 33, {Window.CALENDAR_DAY, Window.ROLLING_24H}),
    ("UK-2017", None, {Window.CALENDAR_DAY, Window.ROLLING_24H}),
    ("CA-CRTC", 19, {Window.CALENDAR_MONTH}),
    ("CN", 33, {Window.CALENDAR_DAY}),
]
LOCKS = [
    ("US-TSR", AttemptOutcome.DROPPED, 72),
    ("US-FL", AttemptOutcome.DROPPED, 72),
    ("US-RegF", AttemptOutcome.DROPPED, 72),
    ("US-RegF", AttemptOutcome.ANSWERED, 7 * 24),
    ("UK-2010", AttemptOutcome.DROPPED, 72),
    ("UK-2010", AttemptOutcome.MACHINE, 24),
    ("UK-2017", AttemptOutcome.DROPPED, 72),
    ("CA-CRTC", AttemptOutcome.DROPPED, 72),
    ("CN", AttemptOutcome.DROPPED, 72),
]
CAPS = [
    ("US-FL", "attempts_24h", 3, Gate.ATTEMPTS_24H),
    ("US-RegF", "attempts_7d", 7, Gate.ATTEMPTS_7D),
    ("CN", "attempts_24h", 3, Gate.ATTEMPTS_24H),
]
RINGS_S = [(code, 15) for code in ANY if code != "NONE"]
MESSAGES = [
    ("NONE", 2.0, StartPoint.CONNECTED),
    ("US-TSR", 2.0, StartPoint.GREETING_END),
    ("US-FL", 2.0, StartPoint.GREETING_END),
    ("US-RegF", 2.0, StartPoint.GREETING_END),
    ("UK-2010", 2.0, StartPoint.GREETING_START),
    ("UK-2017", 2.0, StartPoint.GREETING_START),
    ("CA-CRTC", 2.0, StartPoint.CONNECTED),
    ("CN", 2.0, StartPoint.CONNECTED),
]
WITHOUT_DETECTION = {"UK-2017"}
WITH_CALLER_ID = {"US-TSR", "US-FL", "US-RegF", "UK-2010", "UK-2017", "CA-CRTC"}
WITH_CONSENT = {"CN"}


def profile(code: str) -> RuleProfile:
    found = newest(code)
    assert found is not None
    return found


def situation(code: str, now: datetime) -> Situation:
    return Situation(now, CampaignState.RUNNING, profile(code), (), max_attempts=99)


def callee(code: str) -> Facts:
    return Facts(zones=(HOME[code],), consent_at=datetime(2026, 1, 1, tzinfo=UTC))


def local(code: str, day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(HOME[code]))


def noon(code: str) -> datetime:
    return local(code, WEDNESDAY, "12:00")


def gate_at(code: str, now: datetime, facts: Facts | None = None) -> Gate | None:
    return first_closed(facts or callee(code), situation(code, now))


@pytest.mark.parametrize(("code", "day", "opens", "closes"), HOURS)
def test_the_hours_of_the_callee(code: str, day: str, opens: str, closes: str) -> None:
    first, end = local(code, day, opens), local(code, day, closes)
    assert gate_at(code, first - SECOND) is Gate.CALLING_HOURS
    assert gate_at(code, first) is None
    assert gate_at(code, end - SECOND) is None
    assert gate_at(code, end) is Gate.CALLING_HOURS


@pytest.mark.parametrize(("code", "answered", "windows"), DROPS)
def test_drops_are_paid_for_within_every_window(
    code: str, answered: int | None, windows: set[Window]
) -> None:
    assert set(profile(code).windows) == windows
    now_s = noon(code).timestamp()
    limit_pct = effective_drop_limit_pct(profile(code), 100.0)

    def lines(count: int) -> int:
        history = [HourCount(now_s - 3600, count, 0)]
        zone = ZoneInfo(HOME[code])
        budget = DropBudget(limit_pct, profile(code).windows, zone, 40.0, history)
        return budget.ringing_max(now_s, covered=0, waiting=0)

    if answered is None:
        assert lines(100_000) == 0
        return
    assert lines(answered) == 1
    assert lines(answered - 1) == 0


@pytest.mark.parametrize(("code", "outcome", "hours"), LOCKS)
def test_a_number_rests_after(code: str, outcome: AttemptOutcome, hours: int) -> None:
    assert lock_s(profile(code), outcome) == hours * 3600
    until = noon(code)
    locked = replace(callee(code), locked_until=until)
    assert gate_at(code, until - SECOND, locked) is Gate.LOCKED_OUT
    assert gate_at(code, until, locked) is None


@pytest.mark.parametrize(("code", "counted", "cap", "gate"), CAPS)
def test_a_number_is_dialled_so_often(code: str, counted: str, cap: int, gate: Gate) -> None:
    last, over = ({counted: count} for count in (cap - 1, cap))
    assert gate_at(code, noon(code), replace(callee(code), **last)) is None  # type: ignore[arg-type]
    assert gate_at(code, noon(code), replace(callee(code), **over)) is gate  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "ring_s"), RINGS_S)
def test_it_rings_at_least(code: str, ring_s: int) -> None:
    assert effective_ring_s(profile(code), 5) == ring_s
    assert effective_ring_s(profile(code), ring_s + 1) == ring_s + 1


@pytest.mark.parametrize(("code", "after_s", "start"), MESSAGES)
def test_the_message_comes_after(code: str, after_s: float, start: StartPoint) -> None:
    assert (profile(code).message_after_s, profile(code).message_from) == (after_s, start)


@pytest.mark.parametrize("code", sorted(WITH_CONSENT))
def test_consent_is_given_before_the_call(code: str) -> None:
    now = noon(code)
    assert gate_at(code, now, replace(callee(code), consent_at=None)) is Gate.CONSENT
    assert gate_at(code, now, replace(callee(code), consent_at=now + SECOND)) is Gate.CONSENT
    assert gate_at(code, now, replace(callee(code), consent_at=now)) is None


@pytest.mark.parametrize("code", [code for code in ANY if code not in WITH_CONSENT])
def test_elsewhere_consent_is_the_campaigns_wish(code: str) -> None:
    nobody = replace(callee(code), consent_at=None)
    asked = replace(situation(code, noon(code)), consent_required=True)
    assert gate_at(code, noon(code), nobody) is None
    assert first_closed(nobody, asked) is Gate.CONSENT


def test_without_rules_only_the_campaign_says_no() -> None:
    facts = replace(callee("NONE"), attempts_24h=98, attempts_7d=98, consent_at=None)
    assert gate_at("NONE", local("NONE", SUNDAY, "03:00"), facts) is None
    assert effective_drop_limit_pct(profile("NONE"), 100.0) == 100.0
    assert effective_ring_s(profile("NONE"), 1) == 1
    assert not any(lock_s(profile("NONE"), outcome) for outcome in AttemptOutcome)


def test_no_rule_of_a_profile_is_without_a_test() -> None:
    assert {one.code for one in all_newest()} == set(ANY)
    plain = profile("NONE")
    tested = {
        "hours": {code for code, *_ in HOURS},
        "drop_limit_pct": {code for code, *_ in DROPS},
        "windows": {code for code, *_ in DROPS},
        "message_after_s": set(ANY),
        "message_from": set(ANY),
        "min_ring_s": {code for code, _ in RINGS_S},
        "lock_after_drop_s": {c for c, outcome, _ in LOCKS if outcome is AttemptOutcome.DROPPED},
        "lock_after_machine_s": {c for c, outcome, _ in LOCKS if outcome is AttemptOutcome.MACHINE},
        "rest_after_conversation_s": {
            c for c, outcome, _ in LOCKS if outcome is AttemptOutcome.ANSWERED
        },
        "attempts_per_number_24h": {c for c, counted, *_ in CAPS if counted == "attempts_24h"},
        "attempts_per_number_7d": {c for c, counted, *_ in CAPS if counted == "attempts_7d"},
        "machine_detection": WITHOUT_DETECTION,
        "caller_id_needed": WITH_CALLER_ID,
        "consent_needed": WITH_CONSENT,
    }
    texts = {"code", "version", "title_en", "title_zh", "source"}
    assert {field.name for field in fields(RuleProfile)} == tested.keys() | texts
    for one in all_newest():
        for name, codes in tested.items():
            if getattr(one, name) != getattr(plain, name):
                assert one.code in codes, f"{one.code}: {name}"


@pytest.mark.parametrize("code", sorted(HOME))
def test_a_version_once_published_stays(code: str) -> None:
    assert profile(code).version == (2 if code == "CN" else 1)
