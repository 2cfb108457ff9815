"""Calling hours in the callee's own time.

Rules:
1. A person may be in any of several zones (a country's mobile number, a toll-free number): calls
   are allowed only when they are allowed in all of them (the intersection).
2. An unknown zone is allowed only where there are no hours at all.
3. Several sets of hours (the profile's, the campaign's) must all allow; an empty set allows always.
4. What counts is the local wall clock, so the clock changes of a zone need no rule of their own.
5. A holiday is a local date: it holds when it is that date in any of the zones, and for an unknown
   zone when it is that date anywhere on earth.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from omni.dialer.model import DAY_MINUTES, HoursRule

UNKNOWN_ZONE = "Etc/Unknown"
EVERYWHERE = tuple(timezone(timedelta(hours=hours)) for hours in range(-12, 15))
HOLIDAYS_MAX = 30  # in a row; beyond that nobody asks when they end
SEARCH_DAYS = 8  # a week and the rest of today: every weekly rule comes up in it

Hours = tuple[HoursRule, ...]


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone, None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def allows(rules: Hours, local: datetime) -> bool:
    """Tell whether one set of hours allows a call at this local time."""
    if not rules:
        return True
    weekday, minute = local.isoweekday(), local.hour * 60 + local.minute
    return any(
        weekday in rule.weekdays and rule.from_minute <= minute < rule.to_minute for rule in rules
    )


def open_in(zones: Iterable[str], sets: Sequence[Hours], now: datetime) -> bool:
    """Tell whether calls are allowed now in every one of the zones under every set."""
    wanted = [rules for rules in sets if rules]
    if not wanted:
        return True
    known = [zone_named(name) for name in zones]
    if not known or None in known:
        return False
    return all(allows(rules, now.astimezone(zone)) for zone in known if zone for rules in wanted)


def closing(sets: Sequence[Hours], local: datetime) -> datetime | None:
    """Return when calls end on this day under all sets, by the clock of `local`; None: never."""
    ends = [
        max((rule.to_minute for rule in rules if local.isoweekday() in rule.weekdays), default=0)
        for rules in sets
        if rules
    ]
    if not ends or min(ends) >= DAY_MINUTES:
        return None
    hour, minute = divmod(min(ends), 60)
    return local.replace(hour=hour, minute=minute, second=0, microsecond=0)


def next_opening(zones: Sequence[str], sets: Sequence[Hours], now: datetime) -> datetime | None:
    """Return the next instant at which `open_in` becomes true, None within eight days."""
    if open_in(zones, sets, now):
        return now
    starts: set[datetime] = set()
    for name in zones:
        zone = zone_named(name)
        if zone is None:
            return None
        today = now.astimezone(zone).date()
        for rules in sets:
            starts.update(_starts(rules, zone, today))
    return next((at for at in sorted(starts) if at > now and open_in(zones, sets, at)), None)


def _starts(rules: Hours, zone: ZoneInfo, today: date) -> Iterable[datetime]:
    for day_no in range(SEARCH_DAYS + 1):
        day = today + timedelta(days=day_no)
        for rule in rules:
            if day.isoweekday() in rule.weekdays and rule.from_minute < DAY_MINUTES:
                hour, minute = divmod(rule.from_minute, 60)
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                yield local.astimezone(UTC)


def on_holiday(zones: Iterable[str], holidays: Collection[date], now: datetime) -> bool:
    """Tell whether it is one of these dates where the person may be."""
    return bool(holidays) and any(day in holidays for day in _dates(zones, now))


def after_holidays(
    zones: Sequence[str], holidays: Collection[date], now: datetime
) -> datetime | None:
    """Return when the holiday is over in all of the zones, None when that is far away."""
    at = now
    for _ in range(HOLIDAYS_MAX):
        if not on_holiday(zones, holidays, at):
            return at
        at = min(_midnight(place, at) for place in _places(zones) if _local(place, at) in holidays)
    return None


def _places(zones: Iterable[str]) -> list[tzinfo]:
    known: list[tzinfo] = []
    for name in zones:
        zone = zone_named(name)
        known += EVERYWHERE if zone is None else (zone,)
    return known or list(EVERYWHERE)


def _dates(zones: Iterable[str], now: datetime) -> set[date]:
    """Return the dates it may be where the person is."""
    return {_local(place, now) for place in _places(zones)}


def _local(place: tzinfo, now: datetime) -> date:
    return now.astimezone(place).date()


def _midnight(place: tzinfo, now: datetime) -> datetime:
    """Return when the next day begins there."""
    tomorrow = _local(place, now) + timedelta(days=1)
    start = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=place)
    return start.astimezone(UTC)
