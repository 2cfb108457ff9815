"""A contact as a fold of the events about it. Pure.

Rules:
1. Any event of a contact may be the first one seen of it; the row is then begun with what it says.
2. Events may come twice: the fold of a repeated event changes nothing.
3. What an agent gave (disposition, note) is never overwritten by what the system noted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from omni.core.events.messages import MailImported
from omni.core.events.outbound import AttemptEnded, AttemptStarted
from omni.core.events.routing import (
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
)
from omni.core.events.voice import RecordingStored
from omni.core.ids import AttemptId, InteractionId
from omni.core.terms import Direction, Medium, Outcome
from omni.tickets.model import Contact

ContactEvent = (
    InteractionArrived
    | InteractionRefused
    | InteractionAccepted
    | InteractionEnded
    | InteractionWrappedUp
    | AttemptStarted
    | AttemptEnded
    | MailImported
    | RecordingStored
)

NAME_MAX = 200
ADDRESS_MAX = 320


@dataclass(frozen=True, slots=True)
class ContactIds:
    """By which ids an event names its contact."""

    interaction_id: InteractionId | None
    attempt_id: AttemptId | None


def ids_of(event: ContactEvent) -> ContactIds:
    """Return the ids by which to look up the event's contact."""
    if isinstance(event, AttemptStarted):
        return ContactIds(None, event.attempt_id)
    return ContactIds(event.interaction_id, getattr(event, "attempt_id", None))


def names_in(event: ContactEvent) -> frozenset[str]:
    """Return the ids (queue, agent, campaign) whose names the fold of this event needs."""
    fields = ("queue_id", "agent_id", "campaign_id")
    return frozenset(value for name in fields if (value := getattr(event, name, None)))


def fold(
    contact: Contact | None, event: ContactEvent, at: datetime, names: Mapping[str, str]
) -> Contact:
    """Return the contact after the event. `names`: id → name for `names_in(event)`."""
    contact = _joined(contact, event, at)
    for kind in ("queue", "agent", "campaign"):
        given = getattr(event, f"{kind}_id", None)
        if given:
            contact = replace(
                contact,
                **{f"{kind}_id": given, f"{kind}_name": names.get(given, "")[:NAME_MAX]},
            )
    return _detailed(contact, event)


def _joined(contact: Contact | None, event: ContactEvent, at: datetime) -> Contact:
    """Return the contact with the ids of the event, begun when it was unknown."""
    ids = ids_of(event)
    if contact is None:
        from_us = Direction.OUTBOUND if ids.attempt_id else Direction.INBOUND
        return Contact(
            contact_id=str(ids.attempt_id or ids.interaction_id),
            interaction_id=ids.interaction_id,
            attempt_id=ids.attempt_id,
            medium=Medium.EMAIL
            if isinstance(event, MailImported)
            else getattr(event, "medium", Medium.VOICE),
            direction=getattr(event, "direction", from_us),
            at=at,
        )
    return replace(
        contact,
        interaction_id=contact.interaction_id or ids.interaction_id,
        attempt_id=contact.attempt_id or ids.attempt_id,
    )


def _detailed(contact: Contact, event: ContactEvent) -> Contact:
    match event:
        case InteractionArrived() | InteractionRefused():
            refused = isinstance(event, InteractionRefused)
            return replace(
                contact,
                medium=event.medium,
                direction=event.direction,
                address=event.address[:ADDRESS_MAX],
                subject=event.subject or contact.subject,
                outcome=Outcome.REFUSED.value if refused else contact.outcome,
            )
        case InteractionEnded():
            return replace(
                contact,
                outcome=event.outcome.value,
                waited_s=event.waited_s,
                handled_s=event.handled_s,
            )
        case InteractionWrappedUp():
            return replace(contact, disposition=event.disposition, note=event.note)
        case AttemptStarted():
            return replace(contact, address=event.number)
        case AttemptEnded():
            return replace(contact, address=event.number, outcome=event.outcome.value)
        case MailImported():
            return replace(
                contact,
                address=contact.address or event.from_address[:ADDRESS_MAX],
                subject=contact.subject or event.subject,
                thread_id=event.thread_id,
            )
        case RecordingStored():
            return replace(contact, recording_id=event.recording_id)
        case InteractionAccepted():
            return replace(contact, waited_s=event.waited_s)
