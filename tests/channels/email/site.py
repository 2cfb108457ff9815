"""A small site for the tests of email: a real database and mail server, and an ACD that notes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from omni.acd.model import Arrival, ArrivalResult, Queued, Refused
from omni.app.bus import JournalBus
from omni.app.demo.mailserver import PASSWORD, MailServer
from omni.app.journal import PostgresJournal
from omni.app.keys import KeyRing, new_key
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.channels.email.answer_store import AnswerTable
from omni.channels.email.gateway.html import Nh3Cleaner
from omni.channels.email.gateway.imap import ImapPost
from omni.channels.email.gateway.smtp import SmtpCourier
from omni.channels.email.gateway.templates import JinjaTemplates
from omni.channels.email.model import Mailbox, Security, Server
from omni.channels.email.service.email import Email, Ports
from omni.channels.email.store import PostgresMailStore
from omni.core.errors import Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import MailAnswered
from omni.core.events.routing import (
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOverflowed,
)
from omni.core.ids import (
    AgentId,
    AnswerId,
    EntryPointId,
    GroupId,
    InteractionId,
    MailboxId,
    QueueId,
)
from omni.core.terms import Direction, Medium, Outcome

ANN = AgentId("ann")
QUEUE = QueueId("service")
SUPPORT = "support@shop.example"
CUSTOMER = "zhang@customer.example"
WAIT_S = 60.0


def overflowed(interaction_id: InteractionId, answer_id: AnswerId) -> InteractionOverflowed:
    """Return that a rule says to answer by this template."""
    return InteractionOverflowed(
        interaction_id=interaction_id,
        medium=Medium.EMAIL,
        queue_id=QUEUE,
        rule=0,
        condition="closed",
        limit=0,
        action="answer",
        answer_id=answer_id,
    )


class NotingAcd:
    """Takes arrivals as the ACD does; tests accept and end in its place."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal
        self.arrivals: list[Arrival] = []
        self.wrote: list[InteractionId] = []
        self.refuses = ""
        self.broken = False
        self.answer: AnswerId | None = None  # of the rule that holds for every arrival
        self.opens: datetime | None = None

    def opens_at(self, queue_id: QueueId, now: datetime) -> datetime | None:
        return self.opens

    async def customer_wrote(self, interaction_id: InteractionId) -> None:
        if self.broken:
            raise Unavailable("acd.down", "not now")
        self.wrote.append(interaction_id)

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        if self.broken:
            raise Unavailable("acd.down", "not now")
        known = any(one.interaction_id == arrival.interaction_id for one in self.arrivals)
        if self.refuses:
            return Refused(self.refuses)
        if not known:
            self.arrivals.append(arrival)
            async with self._journal.transaction() as tx:
                tx.emit(
                    InteractionArrived(
                        interaction_id=arrival.interaction_id,
                        medium=Medium.EMAIL,
                        direction=Direction.INBOUND,
                        queue_id=QUEUE,
                        address=arrival.address,
                        subject=arrival.subject,
                    )
                )
                if self.answer is not None:
                    tx.emit(overflowed(arrival.interaction_id, self.answer))
        return Queued(QUEUE)

    async def accept(self, interaction_id: InteractionId, agent_id: AgentId = ANN) -> None:
        async with self._journal.transaction() as tx:
            tx.emit(
                InteractionAccepted(
                    interaction_id=interaction_id,
                    agent_id=agent_id,
                    queue_id=QUEUE,
                    group_id=GroupId("first"),
                    medium=Medium.EMAIL,
                    direction=Direction.INBOUND,
                    waited_s=0,
                )
            )

    async def end(self, interaction_id: InteractionId, agent_id: AgentId | None = ANN) -> None:
        async with self._journal.transaction() as tx:
            tx.emit(
                InteractionEnded(
                    interaction_id=interaction_id,
                    medium=Medium.EMAIL,
                    direction=Direction.INBOUND,
                    queue_id=QUEUE,
                    outcome=Outcome.ANSWERED,
                    agent_id=agent_id,
                )
            )


class Site:
    """Email on a real database and a real mail server."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.journal = PostgresJournal(SystemClock())
        self.bus = JournalBus(self.journal)
        self.events: list[Event] = []
        self.acd = NotingAcd(self.journal)
        self.store = PostgresMailStore(KeyRing([new_key()]))
        self.post = ImapPost()
        self.email = Email(
            Ports(
                self.store,
                self.journal,
                self.acd,
                self.post,
                SmtpCourier(),
                Nh3Cleaner(),
                SystemClock(),
                RandomIdentities(),
                self.bus,
                AnswerTable(),
                JinjaTemplates(),
            )
        )
        self.bus.subscribe("noting", [], self._note)
        self.bus.subscribe("answers", [MailAnswered], self.email.answers.on_answered)
        self.bus.consume("email", self.email.CONSUMES, self.email.on_interaction)

    async def _note(self, recorded: Recorded[Event]) -> None:
        self.events.append(recorded.event)

    def mailbox(self, address: str = SUPPORT) -> Mailbox:
        """Return a mailbox of the server, ready to be saved."""
        return Mailbox(
            mailbox_id=MailboxId(address.partition("@")[0]),
            name=address.partition("@")[0].title(),
            address=address,
            imap=Server(
                "127.0.0.1", self.server.imap_port, Security.NONE, address, PASSWORD, timeout_s=5
            ),
            smtp=Server("127.0.0.1", self.server.smtp_port, Security.NONE, timeout_s=5),
            entry_point_id=EntryPointId("mail"),
            undo_s=0,
        )

    async def save(self, **changes: object) -> Mailbox:
        """Save the support mailbox."""
        mailbox = replace(self.mailbox(), **changes)  # type: ignore[arg-type]
        await self.store.save_mailbox(mailbox)
        return mailbox

    def of(self, kind: type[Event]) -> list[Event]:
        """Return the events of a type so far."""
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, check: Callable[[], Awaitable[bool] | bool], why: str = "") -> None:
        """Wait for something that others bring about."""
        async with asyncio.timeout(WAIT_S):
            while True:
                result = check()
                if result if isinstance(result, bool) else await result:
                    return
                await asyncio.sleep(0.02)

    async def events_of(self, kind: type[Event], count: int) -> list[Event]:
        """Wait until there are so many events of a type and return them."""
        await self.until(lambda: len(self.of(kind)) >= count, kind.TYPE)
        return self.of(kind)


@asynccontextmanager
async def running(server: MailServer | None = None, **changes: object) -> AsyncIterator[Site]:
    """Run email with the support mailbox, as a process does."""
    own = server is None
    if server is None:
        server = MailServer([SUPPORT, "sales@shop.example", CUSTOMER, "li@customer.example"])
        await server.start()
    site = Site(server)
    await site.save(**changes)
    try:
        await site.email.start()
        bus = asyncio.create_task(site.bus.run())
        await site.bus.running.wait()
        work = asyncio.create_task(site.email.run())
        try:
            yield site
        finally:
            for task in (work, bus):
                task.cancel()
            results = await asyncio.gather(work, bus, return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result
    finally:
        if own:
            await server.stop()


def raw_mail(subject: str = "Order 12", text: str = "Where is my order?", **headers: str) -> bytes:
    """Return a simple mail; header names are given with underscores."""
    lines = {
        "From": f"Zhang San <{CUSTOMER}>",
        "To": SUPPORT,
        "Subject": subject,
        "Date": "Sat, 21 Nov 2026 10:00:00 +0000",
        "Message-ID": "<1@customer.example>",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return (head + "\r\n" + text).encode()
