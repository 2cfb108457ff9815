"""What the customers service needs from outside."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from omni.core.ids import CustomerId
from omni.customers.model import Address, ContactEntry, Customer


class CustomerStore(Protocol):
    """Customers and their addresses. Calls take part in the transaction they are made in."""

    async def find_or_create(
        self, address: Address | None, candidate: Customer
    ) -> tuple[Customer, bool]:
        """Return the address's owner and whether it is new (then it is `candidate`).

        Two callers with one new address at once get the same customer. A known customer without a
        name takes the candidate's.
        """
        ...

    async def known(self, addresses: Collection[Address]) -> Mapping[Address, Customer]:
        """Return the owners of these addresses, as far as they have one."""
        ...

    async def get(self, customer_id: CustomerId, *, lock: bool = False) -> Customer | None:
        """Return a customer; with `lock`, held until the end of the transaction."""
        ...

    async def save(self, customer: Customer) -> None:
        """Write a customer's fields and exact list of addresses.

        Raises:
            Conflict: `customer.address_taken`; nothing is written.
        """
        ...

    async def search(self, text: str, *, offset: int, limit: int) -> tuple[Sequence[Customer], int]:
        """Return a page of customers whose name, organisation or address contains `text`, newest
        first, and how many there are in all."""
        ...


class Timeline(Protocol):
    """Where a customer's contacts are kept (the tickets package; joined in `omni.app`)."""

    async def of_customer(self, customer_id: CustomerId, limit: int) -> Sequence[ContactEntry]:
        """Return the newest contacts over all media, newest first."""
        ...
