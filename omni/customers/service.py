"""Recognise the customer behind every contact, and keep what is known of them.

A durable consumer: it hears of each contact in order and answers each with one
`CustomerIdentified`, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from omni.core.clock import Identities
from omni.core.errors import NotFound
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import CustomerChanged, CustomerIdentified
from omni.core.events.outbound import AttemptStarted
from omni.core.events.routing import InteractionArrived, InteractionRefused
from omni.core.ids import CustomerId
from omni.core.journal import Bus, Journal
from omni.core.terms import Medium
from omni.customers.engine import apply, presentable, recognisable
from omni.customers.model import Address, ContactEntry, Customer, CustomerChanges
from omni.customers.ports import CustomerStore, Timeline

PAGE_SIZE = 50
TIMELINE_LIMIT = 200

CONTACTS: tuple[type[Event], ...] = (InteractionArrived, InteractionRefused, AttemptStarted)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is built from."""

    store: CustomerStore
    timeline: Timeline
    journal: Journal
    bus: Bus
    identities: Identities


class Customers:
    """The people we are in contact with."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def on_contacts(self, batch: Sequence[Recorded[Event]]) -> None:
        """Say who is behind each contact. For `bus.consume_together(…, CONTACTS, …)`."""
        reached = [(one, recognisable(*_reached(one.event))) for one in batch]
        known = dict(await self._parts.store.known({found for _, found in reached if found}))
        for recorded, found in reached:
            await self._identify(recorded, found, known)

    async def _identify(
        self, recorded: Recorded[Event], found: Address | None, known: dict[Address, Customer]
    ) -> None:
        event = recorded.event
        assert isinstance(event, InteractionArrived | InteractionRefused | AttemptStarted)
        candidate = Customer(
            customer_id=CustomerId(self._parts.identities.new()),
            name=presentable(event.name),
            organisation="",
            note="",
            created_at=recorded.at,
        )
        customer, new = known.get(found) if found else None, False
        if customer is None or (candidate.name and not customer.name):
            customer, new = await self._parts.store.find_or_create(found, candidate)
        if found:
            known[found] = customer
        attempt = isinstance(event, AttemptStarted)
        self._parts.bus.current_transaction().emit(
            CustomerIdentified(
                customer_id=customer.customer_id,
                name=customer.name,
                medium=_reached(event)[0],
                address=found.value if found else "",
                new=new,
                interaction_id=None if isinstance(event, AttemptStarted) else event.interaction_id,
                attempt_id=event.attempt_id if isinstance(event, AttemptStarted) else None,
                subject="" if attempt else getattr(event, "subject", ""),
                source_seq=recorded.seq,
            )
        )

    async def search(self, text: str, page: int) -> tuple[Sequence[Customer], int]:
        """Return page `page` (from 1) of the customers matching `text`, and the total."""
        return await self._parts.store.search(
            text.strip(), offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )

    async def get(self, customer_id: CustomerId) -> Customer:
        """Return one customer. Raises `NotFound`."""
        customer = await self._parts.store.get(customer_id)
        if customer is None:
            raise NotFound("customer.unknown", "There is no such customer.")
        return customer

    async def contacts(self, customer_id: CustomerId) -> Sequence[ContactEntry]:
        """Return the newest contacts of a customer over all media, newest first."""
        return await self._parts.timeline.of_customer(customer_id, TIMELINE_LIMIT)

    async def change(self, customer_id: CustomerId, changes: CustomerChanges) -> Customer:
        """Change what is known of a customer.

        Raises:
            NotFound, Invalid: see `engine.apply`.
            Conflict: `customer.address_taken`: the address is another customer's.
        """
        async with self._parts.journal.transaction() as tx:
            customer = await self._parts.store.get(customer_id, lock=True)
            if customer is None:
                raise NotFound("customer.unknown", "There is no such customer.")
            changed = apply(customer, changes)
            if changed != customer:
                await self._parts.store.save(changed)
                tx.emit(CustomerChanged(customer_id=customer_id, name=changed.name))
        return changed


def _reached(event: Event) -> tuple[Medium, str]:
    if isinstance(event, InteractionArrived | InteractionRefused):
        return event.medium, event.address
    assert isinstance(event, AttemptStarted)
    return Medium.VOICE, event.number
