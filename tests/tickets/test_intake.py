"""Every contact gets a ticket: the rules of `engine.linking` through the real database."""

import asyncio
from datetime import timedelta

import pytest

from omni.app.bus import JournalBus
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import TicketLinked
from omni.core.events.messages import MailImported
from omni.core.events.outbound import AttemptEnded, AttemptStarted, CampaignSaved
from omni.core.events.routing import (
    AgentSaved,
    InteractionAccepted,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
    QueueSaved,
)
from omni.core.events.voice import RecordingStored
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    ContactId,
    CustomerId,
    GroupId,
    InteractionId,
    MailboxId,
    MailId,
    QueueId,
    RecordingId,
)
from omni.core.terms import AttemptOutcome, Direction, Medium, Outcome
from omni.customers.service import CONTACTS
from omni.tickets.intake import EVENTS
from omni.tickets.model import Contact, TicketChanges, TicketSearch, TicketState
from tests.tickets.casework import World, actor, arrived


@pytest.fixture
async def world(database: str) -> World:
    world = World()
    await world.happen(
        QueueSaved(queue_id=QueueId("q1"), name="Sales"),
        AgentSaved(agent_id=AgentId("ann"), name="Ann Li"),
        CampaignSaved(
            campaign_id=CampaignId("c1"),
            name="Spring",
            queue_id=QueueId("q1"),
            mode="predictive",
            state="running",
            drop_limit_pct=3,
        ),
    )
    return world


def started(attempt: str, number: str = "+8613800000001", campaign: str = "c1") -> Event:
    return AttemptStarted(
        attempt_id=AttemptId(attempt),
        campaign_id=CampaignId(campaign),
        contact_id=ContactId("k1"),
        number=number,
        name="Wang Wei",
    )


def attempt_ended(attempt: str, outcome: AttemptOutcome, interaction: str | None = None) -> Event:
    return AttemptEnded(
        attempt_id=AttemptId(attempt),
        campaign_id=CampaignId("c1"),
        contact_id=ContactId("k1"),
        number="+8613800000001",
        outcome=outcome,
        interaction_id=InteractionId(interaction) if interaction else None,
    )


def ended(interaction: str, outcome: Outcome, medium: Medium = Medium.VOICE) -> Event:
    return InteractionEnded(
        interaction_id=InteractionId(interaction),
        medium=medium,
        direction=Direction.INBOUND,
        queue_id=QueueId("q1"),
        outcome=outcome,
        waited_s=4.0,
        handled_s=60.0,
    )


def wrapped_up(interaction: str, disposition: str = "sale", note: str = "") -> Event:
    return InteractionWrappedUp(
        interaction_id=InteractionId(interaction),
        agent_id=AgentId("ann"),
        queue_id=QueueId("q1"),
        medium=Medium.VOICE,
        direction=Direction.INBOUND,
        disposition=disposition,
        note=note,
    )


def mail(interaction: str, thread: str, *, joins: bool = False, subject: str = "Lamp") -> Event:
    return MailImported(
        mail_id=MailId(f"mail-{interaction}"),
        mailbox_id=MailboxId("box"),
        interaction_id=InteractionId(interaction),
        thread_id=thread,
        from_address="Li@Example.org",
        from_name="Li",
        subject=subject,
        preview="",
        sent_at=None,
        attachments=0,
        joins=joins,
    )


async def contact_of(world: World, interaction: str) -> Contact:
    customers, _ = await world.customers.search("", 1)
    for customer in customers:
        for contact in await world.tickets.of_customer(customer.customer_id, 100):
            if contact.interaction_id == interaction:
                return contact
    raise AssertionError(f"no contact {interaction}")


async def test_an_answered_call_is_told_whole_on_its_ticket(world: World) -> None:
    await world.happen(arrived("i1", name="Wang Wei", subject="Order 7"))
    await world.happen(
        InteractionAccepted(
            interaction_id=InteractionId("i1"),
            agent_id=AgentId("ann"),
            queue_id=QueueId("q1"),
            group_id=GroupId("g"),
            medium=Medium.VOICE,
            direction=Direction.INBOUND,
            waited_s=4.0,
        ),
        ended("i1", Outcome.ANSWERED),
        wrapped_up("i1", "sale", "wants two"),
        RecordingStored(
            recording_id=RecordingId("r1"),
            interaction_id=InteractionId("i1"),
            call_id=CallId("call"),
            size_bytes=1,
            length_s=1.0,
        ),
    )
    [link] = world.linked()
    assert (link.number, link.opened, link.subject) == (1, True, "Order 7")
    view = await world.tickets.view(link.ticket_id)
    [contact] = view.contacts
    assert (contact.queue_name, contact.agent_name) == ("Sales", "Ann Li")
    assert (contact.outcome, contact.disposition, contact.note) == ("answered", "sale", "wants two")
    assert (contact.recording_id, contact.ticket_number) == ("r1", 1)
    assert view.ticket.customer_name == "Wang Wei"


async def test_a_second_call_within_the_window_joins_and_a_later_one_opens(world: World) -> None:
    await world.happen(arrived("i1"))
    world.clock.at += timedelta(days=6)
    await world.happen(arrived("i2"))
    world.clock.at += timedelta(days=6)  # counted from the last touch
    await world.happen(arrived("i3"))
    world.clock.at += timedelta(days=8)
    await world.happen(arrived("i4"))
    assert [(link.number, link.opened) for link in world.linked()] == [
        (1, True),
        (1, False),
        (1, False),
        (2, True),
    ]


async def test_refused_abandoned_and_withheld_contacts_have_tickets(world: World) -> None:
    refused = InteractionRefused(
        interaction_id=InteractionId("i1"),
        medium=Medium.CHAT,
        direction=Direction.INBOUND,
        address="visitor1",
        reason="closed",
    )
    await world.happen(refused, arrived("i2", address=""), arrived("i3", address=""))
    await world.happen(ended("i2", Outcome.ABANDONED))
    assert [link.number for link in world.linked()] == [1, 2, 3]
    assert len({link.customer_id for link in world.linked()}) == 3
    assert (await contact_of(world, "i1")).outcome == "refused"
    assert (await contact_of(world, "i2")).outcome == "abandoned"
    assert await world.tickets.contacts_without_ticket() == 0


async def test_attempts_of_a_campaign_share_a_ticket_that_waits_for_the_dialer(
    world: World,
) -> None:
    await world.happen(started("a1"), attempt_ended("a1", AttemptOutcome.BUSY))
    await world.happen(started("a2"), attempt_ended("a2", AttemptOutcome.NO_ANSWER))
    assert [(link.number, link.attempt_id) for link in world.linked()] == [(1, "a1"), (1, "a2")]
    ticket = (await world.tickets.view(world.linked()[0].ticket_id)).ticket
    assert (ticket.state, ticket.subject) == (TicketState.PENDING, "Spring")
    await world.happen(started("a3", campaign="c2"))
    assert world.linked()[-1].number == 2


async def test_an_answered_attempt_and_its_interaction_are_one_contact(world: World) -> None:
    await world.happen(started("a1"))
    await world.happen(arrived("i1", attempt_id="a1", campaign_id="c1"))
    first, second = world.linked()
    assert (first.attempt_id, first.interaction_id) == ("a1", None)
    assert (second.attempt_id, second.interaction_id) == (None, "i1")
    assert first.ticket_id == second.ticket_id
    assert (await world.tickets.view(first.ticket_id)).ticket.state is TicketState.OPEN
    await world.happen(
        attempt_ended("a1", AttemptOutcome.ANSWERED, "i1"),
        ended("i1", Outcome.ANSWERED),
        wrapped_up("i1"),
    )
    view = await world.tickets.view(first.ticket_id)
    [contact] = view.contacts
    assert (contact.attempt_id, contact.interaction_id) == ("a1", "i1")
    assert view.ticket.state is TicketState.SOLVED
    assert [(line.field, line.new) for line in view.audit] == [
        ("state", "open"),
        ("state", "solved"),
    ]


@pytest.mark.parametrize("mail_first", [True, False])
async def test_a_mail_joins_its_threads_ticket_whatever_comes_first(
    world: World, mail_first: bool
) -> None:
    async def comes(name: str, thread: str) -> None:
        events = [
            mail(name, thread),
            arrived(name, medium=Medium.EMAIL, address="li@example.org", subject="Lamp"),
        ]
        for event in events if mail_first else reversed(events):
            await world.happen(event)

    await comes("i1", "t1")
    await world.tickets.change(
        world.linked()[0].ticket_id, TicketChanges(state=TicketState.CLOSED), actor()
    )
    await comes("i2", "t1")
    await comes("i3", "t2")
    assert (await contact_of(world, "i1")).ticket_number == 1
    assert (await contact_of(world, "i2")).ticket_number == 1
    assert (await contact_of(world, "i3")).ticket_number not in (0, 1)
    first = await world.tickets.view(world.linked()[0].ticket_id)
    assert first.ticket.state is TicketState.OPEN
    found, _ = await world.tickets.search(TicketSearch(state=TicketState.OPEN))
    assert len(found) == 2
    assert await world.tickets.contacts_without_ticket() == 0


async def test_a_further_mail_of_a_conversation_opens_a_solved_ticket_again(world: World) -> None:
    await world.happen(arrived("i1", medium=Medium.EMAIL, address="li@example.org"))
    await world.happen(mail("i1", "t1"))
    ticket_id = world.linked()[0].ticket_id
    await world.tickets.change(ticket_id, TicketChanges(state=TicketState.SOLVED), actor())
    await world.happen(mail("i1", "t1", joins=True))
    assert (await world.tickets.view(ticket_id)).ticket.state is TicketState.OPEN
    assert len(world.linked()) == 1


async def test_a_repeated_event_changes_nothing(world: World) -> None:
    await world.happen(started("a1"))
    before = await world.tickets.view(world.linked()[0].ticket_id)
    async with world.journal.transaction():
        await world.intake.on_events([world.log[-3]])
    assert await world.tickets.view(before.ticket.ticket_id) == before


async def test_a_contact_that_no_consumer_has_seen_is_counted_as_missing(world: World) -> None:
    await world.happen(arrived("i1"))
    async with world.journal.transaction() as tx:
        tx.emit(arrived("i2"))
        tx.emit(started("a9"))
    assert await world.tickets.contacts_without_ticket() == 2


async def test_the_customers_page_shows_one_timeline_over_all_media(world: World) -> None:
    await world.happen(started("a1"), attempt_ended("a1", AttemptOutcome.MACHINE))
    world.clock.at += timedelta(hours=1)
    await world.happen(arrived("i1"))
    customer_id = CustomerId(world.linked()[0].customer_id)
    entries = await world.customers.contacts(customer_id)
    assert [(e.interaction_id, e.attempt_id, e.outcome) for e in entries] == [
        ("i1", None, ""),
        (None, "a1", "machine"),
    ]
    assert entries[1].campaign_name == "Spring"


async def test_both_consumers_work_behind_the_real_bus(world: World) -> None:
    bus = JournalBus(world.journal)
    bus.consume_together("customers", CONTACTS, world.customers.on_contacts)
    bus.consume_together("tickets", EVENTS, world.intake.on_events)
    linked = asyncio.Event()
    seen: list[Recorded[Event]] = []

    async def on_linked(recorded: Recorded[Event]) -> None:
        seen.append(recorded)
        if len(seen) == 20:
            linked.set()

    bus.subscribe("test", [TicketLinked], on_linked)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bus.run())
        await bus.running.wait()
        for number in range(20):
            async with world.journal.transaction() as tx:
                tx.emit(arrived(f"i{number}", address=f"+86138000000{number % 4}"))
        async with asyncio.timeout(20):
            await linked.wait()
        running.cancel()
    assert await world.tickets.contacts_without_ticket() == 0
    assert (await world.customers.search("", 1))[1] == 4
