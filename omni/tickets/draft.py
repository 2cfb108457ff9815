"""What a batch of events does to contacts and tickets: read once, written once at its end.

Rules:
1. It lives as long as the transaction of the batch. What it read it holds locked (tickets) or is
   the only writer of (contacts: the intake is one consumer), so nothing changes behind its back.
2. A search that what is not written yet could change is made after writing it.
3. A new ticket is written at once, because the database gives its number.
"""

from collections.abc import Collection, Iterable, Sequence

from omni.core.ids import CampaignId, CustomerId, TicketId
from omni.tickets.engine.contacts import ContactIds
from omni.tickets.model import AuditLine, Contact, Ticket
from omni.tickets.ports import TicketStore


class Draft:
    """See the module. `read` first, `write` last, `forget` in any case."""

    def __init__(self, store: TicketStore) -> None:
        self._store = store
        self._contacts: dict[str, Contact] = {}
        self._contact_of: dict[str, str] = {}  # by interaction's and attempt's id
        self._new: set[str] = set()
        self._changed: set[str] = set()
        self._tickets: dict[TicketId, Ticket] = {}
        self._touched: set[TicketId] = set()
        self._audit: list[tuple[TicketId, AuditLine]] = []

    async def read(self, contacts: Collection[ContactIds]) -> None:
        """Read these contacts, as far as they exist, and their tickets."""
        if not contacts:
            return
        for contact in await self._store.contacts(contacts):
            self._keep(contact)
        tickets = {one.ticket_id for one in self._contacts.values() if one.ticket_id}
        for ticket in await self._store.locked(tickets):
            self._tickets[ticket.ticket_id] = ticket

    async def write(self) -> None:
        """Write what was changed."""
        new = [self._contacts[one] for one in sorted(self._new)]
        changed = [self._contacts[one] for one in sorted(self._changed - self._new)]
        await self._store.save_contacts(new, changed)
        self._new.clear()
        self._changed.clear()
        await self._write_tickets()

    async def _write_tickets(self) -> None:
        # In the order in which they are locked: two processes never wait for each other.
        await self._store.save_all([self._tickets[one] for one in sorted(self._touched)])
        await self._store.add_audit(self._audit)
        self._touched.clear()
        self._audit.clear()

    def forget(self) -> None:
        """The transaction is over."""
        for held in (self._contacts, self._contact_of, self._new, self._changed):
            held.clear()
        self._tickets.clear()
        self._touched.clear()
        self._audit.clear()

    # ---- contacts

    def contact(self, ids: ContactIds) -> Contact | None:
        """Return one of the contacts that were asked for, by either of its ids."""
        for one in (ids.interaction_id, ids.attempt_id):
            if one is not None and one in self._contact_of:
                return self._contacts[self._contact_of[one]]
        return None

    def save_contact(self, contact: Contact) -> None:
        """Add a contact, or change it."""
        if contact.contact_id not in self._contacts:
            self._new.add(contact.contact_id)
        self._changed.add(contact.contact_id)
        self._keep(contact)

    def _keep(self, contact: Contact) -> None:
        self._contacts[contact.contact_id] = contact
        for one in _names([contact]):
            self._contact_of[one] = contact.contact_id

    async def contacts_of_ticket(self, ticket_id: TicketId) -> Sequence[Contact]:
        """Return a ticket's contacts."""
        await self.write()
        return await self._store.contacts_of_ticket(ticket_id)

    # ---- tickets

    async def add(self, ticket: Ticket) -> Ticket:
        """Store a new ticket and return it with its number."""
        numbered = self._tickets[ticket.ticket_id] = await self._store.add(ticket)
        return numbered

    async def get(self, ticket_id: TicketId) -> Ticket | None:
        """Return a ticket, locked."""
        if ticket_id not in self._tickets:
            return self._held(await self._store.get(ticket_id, lock=True))
        return self._tickets[ticket_id]

    def save(self, ticket: Ticket, audit: Iterable[AuditLine]) -> None:
        """Change a ticket."""
        self._tickets[ticket.ticket_id] = ticket
        self._touched.add(ticket.ticket_id)
        self._audit += [(ticket.ticket_id, line) for line in audit]

    async def of_thread(self, thread_id: str) -> Ticket | None:
        """Return the ticket of a mail thread."""
        await self._write_tickets()
        return self._held(await self._store.of_thread(thread_id))

    async def of_campaign(self, customer_id: CustomerId, campaign_id: CampaignId) -> Ticket | None:
        """Return the customer's ticket of a campaign."""
        await self._write_of(customer_id)
        return self._held(await self._store.of_campaign(customer_id, campaign_id))

    async def newest_waiting(self, customer_id: CustomerId) -> Ticket | None:
        """Return the customer's open or pending ticket touched last."""
        await self._write_of(customer_id)
        return self._held(await self._store.newest_waiting(customer_id))

    async def rename_customer(self, customer_id: CustomerId, name: str) -> None:
        """Change the name on all tickets of a customer."""
        await self._write_tickets()
        await self._store.rename_customer(customer_id, name)
        self._tickets.clear()

    async def _write_of(self, customer_id: CustomerId) -> None:
        if any(self._tickets[one].customer_id == customer_id for one in self._touched):
            await self._write_tickets()

    def _held(self, ticket: Ticket | None) -> Ticket | None:
        if ticket is not None:
            self._tickets[ticket.ticket_id] = ticket
        return ticket


def _names(contacts: Iterable[ContactIds | Contact]) -> set[str]:
    return {one for ids in contacts for one in (ids.interaction_id, ids.attempt_id) if one}
