"""Customers are recognised by their addresses, each of which has one owner."""

import asyncio

import pytest

from omni.core.endpoint import Call
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.casework import CustomerIdentified
from omni.core.ids import CustomerId
from omni.core.terms import Medium
from omni.customers.api import CustomerPatch, CustomerQuery, endpoints
from omni.customers.model import Address, AddressKind, Customer, CustomerChanges
from omni.customers.store import CustomerAddressRecord, CustomerRecord, PostgresCustomerStore
from tests.tickets.casework import START, World, actor, arrived


@pytest.fixture
async def world(database: str) -> World:
    return World()


def identified(world: World) -> list[CustomerIdentified]:
    return [r.event for r in world.log if isinstance(r.event, CustomerIdentified)]


async def test_a_known_address_is_the_same_customer_and_learns_the_name(world: World) -> None:
    await world.happen(arrived("i1", medium=Medium.EMAIL, address="Li@Example.ORG"))
    await world.happen(arrived("i2", medium=Medium.EMAIL, address="li@example.org", name="Li\tNa"))
    first, second = identified(world)
    assert (first.new, second.new) == (True, False)
    assert first.customer_id == second.customer_id
    assert (first.name, second.name, second.address) == ("", "LiNa", "li@example.org")


async def test_two_contacts_of_one_new_customer_at_once_make_one_customer(world: World) -> None:
    store = PostgresCustomerStore()
    address = Address(AddressKind.PHONE, "+8613800000009")
    inside = asyncio.Barrier(2)

    async def contact(number: int) -> tuple[CustomerId, bool]:
        candidate = Customer(CustomerId(f"c{number}"), "", "", "", START)
        async with world.journal.transaction():
            await inside.wait()
            customer, new = await store.find_or_create(address, candidate)
        return customer.customer_id, new

    for _ in range(5):
        results = await asyncio.gather(contact(1), contact(2))
        assert len({customer_id for customer_id, _ in results}) == 1
        assert sorted(new for _, new in results) == [False, True]
        assert await CustomerRecord.all().count() == 1
        await CustomerRecord.all().delete()
        await CustomerAddressRecord.all().delete()


async def test_changes_are_kept_and_an_address_cannot_be_taken_from_another(world: World) -> None:
    await world.happen(arrived("i1"), arrived("i2", address="+8613800000002"))
    one, two = (event.customer_id for event in identified(world))
    mail = Address(AddressKind.EMAIL, " LI@example.org ")
    wanted = CustomerChanges(
        "Li Na", "Lamps & Co", "likes tea", (Address(AddressKind.PHONE, "+8613800000001"), mail)
    )
    await world.customers.change(one, wanted)
    customer = await world.customers.get(one)
    assert (customer.name, customer.organisation, customer.note) == (
        "Li Na",
        "Lamps & Co",
        "likes tea",
    )
    assert customer.addresses[1].value == "li@example.org"
    before = await world.customers.get(two)
    with pytest.raises(Conflict):
        await world.customers.change(two, CustomerChanges(name="Thief", addresses=(mail,)))
    assert await world.customers.get(two) == before


@pytest.mark.parametrize(
    "wanted",
    [
        CustomerChanges(name="x" * 201),
        CustomerChanges(addresses=(Address(AddressKind.PHONE, " "),)),
        CustomerChanges(
            addresses=tuple(Address(AddressKind.PHONE, str(number)) for number in range(51))
        ),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, wanted: CustomerChanges) -> None:
    await world.happen(arrived("i1"))
    customer_id = identified(world)[0].customer_id
    before = await world.customers.get(customer_id)
    with pytest.raises(Invalid):
        await world.customers.change(customer_id, wanted)
    with pytest.raises(NotFound):
        await world.customers.change(CustomerId("none"), CustomerChanges())
    assert await world.customers.get(customer_id) == before


async def test_the_api_finds_by_name_and_address_and_shows_the_timeline(world: World) -> None:
    await world.happen(
        arrived("i1", name="Wang Wei"), arrived("i2", address="+8613900000002", name="李娜")
    )
    table = {(row.method, row.path): row for row in endpoints(world.customers)}
    search = table["GET", "/api/customers"].handler
    for text, names in (("", ["李娜", "Wang Wei"]), ("李", ["李娜"]), ("1380000", ["Wang Wei"])):
        found = await search(Call(actor(), query=CustomerQuery(q=text)))
        assert sorted(row.name for row in found.customers) == sorted(names)
    path = {"customer_id": identified(world)[0].customer_id}
    page = await table["GET", "/api/customers/{customer_id}"].handler(Call(actor(), path))
    assert [(entry.interaction_id, entry.ticket_number) for entry in page.contacts] == [("i1", 1)]
    patch = CustomerPatch(note="polite")
    page = await table["PATCH", "/api/customers/{customer_id}"].handler(
        Call(actor(), path, body=patch)
    )
    assert (page.customer.note, page.customer.name) == ("polite", "Wang Wei")
