"""Phone numbers of lists: to E.164, and the time zones a number may be in."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, timezone

from omni.dialer.engine.hours import UNKNOWN_ZONE, zone_named

_FILLING = re.compile(r"[\s().\-/]")
_PREFIX = re.compile(r"\+([1-9]\d{0,13})\*")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be dialled."""

    e164: str
    zones: tuple[str, ...]


def normalise(text: str, region: str) -> Number | None:
    """Return the number in E.164 with its zones, None when it cannot be one.

    Args:
        region: ISO country code that completes national numbers.
    """
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    zones = timezone.time_zones_for_number(parsed) or (UNKNOWN_ZONE,)
    return Number(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), tuple(zones))


def prefix_of(text: str) -> str | None:
    """Return `+…*` when the text means all numbers that begin so, None when it does not."""
    found = _PREFIX.fullmatch(_FILLING.sub("", text))
    return f"+{found[1]}*" if found else None


def zones_with(number_zones: tuple[str, ...], listed: str) -> tuple[str, ...] | None:
    """Return where the person may be, given the number's zones and what the list says.

    The list's zone replaces the number's when it is one of them (it is then the finer knowledge)
    or the number's are unknown; otherwise the person may be in either. None: no such zone.
    """
    if not listed:
        return number_zones
    if zone_named(listed) is None:
        return None
    if listed in number_zones or number_zones == (UNKNOWN_ZONE,):
        return (listed,)
    return tuple(sorted({*number_zones, listed}))
