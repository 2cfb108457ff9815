"""What people do with tickets."""

import pytest

from omni.core.endpoint import Call
from omni.core.errors import Invalid, NotFound
from omni.core.events.casework import TicketChanged
from omni.core.events.routing import AgentSaved
from omni.core.ids import AgentId, TicketId
from omni.tickets.api import TicketPage, TicketPatch, TicketQuery, endpoints
from omni.tickets.model import Ticket, TicketChanges, TicketPriority, TicketSearch, TicketState
from omni.tickets.service import NOTE_MAX
from tests.tickets.casework import World, actor, arrived


@pytest.fixture
async def world(database: str) -> World:
    world = World()
    await world.happen(
        AgentSaved(agent_id=AgentId("ann"), name="Ann Li"),
        arrived("i1", name="Wang Wei", subject="100% broken_lamp"),
        arrived("i2", name="Zhao Min", address="+8613800000002", subject="退货"),
    )
    return world


async def first(world: World) -> Ticket:
    return (await world.tickets.view(world.linked()[0].ticket_id)).ticket


async def test_a_change_is_written_audited_and_told(world: World) -> None:
    ticket = await first(world)
    wanted = TicketChanges(TicketState.PENDING, " New  lamp ", TicketPriority.HIGH, "ann")
    await world.tickets.change(ticket.ticket_id, wanted, actor())
    view = await world.tickets.view(ticket.ticket_id)
    assert (view.ticket.subject, view.ticket.owner_id) == ("New lamp", "ann")
    assert {(line.field, line.old, line.new, line.by_name) for line in view.audit} == {
        ("state", "open", "pending", "Ann Li"),
        ("subject", "100% broken_lamp", "New lamp", "Ann Li"),
        ("priority", "normal", "high", "Ann Li"),
        ("owner_id", "", "ann", "Ann Li"),
    }
    event = world.log[-1].event
    assert isinstance(event, TicketChanged)
    assert event.by == "ann"
    assert event.changes["state"] == ("open", "pending")
    await world.tickets.change(ticket.ticket_id, TicketChanges(owner_id=""), actor())
    assert (await first(world)).owner_id is None


async def test_what_changes_nothing_tells_nothing(world: World) -> None:
    ticket, told = await first(world), len(world.log)
    await world.tickets.change(ticket.ticket_id, TicketChanges(TicketState.OPEN), actor())
    assert (await first(world), len(world.log)) == (ticket, told)


async def test_what_makes_no_sense_is_refused(world: World) -> None:
    ticket = await first(world)
    for wanted in (TicketChanges(owner_id="nobody"), TicketChanges(subject="x" * 301)):
        with pytest.raises(Invalid):
            await world.tickets.change(ticket.ticket_id, wanted, actor())
    for text in (" \0 ", "x" * (NOTE_MAX + 1)):
        with pytest.raises(Invalid):
            await world.tickets.add_note(ticket.ticket_id, text, actor())
    with pytest.raises(NotFound):
        await world.tickets.view(TicketId("none"))
    assert await first(world) == ticket


async def test_notes_are_kept_in_order(world: World) -> None:
    ticket = await first(world)
    await world.tickets.add_note(ticket.ticket_id, "one", actor())
    await world.tickets.add_note(ticket.ticket_id, "two", actor())
    view = await world.tickets.view(ticket.ticket_id)
    assert [(note.text, note.by_name) for note in view.notes] == [
        ("one", "Ann Li"),
        ("two", "Ann Li"),
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [2, 1]),
        ("#2", [2]),
        ("退", [2]),
        ("wang", [1]),
        ("100%", [1]),
        ("n_l", [1]),
        ("_", [1]),
        ("9" * 40, []),
    ],
)
async def test_search_takes_numbers_words_and_signs_as_they_are(
    world: World, text: str, numbers: list[int]
) -> None:
    found, total = await world.tickets.search(TicketSearch(text))
    assert ([ticket.number for ticket in found], total) == (numbers, len(numbers))


async def test_the_api_shows_what_the_service_has(world: World) -> None:
    table = {(row.method, row.path): row for row in endpoints(world.tickets)}
    listed = await table["GET", "/api/tickets"].handler(
        Call(actor(), query=TicketQuery(state=TicketState.OPEN))
    )
    assert [ticket.number for ticket in listed.tickets] == [2, 1]
    path = {"ticket_id": listed.tickets[1].ticket_id}
    patch = TicketPatch(state=TicketState.SOLVED)
    page = await table["PATCH", "/api/tickets/{ticket_id}"].handler(Call(actor(), path, body=patch))
    assert isinstance(page, TicketPage)
    assert page.ticket.state is TicketState.SOLVED
    assert [contact.interaction_id for contact in page.contacts] == ["i1"]
