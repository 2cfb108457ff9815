"""Give every contact a ticket: a durable consumer of the events of contacts.

It hears `InteractionArrived`, `AttemptStarted` … (which say what the contact is), then the
customers' answer `CustomerIdentified` (which says whose it is), and then links. All in the order of
the journal and in the transaction of the bus, so that nothing is linked twice. Events that come
together are handled on a `Draft`, which asks the database a few times for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.core.clock import Identities
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import (
    CustomerChanged,
    CustomerIdentified,
    TicketChanged,
    TicketLinked,
)
from omni.core.events.messages import MailImported
from omni.core.events.outbound import AttemptEnded, AttemptStarted, CampaignSaved
from omni.core.events.routing import (
    AgentSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
    QueueSaved,
)
from omni.core.events.voice import RecordingStored
from omni.core.ids import TicketId
from omni.core.journal import Bus
from omni.tickets.draft import Draft
from omni.tickets.engine import changes, contacts, linking
from omni.tickets.engine.contacts import ContactEvent, ContactIds
from omni.tickets.model import AuditLine, Contact, Ticket, TicketState
from omni.tickets.ports import TicketStore

EVENTS: tuple[type[Event], ...] = (
    InteractionArrived,
    InteractionRefused,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
    AttemptStarted,
    AttemptEnded,
    MailImported,
    RecordingStored,
    CustomerIdentified,
    CustomerChanged,
    AgentSaved,
    QueueSaved,
    CampaignSaved,
)

DEFAULT_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What the intake is built from. `window`: see rule 4 of `engine.linking`."""

    store: TicketStore
    bus: Bus
    identities: Identities
    window: timedelta = DEFAULT_WINDOW


class Intake:
    """The consumer."""

    def __init__(self, parts: IntakeParts) -> None:
        self._store = parts.store  # of names
        self._draft = Draft(parts.store)
        self._bus = parts.bus
        self._identities = parts.identities
        self._window = parts.window
        self._names: dict[str, str] = {}

    async def on_events(self, batch: Sequence[Recorded[Event]]) -> None:
        """Take in events. For `bus.consume_together(…, EVENTS, …)`."""
        try:
            await self._draft.read([ids for one in batch if (ids := _contact_in(one.event))])
            for recorded in batch:
                await self._take_in(recorded)
            await self._draft.write()
        finally:
            self._draft.forget()

    async def _take_in(self, recorded: Recorded[Event]) -> None:
        event = recorded.event
        match event:
            case AgentSaved():
                await self._named(event.agent_id, event.name)
            case QueueSaved():
                await self._named(event.queue_id, event.name)
            case CampaignSaved():
                await self._named(event.campaign_id, event.name)
            case CustomerChanged():
                await self._draft.rename_customer(event.customer_id, event.name)
            case CustomerIdentified():
                await self._identified(event, recorded.at)
            case _ if isinstance(event, ContactEvent):
                await self._contact(event, recorded.at)
            case _:
                pass

    async def _named(self, thing_id: str, name: str) -> None:
        await self._store.set_name(thing_id, name)
        self._names.pop(thing_id, None)

    async def _name(self, thing_id: str) -> str:
        """Return how an agent, queue or campaign is called, from memory after the first time."""
        if thing_id not in self._names:
            self._names[thing_id] = (await self._store.names([thing_id])).get(thing_id, "")
        return self._names[thing_id]

    async def _contact(self, event: ContactEvent, at: datetime) -> None:
        known = self._draft.contact(contacts.ids_of(event))
        if known is None and isinstance(event, RecordingStored):
            return  # a recording of nothing that we know: there is no contact to show it on
        names = {one: await self._name(one) for one in contacts.names_in(event)}
        contact = contacts.fold(known, event, at, names)
        if contact != known:
            self._draft.save_contact(contact)
        if contact.ticket_id is None:
            return
        if isinstance(event, MailImported):
            await self._mail(contact, contact.ticket_id, at)
        elif isinstance(event, AttemptEnded | InteractionEnded | InteractionWrappedUp):
            await self._finished(contact, contact.ticket_id, at)

    async def _identified(self, event: CustomerIdentified, at: datetime) -> None:
        contact = self._draft.contact(_identified_in(event))
        if contact is None:
            return  # nothing arrived under these ids
        contact = replace(contact, customer_id=event.customer_id)
        ticket = await self._ticket_of(contact, event, at)
        opened = ticket.number == 0
        if opened:
            ticket = await self._draft.add(ticket)
        else:
            self._save(ticket, linking.join(ticket, contact, at), at)
        if contact.thread_id:
            await self._store.set_thread(contact.thread_id, ticket.ticket_id)
        self._link(contact, ticket, opened)

    async def _ticket_of(self, contact: Contact, event: CustomerIdentified, at: datetime) -> Ticket:
        """Return the ticket the contact has, joins, or opens (then its number is still 0)."""
        if contact.ticket_id is not None:
            ticket = await self._draft.get(contact.ticket_id)
            if ticket is not None:
                return ticket
        found = linking.choose(contact, await self._candidates(contact), at, self._window)
        if found is not None:
            return found
        opening = linking.Opening(
            TicketId(self._identities.new()), event.customer_id, event.name, event.subject
        )
        return linking.open_ticket(opening, contact, at)

    async def _candidates(self, contact: Contact) -> linking.Candidates:
        if contact.thread_id:
            return linking.Candidates(of_thread=await self._draft.of_thread(contact.thread_id))
        if contact.customer_id is None:
            return linking.Candidates()
        if contact.campaign_id is not None:
            ticket = await self._draft.of_campaign(contact.customer_id, contact.campaign_id)
            return linking.Candidates(of_campaign=ticket)
        return linking.Candidates(newest=await self._draft.newest_waiting(contact.customer_id))

    async def _mail(self, contact: Contact, ticket_id: TicketId, at: datetime) -> None:
        """A mail of a contact that has a ticket: it counts as a touch, or shows where it belongs.

        The thread's ticket wins over one that the contact opened before its thread was known.
        """
        of_thread = await self._draft.of_thread(contact.thread_id)
        if of_thread is None or of_thread.ticket_id == ticket_id:
            await self._store.set_thread(contact.thread_id, ticket_id)
            ticket = await self._draft.get(ticket_id)
            if ticket is not None:
                self._save(ticket, linking.join(ticket, contact, at), at)
            return
        self._save(of_thread, linking.join(of_thread, contact, at), at)
        self._link(contact, of_thread, opened=False)
        left = await self._draft.get(ticket_id)
        if left is not None and not await self._draft.contacts_of_ticket(ticket_id):
            merged = AuditLine(at, "", "merged_into", "", str(of_thread.number))
            self._draft.save(replace(left, state=TicketState.CLOSED), [merged])

    async def _finished(self, contact: Contact, ticket_id: TicketId, at: datetime) -> None:
        ticket = await self._draft.get(ticket_id)
        if ticket is not None:
            self._save(ticket, linking.finished(ticket, contact, at), at)

    def _save(self, old: Ticket, new: Ticket, at: datetime) -> None:
        lines = changes.audit(old, new, "", at)
        self._draft.save(new, lines)
        if lines:
            self._bus.current_transaction().emit(
                TicketChanged(
                    ticket_id=new.ticket_id,
                    number=new.number,
                    state=new.state.value,
                    changes={line.field: (line.old, line.new) for line in lines},
                )
            )

    def _link(self, contact: Contact, ticket: Ticket, opened: bool) -> None:
        linked = replace(contact, ticket_id=ticket.ticket_id, ticket_number=ticket.number)
        self._draft.save_contact(linked)
        self._bus.current_transaction().emit(
            TicketLinked(
                ticket_id=ticket.ticket_id,
                number=ticket.number,
                customer_id=ticket.customer_id,
                subject=ticket.subject,
                state=ticket.state.value,
                opened=opened,
                interaction_id=contact.interaction_id,
                attempt_id=None if contact.interaction_id else contact.attempt_id,
            )
        )


def _contact_in(event: Event) -> ContactIds | None:
    if isinstance(event, CustomerIdentified):
        return _identified_in(event)
    return contacts.ids_of(event) if isinstance(event, ContactEvent) else None


def _identified_in(event: CustomerIdentified) -> ContactIds:
    return ContactIds(event.interaction_id, event.attempt_id)
