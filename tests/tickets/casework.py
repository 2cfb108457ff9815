"""A small world for tests: the journal, both consumers, and events by the handful."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from omni.app.journal import PostgresJournal, current_transaction
from omni.app.timeline import TicketTimeline
from omni.core.endpoint import Actor
from omni.core.events.base import Event, Recorded
from omni.core.events.casework import TicketLinked
from omni.core.events.routing import InteractionArrived
from omni.core.ids import (
    CampaignId,
    InteractionId,
    QueueId,
    UserId,
)
from omni.core.journal import BatchHandler, Handler, Transaction
from omni.core.terms import Direction, Medium, Role
from omni.customers.service import CONTACTS, Customers, Parts
from omni.customers.store import PostgresCustomerStore
from omni.tickets.intake import EVENTS, Intake, IntakeParts
from omni.tickets.service import Tickets
from omni.tickets.store import PostgresTicketStore

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@dataclass
class OwnClock:
    """A clock that a test sets."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return (self.at - START).total_seconds()

    async def sleep(self, delay_s: float) -> None:
        self.at += timedelta(seconds=delay_s)


@dataclass
class CountingIdentities:
    """Ids in order: readable in a failing test."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new(self) -> str:
        return f"id{next(self.numbers):024d}"


class DirectBus:
    """Gives `current_transaction`; the world calls the handlers itself."""

    def subscribe(self, name: str, types: object, handler: Handler) -> None:
        raise NotImplementedError

    consume = subscribe

    def consume_together(self, name: str, types: object, handler: BatchHandler) -> None:
        raise NotImplementedError

    def current_transaction(self) -> Transaction:
        return current_transaction()


class World:
    """Journal and consumers; `happen` records an event and lets everybody react to the end."""

    def __init__(self) -> None:
        self.clock = OwnClock()
        self.identities = CountingIdentities()
        self.log: list[Recorded[Event]] = []
        self.journal = PostgresJournal(self.clock, self.log.extend)
        self.ticket_store = PostgresTicketStore()
        bus = DirectBus()
        self.customers = Customers(
            Parts(
                PostgresCustomerStore(),
                TicketTimeline(self.ticket_store),
                self.journal,
                bus,
                self.identities,
            )
        )
        self.intake = Intake(IntakeParts(self.ticket_store, bus, self.identities))
        self.tickets = Tickets(self.ticket_store, self.journal, self.clock, self.identities)
        self._done = 0

    async def happen(self, *events: Event) -> None:
        async with self.journal.transaction() as tx:
            for event in events:
                tx.emit(event)
        while self._done < len(self.log):
            recorded = self.log[self._done]
            self._done += 1
            for types, handler in (
                (CONTACTS, self.customers.on_contacts),
                (EVENTS, self.intake.on_events),
            ):
                if type(recorded.event) in types:
                    async with self.journal.transaction():
                        await handler([recorded])

    def linked(self) -> list[TicketLinked]:
        return [r.event for r in self.log if isinstance(r.event, TicketLinked)]


def arrived(
    interaction_id: str,
    *,
    medium: Medium = Medium.VOICE,
    address: str = "+8613800000001",
    attempt_id: str | None = None,
    campaign_id: str | None = None,
    **more: str,
) -> InteractionArrived:
    return InteractionArrived.model_validate(
        {
            "interaction_id": InteractionId(interaction_id),
            "medium": medium,
            "direction": Direction.OUTBOUND if attempt_id else Direction.INBOUND,
            "queue_id": QueueId("q1"),
            "address": address,
            "attempt_id": attempt_id,
            "campaign_id": CampaignId(campaign_id) if campaign_id else None,
            **more,
        }
    )


def actor(name: str = "Ann Li") -> Actor:
    return Actor(UserId("ann"), name, frozenset({Role.AGENT}))
