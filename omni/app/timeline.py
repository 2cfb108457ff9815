"""The customer's timeline: the customers package asks, the tickets package has it."""

from collections.abc import Sequence

from omni.core.ids import CustomerId
from omni.customers.model import ContactEntry
from omni.tickets.model import Contact
from omni.tickets.ports import TicketStore


class TicketTimeline:
    """`omni.customers.ports.Timeline` over the contacts that tickets keep."""

    def __init__(self, store: TicketStore) -> None:
        self._store = store

    async def of_customer(self, customer_id: CustomerId, limit: int) -> Sequence[ContactEntry]:
        contacts = await self._store.contacts_of_customer(customer_id, limit)
        return [_entry(contact) for contact in contacts]


def _entry(contact: Contact) -> ContactEntry:
    return ContactEntry(
        interaction_id=contact.interaction_id,
        attempt_id=contact.attempt_id,
        medium=contact.medium,
        direction=contact.direction,
        at=contact.at,
        outcome=contact.outcome,
        queue_name=contact.queue_name,
        campaign_name=contact.campaign_name,
        agent_name=contact.agent_name,
        disposition=contact.disposition,
        note=contact.note,
        ticket_id=contact.ticket_id or "",
        ticket_number=contact.ticket_number,
        recording_id=contact.recording_id,
    )
