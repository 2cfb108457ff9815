"""What the customers package knows: a person, the addresses they use, their contacts with us.

Rules:
1. An address (kind, value) belongs to exactly one customer; the database refuses a second one.
2. A customer without any address is a contact that withheld it: each such contact is its own
   customer, because nothing says that two withheld numbers are one person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omni.core.endpoint import Wire
from omni.core.ids import AttemptId, CustomerId, InteractionId, RecordingId
from omni.core.terms import Direction, Medium


class AddressKind(StrEnum):
    """What sort of address identifies a customer."""

    PHONE = "phone"  # E.164
    EMAIL = "email"  # lower case
    VISITOR = "visitor"  # id of a website visitor


@dataclass(frozen=True, slots=True)
class Address:
    """One way to recognise a customer."""

    kind: AddressKind
    value: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A person (or household, or firm) who has been in contact with us."""

    customer_id: CustomerId
    name: str
    organisation: str
    note: str
    created_at: datetime
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerChanges:
    """What a person wants changed; None leaves a field as it is.

    `addresses` is the whole list as it shall be.
    """

    name: str | None = None
    organisation: str | None = None
    note: str | None = None
    addresses: tuple[Address, ...] | None = None


class ContactEntry(Wire):
    """One line of a customer's timeline over all media.

    Exactly one of the two ids is None, except for an answered attempt, which has both. `outcome`
    is "" while the contact goes on.
    """

    interaction_id: InteractionId | None
    attempt_id: AttemptId | None
    medium: Medium
    direction: Direction
    at: datetime
    outcome: str
    queue_name: str
    campaign_name: str
    agent_name: str
    disposition: str
    note: str
    ticket_id: str
    ticket_number: int
    recording_id: RecordingId | None
