"""What the tickets package knows: tickets, the contacts that belong to them, notes, audit.

Rules:
1. Every contact of every medium has a ticket: also missed, refused, dropped and unanswered ones.
2. An answered attempt and the interaction it became are one contact with two ids.
3. A ticket has a number that people can say; the id is for programs.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    CustomerId,
    InteractionId,
    QueueId,
    RecordingId,
    TicketId,
)
from omni.core.terms import Direction, Medium


class TicketState(StrEnum):
    """What the ticket waits for."""

    OPEN = "open"  # for us
    PENDING = "pending"  # for the customer, or for the dialer's next attempt
    SOLVED = "solved"  # for nothing; a new contact of the same matter opens it again
    CLOSED = "closed"  # for nothing, for good: only its own mail thread or campaign reaches it


class TicketPriority(StrEnum):
    """How much it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One matter of one customer. `number` is 0 until the store has given one."""

    ticket_id: TicketId
    number: int
    customer_id: CustomerId
    customer_name: str
    subject: str
    state: TicketState
    priority: TicketPriority
    owner_id: AgentId | None
    campaign_id: CampaignId | None
    opened_at: datetime
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with a customer, as a ticket and a timeline show it.

    `contact_id` is the attempt's id when there was an attempt, else the interaction's. Names are
    those at the time. `outcome` is "" while the contact goes on.
    """

    contact_id: str
    interaction_id: InteractionId | None
    attempt_id: AttemptId | None
    medium: Medium
    direction: Direction
    at: datetime
    address: str = ""
    subject: str = ""
    thread_id: str = ""
    queue_id: QueueId | None = None
    queue_name: str = ""
    campaign_id: CampaignId | None = None
    campaign_name: str = ""
    agent_id: AgentId | None = None
    agent_name: str = ""
    outcome: str = ""
    waited_s: float = 0.0
    handled_s: float = 0.0
    disposition: str = ""
    note: str = ""
    recording_id: RecordingId | None = None
    customer_id: CustomerId | None = None
    ticket_id: TicketId | None = None
    ticket_number: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person wrote on a ticket."""

    note_id: str
    at: datetime
    by_id: AgentId
    by_name: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One field of a ticket was changed. `by_name` is "" when a rule of ours did it."""

    at: datetime
    by_name: str
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TicketChanges:
    """What a person wants changed; None leaves a field as it is, `owner_id` "" takes it away."""

    state: TicketState | None = None
    subject: str | None = None
    priority: TicketPriority | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class TicketSearch:
    """Which tickets a list shows. `text`: a number, or part of a subject or customer's name."""

    text: str = ""
    state: TicketState | None = None
    offset: int = 0
    limit: int = 50
