"""Opening hours: a week of shifts in one time zone; holidays and special days replace them.

Shifts are wall-clock times of the zone, so that "09:00" is nine o'clock before and after a change
to daylight saving time; an hour that a change skips or repeats is open as the wall clock says.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from omni.acd.model import Hours, Shift

DAY_MIN: Final = 24 * 60
FAR_DAYS: Final = 400
"""How far ahead the next change is looked for: further than a year of holidays."""


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether this aware instant is within the hours."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in spans_on(hours, local.date()))


def spans_on(hours: Hours, day: date) -> tuple[tuple[int, int], ...]:
    """Return when it is open on a day, in minutes after midnight."""
    if any(holiday.date == day for holiday in hours.holidays):
        return ()
    for special in hours.special:
        if special.date == day:
            return special.open
    weekday = day.weekday()
    return tuple((one.start_min, one.end_min) for one in hours.week if one.day == weekday)


def next_change(hours: Hours, at: datetime) -> datetime | None:
    """Return when it opens (or closes) next after `at`; None: not within `FAR_DAYS`.

    The state follows the wall clock, so it can only change where a span begins or ends, and where
    the wall clock itself jumps.
    """
    zone = ZoneInfo(hours.time_zone)
    now_open = is_open(hours, at)
    today = at.astimezone(zone).date()
    for days in range(-1, FAR_DAYS):
        day = today + timedelta(days=days)
        for instant in sorted(_edges(hours, zone, day)):
            if instant > at and is_open(hours, instant) is not now_open:
                return instant
    return None


def _edges(hours: Hours, zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """Yield the instants of a day at which the state may change."""
    midnight = datetime.combine(day, time())
    for minute in {0, *[edge for span in spans_on(hours, day) for edge in span]}:
        wall = midnight + timedelta(minutes=minute)
        for fold in (0, 1):  # an hour that is repeated has each minute twice
            yield wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    jump = _jump(zone, midnight)
    if jump is not None:
        yield jump


def _jump(zone: ZoneInfo, midnight: datetime) -> datetime | None:
    """Return the instant of the day at which the wall clock jumps."""
    low = midnight.replace(tzinfo=zone).astimezone(UTC)
    high = (midnight + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    if high.astimezone(zone).utcoffset() == before:
        return None
    while high - low > timedelta(minutes=1):  # zones jump at whole minutes
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)


def faults(hours: Hours) -> Iterator[str]:
    """Yield the code of each contradiction."""
    if hours.time_zone not in available_timezones():
        yield "time_zone_unknown"
    if any(not 0 <= shift.day <= 6 for shift in hours.week):
        yield "day_unknown"
    spans = [(shift.day, shift.start_min, shift.end_min) for shift in hours.week]
    spans += [
        (special.date.toordinal() + 7, start, end)
        for special in hours.special
        for start, end in special.open
    ]
    if any(not 0 <= start < end <= DAY_MIN for _, start, end in spans):
        yield "shift_backwards"
    ordered = sorted(spans)
    if any(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(ordered)):
        yield "shifts_overlap"
    special_days = {special.date for special in hours.special}
    if len(special_days) != len(hours.special):
        yield "special_day_twice"
    holidays = {holiday.date for holiday in hours.holidays}
    if len(holidays) != len(hours.holidays):
        yield "holiday_twice"
    if holidays & special_days:
        yield "holiday_and_special_day"


def business_week(time_zone: str, start_min: int = 540, end_min: int = 1080) -> Hours:
    """Return Monday to Friday, by default 09:00 to 18:00."""
    return Hours(time_zone, tuple(Shift(day, start_min, end_min) for day in range(5)))
