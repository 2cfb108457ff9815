"""Which contacts of a campaign's lists are dialled next: fields, quotas, and the mix of lists.

Rules:
1. A field is `name`, `external_id`, `number`, `zone`, `list` (the import's id), `consent_source`,
   or `extra.` and the name of a column that was kept.
2. A quota counts contacts, not calls; values are compared without regard to case.
3. A mix is smooth: of lists with weights 3 and 1, every fourth contact is from the second. A list
   with nothing to dial leaves its turns to the others and is owed nothing for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from omni.dialer.model import Contact, Quota, QuotaStand

EXTRA = "extra."
FIXED_FIELDS = ("name", "external_id", "number", "zone", "list", "consent_source")

T = TypeVar("T")


def is_field(name: str) -> bool:
    """Tell whether a contact can have a field of this name."""
    return name in FIXED_FIELDS or (name.startswith(EXTRA) and len(name) > len(EXTRA))


def fields_of(contact: Contact) -> dict[str, str]:
    """Return a contact's fields by name."""
    fixed = {
        "name": contact.name,
        "external_id": contact.external_id,
        "number": contact.number,
        "zone": "|".join(contact.zones),
        "list": contact.import_id,
        "consent_source": contact.consent_source,
    }
    return {**fixed, **{EXTRA + name: value for name, value in contact.extra.items()}}


def applies(quota: Quota, fields: Mapping[str, str]) -> bool:
    """Tell whether a contact with these fields is one of a quota's."""
    return fields.get(quota.field, "").lower() == quota.value.lower()


def spend(stands: Sequence[QuotaStand], contact: Contact) -> list[QuotaStand]:
    """Return the quotas' stands when one more contact is in flight."""
    fields = fields_of(contact)
    return [
        replace(stand, in_flight=stand.in_flight + applies(stand.quota, fields)) for stand in stands
    ]


class Mix:
    """Takes turns between lists by their weights; remembers what is owed to each."""

    def __init__(self) -> None:
        self._owed: dict[str, int] = {}

    def interleave(
        self, lanes: Mapping[str, Sequence[T]], weights: Mapping[str, int], count: int
    ) -> list[T]:
        """Return up to `count` of the lanes' items, each lane's in its own order."""
        left = {lane: list(reversed(items)) for lane, items in lanes.items() if items}
        self._owed = {lane: self._owed.get(lane, 0) for lane in left}
        taken: list[T] = []
        while left and len(taken) < count:
            for lane in left:
                self._owed[lane] += max(1, weights.get(lane, 1))
            lane = max(left, key=lambda each: (self._owed[each], each))
            self._owed[lane] -= sum(max(1, weights.get(each, 1)) for each in left)
            taken.append(left[lane].pop())
            if not left[lane]:
                del left[lane]
                if len(taken) < count:  # else it may have more than it was asked for
                    del self._owed[lane]
        return taken
