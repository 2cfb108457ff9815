"""Events of customers and tickets."""

from typing import ClassVar

from pydantic import Field

from omni.core.events.base import Event
from omni.core.ids import AgentId, AttemptId, CustomerId, InteractionId, TicketId
from omni.core.terms import Medium


class CustomerIdentified(Event):
    """A contact's address was matched to a customer, known or new.

    Exactly one of `interaction_id` and `attempt_id` is set: an answered attempt is identified
    through its interaction.
    """

    TYPE: ClassVar[str] = "customer.identified"
    KEY: ClassVar[str] = "customer_id"

    customer_id: CustomerId
    name: str
    medium: Medium
    address: str
    new: bool
    interaction_id: InteractionId | None = None
    attempt_id: AttemptId | None = None
    subject: str = ""
    source_seq: int


class CustomerChanged(Event):
    """A customer's own data were edited."""

    TYPE: ClassVar[str] = "customer.changed"
    KEY: ClassVar[str] = "customer_id"

    customer_id: CustomerId
    name: str


class TicketLinked(Event):
    """A contact made (`opened`) or joined a ticket."""

    TYPE: ClassVar[str] = "ticket.linked"
    KEY: ClassVar[str] = "ticket_id"

    ticket_id: TicketId
    number: int
    customer_id: CustomerId
    subject: str
    state: str
    opened: bool
    interaction_id: InteractionId | None = None
    attempt_id: AttemptId | None = None


class TicketChanged(Event):
    """A ticket's fields were changed; `changes` maps field → [old, new] as text."""

    TYPE: ClassVar[str] = "ticket.changed"
    KEY: ClassVar[str] = "ticket_id"

    ticket_id: TicketId
    number: int
    state: str
    by: AgentId | None = None
    changes: dict[str, tuple[str, str]] = Field(default_factory=dict)
