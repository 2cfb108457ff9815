"""Which contacts of a list are new to a campaign, and which it has.

Rules:
1. A campaign has a number once. A contact is known when the campaign has any of its numbers, be it
   from this list or an earlier one.
2. What is known is decided row by row, in the list's order: numbers of a row that was not taken in
   are not taken by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from omni.core.ids import ContactId
from omni.dialer.model import Contact


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch of contacts: the new ones, and for the others who the campaign knows them as."""

    fresh: list[Contact]
    known: list[tuple[Contact, ContactId]]


def numbers_of(contacts: Iterable[Contact]) -> list[str]:
    """Return all numbers of contacts."""
    return [one.number for contact in contacts for one in contact.all_numbers]


def sort_out(contacts: Sequence[Contact], owners: Mapping[str, ContactId]) -> Sorted:
    """Tell new contacts from known ones.

    Args:
        owners: which contacts the campaign has these numbers with already.
    """
    taken = dict(owners)
    fresh: list[Contact] = []
    known: list[tuple[Contact, ContactId]] = []
    for contact in contacts:
        numbers = list(dict.fromkeys(one.number for one in contact.all_numbers))
        owner = next((taken[number] for number in numbers if number in taken), None)
        if owner is not None:
            known.append((contact, owner))
            continue
        fresh.append(_once(contact))
        taken.update(dict.fromkeys(numbers, contact.contact_id))
    return Sorted(fresh, known)


def merged(known: Iterable[tuple[Contact, ContactId]]) -> list[tuple[ContactId, Contact]]:
    """Return what rows say of known contacts, once for each: what is filled in later counts."""
    found: dict[ContactId, Contact] = {}
    for contact, owner in known:
        before = found.get(owner)
        found[owner] = contact if before is None else _both(before, contact)
    return list(found.items())


def _both(before: Contact, after: Contact) -> Contact:
    return replace(
        before,
        name=after.name or before.name,
        external_id=after.external_id or before.external_id,
        zones=tuple(sorted({*before.zones, *after.zones})),
        extra={**before.extra, **after.extra},
        consent_at=after.consent_at or before.consent_at,
        consent_source=after.consent_source or before.consent_source,
        numbers=(*before.all_numbers, *after.all_numbers),
    )


def _once(contact: Contact) -> Contact:
    """Return the contact with each of its numbers once, at its first place."""
    by_number = {one.number: one for one in reversed(contact.all_numbers)}
    if len(by_number) == len(contact.all_numbers):
        return contact
    return replace(contact, numbers=tuple(reversed(by_number.values())))
