"""Customers in PostgreSQL.

That an address has one owner is a unique constraint: the loser of a race waits for the winner's
commit (INSERT … ON CONFLICT DO NOTHING) and then reads the winner's row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q, Subquery
from tortoise.models import Model

from omni.core.errors import Conflict
from omni.core.ids import CustomerId
from omni.customers.model import Address, AddressKind, Customer


class CustomerRecord(Model):
    """One customer."""

    customer_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=200, default="")
    organisation = fields.CharField(max_length=200, default="")
    note = fields.TextField(default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "customer"
        indexes: ClassVar = [("created_at",)]


class CustomerAddressRecord(Model):
    """One address of a customer."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=8)
    value = fields.CharField(max_length=320)
    customer_id = fields.CharField(max_length=26, db_index=True)

    class Meta:
        table = "customer_address"
        unique_together: ClassVar = [("kind", "value")]


_OWNER = """
SELECT customer_id, name, organisation, note, created_at FROM customer
WHERE customer_id = (SELECT customer_id FROM customer_address WHERE kind = $1 AND value = $2)
"""
_OWNERS = """
SELECT kind, value, customer_id, name, organisation, note, created_at
FROM customer_address JOIN customer USING (customer_id)
WHERE (kind, value) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
_NAME = "UPDATE customer SET name = $2 WHERE customer_id = $1"
_INSERT = """
INSERT INTO customer (customer_id, name, organisation, note, created_at) VALUES ($1, $2, $3, $4, $5)
"""
_CLAIM = """
INSERT INTO customer_address (kind, value, customer_id) VALUES ($1, $2, $3)
ON CONFLICT (kind, value) DO NOTHING RETURNING id
"""


class PostgresCustomerStore:
    """`CustomerStore` over Tortoise."""

    async def find_or_create(
        self, address: Address | None, candidate: Customer
    ) -> tuple[Customer, bool]:
        if address is None:
            await _insert(candidate)
            return candidate, True
        found = await _rows(_OWNER, address.kind.value, address.value)
        if not found:
            if await _claimed(address, candidate.customer_id):
                await _insert(candidate)
                return candidate, True
            found = await _rows(_OWNER, address.kind.value, address.value)
        [row] = found
        if not row["name"] and candidate.name:
            row["name"] = candidate.name
            await _rows(_NAME, row["customer_id"], candidate.name)
        return Customer(**row), False

    async def known(self, addresses: Collection[Address]) -> Mapping[Address, Customer]:
        columns = [one.kind.value for one in addresses], [one.value for one in addresses]
        rows = await _rows(_OWNERS, *columns) if addresses else []
        return {
            Address(AddressKind(row.pop("kind")), row.pop("value")): Customer(**row) for row in rows
        }

    async def get(self, customer_id: CustomerId, *, lock: bool = False) -> Customer | None:
        query = CustomerRecord.filter(customer_id=customer_id)
        record = await (query.select_for_update() if lock else query).first()
        if record is None:
            return None
        return (await _with_addresses([record]))[0]

    async def save(self, customer: Customer) -> None:
        await CustomerRecord.filter(customer_id=customer.customer_id).update(
            name=customer.name, organisation=customer.organisation, note=customer.note
        )
        present = await CustomerAddressRecord.filter(customer_id=customer.customer_id)
        have = {Address(AddressKind(row.kind), row.value): row for row in present}
        gone = [row.id for address, row in have.items() if address not in customer.addresses]
        if gone:
            await CustomerAddressRecord.filter(id__in=gone).delete()
        try:
            for address in customer.addresses:
                if address not in have:
                    await _address_record(address, customer.customer_id).save()
        except IntegrityError as exc:
            raise Conflict(
                "customer.address_taken", "The address belongs to another customer."
            ) from exc

    async def search(self, text: str, *, offset: int, limit: int) -> tuple[Sequence[Customer], int]:
        query = CustomerRecord.all()
        if text:
            owners = CustomerAddressRecord.filter(value__icontains=text).values("customer_id")
            query = query.filter(
                Q(name__icontains=text)
                | Q(organisation__icontains=text)
                | Q(customer_id__in=Subquery(owners))
            )
        total = await query.count()
        records = await query.order_by("-created_at", "-customer_id").offset(offset).limit(limit)
        return await _with_addresses(records), total


async def _rows(statement: str, *values: object) -> list[dict[str, Any]]:
    # `execute_query` gives no rows for a statement that begins with INSERT.
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(
        statement, list(values)
    )
    return rows


async def _claimed(address: Address, customer_id: str) -> bool:
    """Make the address this customer's; False when it has become somebody's in the meantime."""
    return bool(await _rows(_CLAIM, address.kind.value, address.value, customer_id))


async def _insert(customer: Customer) -> None:
    await _rows(
        _INSERT,
        customer.customer_id,
        customer.name,
        customer.organisation,
        customer.note,
        customer.created_at,
    )


def _address_record(address: Address, customer_id: str) -> CustomerAddressRecord:
    return CustomerAddressRecord(
        kind=address.kind.value, value=address.value, customer_id=customer_id
    )


async def _with_addresses(records: Sequence[CustomerRecord]) -> list[Customer]:
    ids = [record.customer_id for record in records]
    rows = await CustomerAddressRecord.filter(customer_id__in=ids).order_by("id") if ids else []
    return [
        _value(record, (r for r in rows if r.customer_id == record.customer_id))
        for record in records
    ]


def _value(record: CustomerRecord, rows: Iterable[CustomerAddressRecord]) -> Customer:
    return Customer(
        customer_id=CustomerId(record.customer_id),
        name=record.name,
        organisation=record.organisation,
        note=record.note,
        created_at=record.created_at,
        addresses=tuple(Address(AddressKind(row.kind), row.value) for row in rows),
    )
