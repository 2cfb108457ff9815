"""Which ticket a contact belongs to, and what the contact does to the ticket's state. Pure.

Rules, the first that fits decides:
1. An answered attempt and its interaction share the ticket: the contact has it already.
2. A mail joins the ticket of its thread, whatever that ticket's state.
3. A campaign's attempts on one customer share one ticket per campaign.
4. Any other inbound call or chat joins the customer's ticket touched last, if that waits for
   somebody (open, pending) and was touched within the window.
5. Otherwise the contact opens a ticket.

States: a campaign's ticket is pending (the dialer works on it) until a person is reached; what an
agent wrapped up in a campaign is solved. Every other contact needs us: the ticket is open, and a
solved or closed one is opened again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.core.ids import CustomerId, TicketId
from omni.core.terms import Medium, Outcome
from omni.tickets.model import Contact, Ticket, TicketPriority, TicketState

SUBJECT_MAX = 300
WAITING = frozenset({TicketState.OPEN, TicketState.PENDING})


@dataclass(frozen=True, slots=True)
class Candidates:
    """The tickets a contact might join, as far as they exist."""

    of_thread: Ticket | None = None
    of_campaign: Ticket | None = None
    newest: Ticket | None = None  # the customer's, touched last, waiting for somebody


def choose(
    contact: Contact, candidates: Candidates, at: datetime, window: timedelta
) -> Ticket | None:
    """Return the ticket a contact without one joins; None: it opens one."""
    if contact.medium is Medium.EMAIL:
        return candidates.of_thread
    if contact.campaign_id is not None:
        return candidates.of_campaign
    newest = candidates.newest
    if newest is None or newest.state not in WAITING or at - newest.touched_at > window:
        return None
    return newest


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new ticket starts from besides its contact."""

    ticket_id: TicketId
    customer_id: CustomerId
    customer_name: str
    subject: str


def open_ticket(opening: Opening, contact: Contact, at: datetime) -> Ticket:
    """Return the ticket that a contact opens, still without a number."""
    return Ticket(
        ticket_id=opening.ticket_id,
        number=0,
        customer_id=opening.customer_id,
        customer_name=opening.customer_name,
        subject=subject_of(contact, opening.subject),
        state=TicketState.PENDING if by_dialer(contact) else TicketState.OPEN,
        priority=TicketPriority.NORMAL,
        owner_id=None,
        campaign_id=contact.campaign_id,
        opened_at=at,
        touched_at=at,
    )


def join(ticket: Ticket, contact: Contact, at: datetime) -> Ticket:
    """Return the ticket after a contact has joined it."""
    touched = replace(ticket, touched_at=max(at, ticket.touched_at))
    if by_dialer(contact):
        return touched
    return replace(touched, state=TicketState.OPEN)


def finished(ticket: Ticket, contact: Contact, at: datetime) -> Ticket:
    """Return the ticket after its contact got its outcome or its disposition."""
    touched = replace(ticket, touched_at=max(at, ticket.touched_at))
    if contact.campaign_id is None or contact.interaction_id is None:
        return touched
    if contact.disposition and ticket.state in WAITING:
        return replace(touched, state=TicketState.SOLVED)
    if contact.outcome == Outcome.DROPPED:
        return replace(touched, state=TicketState.PENDING)
    return touched


def by_dialer(contact: Contact) -> bool:
    """Tell whether nobody but the dialer has had to do with the contact so far."""
    return contact.attempt_id is not None and contact.interaction_id is None


def subject_of(contact: Contact, given: str = "") -> str:
    """Return what a new ticket is called: the mail's or chat's subject, or the campaign's name.

    "" when there is nothing to say; the browser then shows the medium in the reader's language.
    """
    text = given or contact.subject or contact.campaign_name
    return " ".join(text.replace("\0", "").split())[:SUBJECT_MAX]
