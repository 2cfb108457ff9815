"""The site's day: local midnights as instants (a day may have 23, 24 or 25 hours)."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def midnight_of(day: date, zone: tzinfo) -> datetime:
    """Return the instant (UTC) at which `day` begins in `zone`."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def midnight_before(at: datetime, zone: tzinfo) -> datetime:
    """Return the latest local midnight that is not after `at`, in UTC."""
    return midnight_of(at.astimezone(zone).date(), zone)


def midnight_after(at: datetime, zone: tzinfo) -> datetime:
    """Return the first local midnight after `at`, in UTC."""
    return midnight_of(at.astimezone(zone).date() + timedelta(days=1), zone)
