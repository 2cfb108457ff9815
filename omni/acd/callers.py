"""The black list and the VIP list: what is special about customers by their address.

An entry is a whole address (a number in E.164, a mail address), the beginning of numbers
(`+4479*`) or a mail domain (`@example.com`). The most exact entry counts: address, then domain,
then the longest beginning. Black: refused with the reason `black_listed`, as the channel refuses.
VIP: a priority of its own, and a queue of its own where one is named. Calls that we dial are not
looked up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from omni.core.ids import QueueId

_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}\*?")
_MAIL = re.compile(r"[^@\s]*@[^@\s]+\.[^@\s]+")
LONGEST = 320


class Listing(StrEnum):
    """Which list an entry is on."""

    BLACK = "black"
    VIP = "vip"


@dataclass(frozen=True, slots=True)
class CallerRule:
    """An entry of a list. `priority` and `queue_id` are of VIPs only."""

    pattern: str
    listing: Listing
    priority: int = 0
    queue_id: QueueId | None = None
    note: str = ""


class CallerLists:
    """Both lists; a look-up costs a handful of dictionary look-ups, whatever their length."""

    def __init__(self, rules: Iterable[CallerRule] = ()) -> None:
        self._rules = {rule.pattern: rule for rule in rules}
        lengths = {len(pattern) - 1 for pattern in self._rules if pattern.endswith("*")}
        self._lengths = sorted(lengths, reverse=True)

    def find(self, address: str) -> CallerRule | None:
        """Return the entry that counts for this address."""
        address = normal(address)
        if not address or not self._rules:
            return None
        found = self._rules.get(address)
        if found is None and "@" in address:
            found = self._rules.get(address[address.rindex("@") :])
        for length in () if found or "@" in address else self._lengths:
            found = found or self._rules.get(address[:length] + "*")
        return found

    def all(self) -> list[CallerRule]:
        """Return every entry by list and pattern."""
        return sorted(self._rules.values(), key=lambda rule: (rule.listing, rule.pattern))


def normal(pattern: str) -> str:
    """Return an address or pattern in the form in which it is compared."""
    return pattern.strip().lower()


def is_pattern(pattern: str) -> bool:
    """Tell whether this is an address, a beginning of numbers or a mail domain."""
    whole = _NUMBER.fullmatch(pattern) or _MAIL.fullmatch(pattern)
    return whole is not None and len(pattern) <= LONGEST
