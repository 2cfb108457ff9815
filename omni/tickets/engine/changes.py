"""What a person may change on a ticket, and the audit trail of it. Pure."""

from dataclasses import replace
from datetime import datetime

from omni.core.errors import Invalid
from omni.core.ids import AgentId
from omni.tickets.engine.linking import SUBJECT_MAX
from omni.tickets.model import AuditLine, Ticket, TicketChanges

AUDITED = ("state", "subject", "priority", "owner_id", "customer_id")


def apply(ticket: Ticket, changes: TicketChanges, at: datetime) -> Ticket:
    """Return the ticket with the changes; the same value when nothing differs.

    Raises:
        Invalid: `ticket.subject_too_long`.
    """
    subject = ticket.subject
    if changes.subject is not None:
        subject = " ".join(changes.subject.replace("\0", "").split())
        if len(subject) > SUBJECT_MAX:
            raise Invalid("ticket.subject_too_long", max=SUBJECT_MAX)
    owner_id = ticket.owner_id
    if changes.owner_id is not None:
        owner_id = AgentId(changes.owner_id) or None
    changed = replace(
        ticket,
        state=changes.state or ticket.state,
        subject=subject,
        priority=changes.priority or ticket.priority,
        owner_id=owner_id,
    )
    return ticket if changed == ticket else replace(changed, touched_at=at)


def audit(old: Ticket, new: Ticket, by_name: str, at: datetime) -> list[AuditLine]:
    """Return one line for each field that differs."""
    lines = []
    for field in AUDITED:
        before, after = str(getattr(old, field) or ""), str(getattr(new, field) or "")
        if before != after:
            lines.append(AuditLine(at, by_name, field, before, after))
    return lines
