"""The HTTP API of tickets."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    CustomerId,
    InteractionId,
    RecordingId,
    TicketId,
)
from omni.core.terms import Direction, Medium
from omni.tickets.model import (
    Contact,
    Ticket,
    TicketChanges,
    TicketPriority,
    TicketSearch,
    TicketState,
)
from omni.tickets.service import Tickets, TicketView

PAGE_SIZE = 50


class TicketBody(Wire):
    """One ticket."""

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


class TicketList(Wire):
    """A page of tickets, touched last first. `total`: how many match in all."""

    tickets: list[TicketBody]
    page: int
    page_size: int
    total: int


class TicketContact(Wire):
    """One contact of a ticket. `outcome` is "" while it goes on."""

    interaction_id: InteractionId | None
    attempt_id: AttemptId | None
    customer_id: CustomerId | None
    medium: Medium
    direction: Direction
    at: datetime
    address: str
    subject: str
    outcome: str
    waited_s: float
    handled_s: float
    queue_name: str
    campaign_name: str
    agent_name: str
    disposition: str
    note: str
    recording_id: RecordingId | None


class TicketNote(Wire):
    """Something a person wrote on a ticket."""

    note_id: str
    at: datetime
    by_name: str
    text: str


class TicketAuditLine(Wire):
    """A field was changed. `by_name` is "" when a rule did it."""

    at: datetime
    by_name: str
    field: str
    old: str
    new: str


class TicketPage(Wire):
    """All about one ticket: contacts newest first, notes and audit oldest first."""

    ticket: TicketBody
    contacts: list[TicketContact]
    notes: list[TicketNote]
    audit: list[TicketAuditLine]


class TicketQuery(Wire):
    """`q`: a number, or part of a subject or customer's name."""

    q: str = Field(default="", max_length=200)
    state: TicketState | None = None
    page: int = Field(default=1, ge=1, le=100_000)


class TicketPatch(Wire):
    """What shall change; a field left out stays. `owner_id` "" takes the owner away."""

    state: TicketState | None = None
    subject: str | None = None
    priority: TicketPriority | None = None
    owner_id: str | None = None


class NoteBody(Wire):
    """The text of a note."""

    text: str


def _list(tickets: Sequence[Ticket], query: TicketQuery, total: int) -> TicketList:
    rows = [TicketBody.model_validate(ticket, from_attributes=True) for ticket in tickets]
    return TicketList(tickets=rows, page=query.page, page_size=PAGE_SIZE, total=total)


def _page(view: TicketView) -> TicketPage:
    return TicketPage(
        ticket=TicketBody.model_validate(view.ticket, from_attributes=True),
        contacts=[_contact(contact) for contact in view.contacts],
        notes=[TicketNote.model_validate(note, from_attributes=True) for note in view.notes],
        audit=[TicketAuditLine.model_validate(line, from_attributes=True) for line in view.audit],
    )


def _contact(contact: Contact) -> TicketContact:
    return TicketContact.model_validate(contact, from_attributes=True)


def endpoints(tickets: Tickets) -> list[Endpoint]:
    """Return the rows of the API that this package serves."""

    async def search(call: Call) -> TicketList:
        query: TicketQuery = call.query
        wanted = TicketSearch(query.q, query.state, (query.page - 1) * PAGE_SIZE, PAGE_SIZE)
        found, total = await tickets.search(wanted)
        return _list(found, query, total)

    async def get(call: Call) -> TicketPage:
        return _page(await tickets.view(TicketId(call.path["ticket_id"])))

    async def change(call: Call) -> TicketPage:
        patch: TicketPatch = call.body
        ticket_id = TicketId(call.path["ticket_id"])
        wanted = TicketChanges(patch.state, patch.subject, patch.priority, patch.owner_id)
        await tickets.change(ticket_id, wanted, call.actor)
        return _page(await tickets.view(ticket_id))

    async def note(call: Call) -> TicketPage:
        ticket_id = TicketId(call.path["ticket_id"])
        await tickets.add_note(ticket_id, call.body.text, call.actor)
        return _page(await tickets.view(ticket_id))

    one = "/api/tickets/{ticket_id}"
    return [
        Endpoint(
            "GET", "/api/tickets", "Search tickets.", search, query=TicketQuery, result=TicketList
        ),
        Endpoint(
            "GET", one, "Show a ticket with contacts, notes and history.", get, result=TicketPage
        ),
        Endpoint("PATCH", one, "Change a ticket.", change, body=TicketPatch, result=TicketPage),
        Endpoint(
            "POST",
            f"{one}/notes",
            "Write a note on a ticket.",
            note,
            body=NoteBody,
            result=TicketPage,
        ),
    ]
