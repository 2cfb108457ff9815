"""Opening hours: a week of shifts in one time zone, and special days that replace them.

Shifts are wall-clock times of the zone, so that "09:00" is nine o'clock before and after a change
to daylight saving time; an hour that a change skips or repeats is open as the wall clock says.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from omni.acd.model import Hours, Shift

DAY_MIN = 24 * 60


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether this aware instant is within the hours."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    for special in hours.special:
        if special.date == local.date():
            return any(start <= minute < end for start, end in special.open)
    return any(
        shift.day == local.weekday() and shift.start_min <= minute < shift.end_min
        for shift in hours.week
    )


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
    if len({special.date for special in hours.special}) != len(hours.special):
        yield "special_day_twice"


def business_week(time_zone: str, start_min: int = 540, end_min: int = 1080) -> Hours:
    """Return Monday to Friday, by default 09:00 to 18:00."""
    return Hours(time_zone, tuple(Shift(day, start_min, end_min) for day in range(5)))
