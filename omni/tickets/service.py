"""What people do with tickets: list, read, change, note; and the proof that none is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from omni.core.clock import Clock, Identities
from omni.core.endpoint import Actor
from omni.core.errors import Invalid, NotFound
from omni.core.events.casework import TicketChanged
from omni.core.events.outbound import AttemptStarted
from omni.core.events.routing import InteractionArrived, InteractionRefused
from omni.core.ids import AttemptId, CustomerId, InteractionId, TicketId
from omni.core.journal import Journal
from omni.tickets.engine import changes
from omni.tickets.model import AuditLine, Contact, Note, Ticket, TicketChanges, TicketSearch
from omni.tickets.ports import TicketStore

NOTE_MAX = 10_000
AUDIT_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with all that hangs on it; contacts newest first, notes and audit oldest first."""

    ticket: Ticket
    contacts: Sequence[Contact]
    notes: Sequence[Note]
    audit: Sequence[AuditLine]


class Tickets:
    """The matters of our customers."""

    def __init__(
        self, store: TicketStore, journal: Journal, clock: Clock, identities: Identities
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._identities = identities

    async def search(self, wanted: TicketSearch) -> tuple[Sequence[Ticket], int]:
        """Return a page of tickets, touched last first, and how many match in all."""
        return await self._store.search(wanted)

    async def view(self, ticket_id: TicketId) -> TicketView:
        """Return one ticket with contacts, notes and audit trail. Raises `NotFound`."""
        ticket = await self._get(ticket_id)
        return TicketView(
            ticket,
            await self._store.contacts_of_ticket(ticket_id),
            await self._store.notes(ticket_id),
            await self._store.audit(ticket_id),
        )

    async def change(self, ticket_id: TicketId, wanted: TicketChanges, actor: Actor) -> Ticket:
        """Change a ticket and write the audit trail.

        Raises:
            NotFound, Invalid: nothing is changed.
        """
        if wanted.owner_id and wanted.owner_id not in await self._store.names([wanted.owner_id]):
            raise Invalid("ticket.owner_unknown", "There is no such agent.")
        now = self._clock.now()
        async with self._journal.transaction() as tx:
            ticket = await self._get(ticket_id, lock=True)
            changed = changes.apply(ticket, wanted, now)
            lines = changes.audit(ticket, changed, actor.name, now)
            if lines:
                await self._store.save(changed, lines)
                tx.emit(
                    TicketChanged(
                        ticket_id=ticket_id,
                        number=changed.number,
                        state=changed.state.value,
                        by=actor.agent_id,
                        changes={line.field: (line.old, line.new) for line in lines},
                    )
                )
        return changed

    async def add_note(self, ticket_id: TicketId, text: str, actor: Actor) -> Note:
        """Write a note on a ticket. Raises `NotFound`, `Invalid`."""
        text = text.replace("\0", "").strip()
        if not text:
            raise Invalid("ticket.note_empty", "The note is empty.")
        if len(text) > NOTE_MAX:
            raise Invalid("ticket.note_too_long", max=NOTE_MAX)
        note = Note(self._identities.new(), self._clock.now(), actor.agent_id, actor.name, text)
        async with self._journal.transaction() as tx:
            ticket = await self._get(ticket_id, lock=True)
            await self._store.add_note(ticket_id, note)
            tx.emit(
                TicketChanged(
                    ticket_id=ticket_id,
                    number=ticket.number,
                    state=ticket.state.value,
                    by=actor.agent_id,
                    changes={"notes": ("", note.note_id)},
                )
            )
        return note

    async def of_customer(self, customer_id: CustomerId, limit: int) -> Sequence[Contact]:
        """Return a customer's newest contacts over all media, newest first."""
        return await self._store.contacts_of_customer(customer_id, limit)

    async def contacts_without_ticket(self, after_seq: int = 0) -> int:
        """Return how many contacts in the journal have no ticket: 0 once consumers are level.

        Reads the journal itself, not our own contacts: one that we missed would count. Grows with
        the history read; for checks and demonstrations.
        """
        types = [InteractionArrived.TYPE, InteractionRefused.TYPE, AttemptStarted.TYPE]
        missing = 0
        interactions: set[InteractionId] = set()
        attempts: set[AttemptId] = set()
        async for recorded in self._journal.read(after_seq, types=types):
            event = recorded.event
            if isinstance(event, InteractionArrived | InteractionRefused):
                interactions.add(event.interaction_id)
            elif isinstance(event, AttemptStarted):
                attempts.add(event.attempt_id)
            if len(interactions) + len(attempts) >= AUDIT_BATCH:
                missing += await self._missing(interactions, attempts)
                interactions, attempts = set(), set()
        return missing + await self._missing(interactions, attempts)

    async def _missing(self, interactions: set[InteractionId], attempts: set[AttemptId]) -> int:
        linked = await self._store.linked(interactions, attempts)
        return len({*interactions, *attempts} - linked)

    async def _get(self, ticket_id: TicketId, *, lock: bool = False) -> Ticket:
        ticket = await self._store.get(ticket_id, lock=lock)
        if ticket is None:
            raise NotFound("ticket.unknown", "There is no such ticket.")
        return ticket
