"""Events taken in together leave what they leave one by one."""

import random

import pytest
from tortoise.connection import get_connection

from omni.core.events.base import Event, Recorded
from omni.core.events.casework import (
    CustomerChanged,
    CustomerIdentified,
    TicketChanged,
    TicketLinked,
)
from omni.core.ids import CustomerId
from omni.core.terms import AttemptOutcome, Medium, Outcome
from omni.tickets.intake import EVENTS
from tests.tickets.casework import START, World, arrived
from tests.tickets.test_intake import attempt_ended, ended, mail, started, wrapped_up

TABLES = ("ticket", "ticket_contact", "ticket_audit", "ticket_thread")
NUMBERS = ("+8613800000001", "+8613800000002")
LIVES = 14


def story(rng: random.Random) -> list[Event]:
    """Return contacts of two customers by telephone and mail, their events mixed."""
    lives: list[list[Event]] = []
    for n in range(LIVES):
        attempt, interaction, number = f"a{n}", f"i{n}", rng.choice(NUMBERS)
        worked = [ended(interaction, rng.choice(list(Outcome))), wrapped_up(interaction)]
        answered = arrived(interaction, address=number, attempt_id=attempt, campaign_id="c1")
        lives.append(
            rng.choice(
                [
                    [started(attempt, number), attempt_ended(attempt, AttemptOutcome.BUSY)],
                    [started(attempt, number), answered, *worked],
                    [arrived(interaction, address=number), *worked],
                    [
                        arrived(interaction, medium=Medium.EMAIL, address="li@example.org"),
                        mail(interaction, f"t{n % 2}"),
                    ],
                ]
            )
        )
    told: list[Event] = []
    while lives:
        life = rng.choice(lives)
        told.append(life.pop(0))
        if not life:
            lives.remove(life)
    told.insert(
        rng.randrange(len(told)), CustomerChanged(customer_id=CustomerId(f"id{1:024d}"), name="Li")
    )
    return told


async def left() -> dict[str, list[str]]:
    """Return the rows of all tables, with the numbers of tickets for their ids."""
    connection = get_connection("default")
    tables = {one: await connection.execute_query_dict(f"SELECT * FROM {one}") for one in TABLES}
    number_of = {row["ticket_id"]: row["number"] for row in tables["ticket"]}
    for row in (row for rows in tables.values() for row in rows):
        row["ticket_id"] = number_of.get(row["ticket_id"])
        row.pop("id", None)
    return {one: sorted(map(str, rows)) for one, rows in tables.items()}


def made(world: World) -> list[str]:
    """Return what the intake has told, without the ids of tickets."""
    told = [r.event for r in world.log if isinstance(r.event, TicketLinked | TicketChanged)]
    return [str(event.model_copy(update={"ticket_id": ""})) for event in told]


@pytest.mark.parametrize("seed", range(6))
async def test_a_batch_leaves_what_single_events_leave(database: str, seed: int) -> None:
    rng = random.Random(seed)
    world = World()
    await world.happen(*story(rng))
    alone = await left()
    rest = [recorded for recorded in world.log if type(recorded.event) in EVENTS]
    tables = ", ".join([*TABLES, "ticket_number"])
    await get_connection("default").execute_script(f"TRUNCATE {tables} RESTART IDENTITY")
    again = World()
    while rest:
        size = rng.randint(5, 40)
        async with again.journal.transaction():
            await again.intake.on_events(rest[:size])
        rest = rest[size:]
    assert await left() == alone
    assert made(again) == made(world)
    assert len(alone["ticket_contact"]) == LIVES


async def test_a_customer_renamed_between_two_events_keeps_the_new_name(database: str) -> None:
    world = World()
    await world.happen(arrived("i1"))
    [linked] = world.linked()
    renamed = CustomerChanged(customer_id=CustomerId(linked.customer_id), name="Li")
    told = [ended("i1", Outcome.ANSWERED), renamed, wrapped_up("i1")]
    async with world.journal.transaction():
        await world.intake.on_events([Recorded(99, START, event) for event in told])
    assert (await world.tickets.view(linked.ticket_id)).ticket.customer_name == "Li"


async def test_contacts_of_a_new_caller_that_come_together_are_one_customers(database: str) -> None:
    world = World()
    told = [arrived("i1"), arrived("i2", name="Li"), arrived("i3")]
    told.append(arrived("i4", address=NUMBERS[1]))
    async with world.journal.transaction():
        batch = [Recorded(seq, START, event) for seq, event in enumerate(told, start=1)]
        await world.customers.on_contacts(batch)
    said = [r.event for r in world.log if isinstance(r.event, CustomerIdentified)]
    assert [event.new for event in said] == [True, False, False, True]
    assert [event.name for event in said] == ["", "Li", "Li", ""]
    assert len({event.customer_id for event in said[:3]}) == 1
    assert said[0].customer_id != said[3].customer_id
