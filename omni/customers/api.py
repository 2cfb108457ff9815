"""The HTTP API of customers."""

from datetime import datetime

from pydantic import Field

from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import CustomerId
from omni.customers.model import Address, AddressKind, ContactEntry, Customer, CustomerChanges
from omni.customers.service import PAGE_SIZE, Customers


class CustomerAddress(Wire):
    """One address of a customer."""

    kind: AddressKind
    value: str


class CustomerBody(Wire):
    """One customer."""

    customer_id: CustomerId
    name: str
    organisation: str
    note: str
    created_at: datetime


class CustomerRow(CustomerBody):
    """A customer in a list."""

    addresses: list[CustomerAddress]


class CustomerList(Wire):
    """A page of customers. `total`: how many match in all."""

    customers: list[CustomerRow]
    page: int
    page_size: int
    total: int


class CustomerPage(Wire):
    """All about one customer; `contacts` newest first."""

    customer: CustomerBody
    addresses: list[CustomerAddress]
    contacts: list[ContactEntry]


class CustomerQuery(Wire):
    """`q`: part of a name, organisation or address."""

    q: str = Field(default="", max_length=200)
    page: int = Field(default=1, ge=1, le=100_000)


class CustomerPatch(Wire):
    """What shall change; a field left out stays. `addresses`: the whole list as it shall be."""

    name: str | None = None
    organisation: str | None = None
    note: str | None = None
    addresses: list[CustomerAddress] | None = None


def _body(customer: Customer) -> CustomerBody:
    return CustomerBody(
        customer_id=customer.customer_id,
        name=customer.name,
        organisation=customer.organisation,
        note=customer.note,
        created_at=customer.created_at,
    )


def _addresses(customer: Customer) -> list[CustomerAddress]:
    return [CustomerAddress(kind=a.kind, value=a.value) for a in customer.addresses]


def endpoints(customers: Customers) -> list[Endpoint]:
    """Return the rows of the API that this package serves."""

    async def search(call: Call) -> CustomerList:
        found, total = await customers.search(call.query.q, call.query.page)
        rows = [
            CustomerRow(**_body(customer).model_dump(), addresses=_addresses(customer))
            for customer in found
        ]
        return CustomerList(customers=rows, page=call.query.page, page_size=PAGE_SIZE, total=total)

    async def show(customer: Customer) -> CustomerPage:
        contacts = await customers.contacts(customer.customer_id)
        return CustomerPage(
            customer=_body(customer), addresses=_addresses(customer), contacts=list(contacts)
        )

    async def get(call: Call) -> CustomerPage:
        return await show(await customers.get(CustomerId(call.path["customer_id"])))

    async def change(call: Call) -> CustomerPage:
        patch: CustomerPatch = call.body
        wanted = None
        if patch.addresses is not None:
            wanted = tuple(Address(a.kind, a.value) for a in patch.addresses)
        changes = CustomerChanges(patch.name, patch.organisation, patch.note, wanted)
        customer_id = CustomerId(call.path["customer_id"])
        return await show(await customers.change(customer_id, changes))

    one = "/api/customers/{customer_id}"
    return [
        Endpoint(
            "GET",
            "/api/customers",
            "Search customers.",
            search,
            query=CustomerQuery,
            result=CustomerList,
        ),
        Endpoint("GET", one, "Show a customer with all contacts.", get, result=CustomerPage),
        Endpoint(
            "PATCH", one, "Change a customer.", change, body=CustomerPatch, result=CustomerPage
        ),
    ]
