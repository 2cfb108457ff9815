"""The email channel as one thing: built from its ports, started, run, told of events."""

import asyncio
from dataclasses import dataclass

from omni.channels.email.model import Mailbox
from omni.channels.email.ports import (
    Acd,
    AnswerStore,
    Cleaner,
    Courier,
    MailStore,
    Post,
    Templates,
)
from omni.channels.email.service.answers import AnswerParts, Answers
from omni.channels.email.service.conversation import Conversation
from omni.channels.email.service.dispatch import FOLLOWED, Dispatch
from omni.channels.email.service.intake import Intake
from omni.channels.email.service.mailboxes import Mailboxes, Watch
from omni.channels.email.service.outbox import Outbox
from omni.channels.email.service.reading import Reading
from omni.channels.email.service.replies import Parts, Replies
from omni.core.clock import Clock, Identities
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import InteractionOverflowed
from omni.core.journal import Bus, Journal


@dataclass(frozen=True, slots=True)
class Ports:
    """What the channel is built from."""

    store: MailStore
    journal: Journal
    routing: Acd
    post: Post
    courier: Courier
    cleaner: Cleaner
    clock: Clock
    identities: Identities
    bus: Bus
    answers: AnswerStore
    templates: Templates


class Email:
    """Mails in, mails out. `start` it, keep `run` running, give it the events of `CONSUMES`.

    `on_interaction` must be a durable consumer (it writes).
    """

    CONSUMES: tuple[type[Event], ...] = (*FOLLOWED, InteractionOverflowed)

    def __init__(self, ports: Ports) -> None:
        store, journal, clock = ports.store, ports.journal, ports.clock
        self._dispatch = Dispatch(store, journal, ports.routing, clock, ports.identities)
        self.intake = Intake(store, journal, clock, ports.identities)
        self.intake.imported = self._dispatch.wake
        self.outbox = Outbox(store, journal, ports.courier, clock)
        self.replies = Replies(Parts(store, journal, self.outbox, clock, ports.identities))
        self.answers = Answers(
            AnswerParts(
                store,
                ports.answers,
                journal,
                ports.bus,
                ports.routing,
                ports.templates,
                self.outbox,
                clock,
                ports.identities,
            )
        )
        self.conversation = Conversation(store, ports.cleaner)
        self.mailboxes = Mailboxes(store, self.outbox, ports.identities)
        self.reading = Reading(store, journal, ports.post, self.intake, clock)
        self._watch = Watch(store, self._work)
        self.mailboxes.changed = self._watch.renew

    async def start(self) -> None:
        """Settle what an earlier process left half done. After this you must keep `run` running."""
        await self.answers.start()
        await self.outbox.recover()

    async def run(self) -> None:
        """Read and send until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._dispatch.run(), name="mail:dispatch")
            tasks.create_task(self._watch.run(), name="mail:watch")

    async def _work(self, mailbox: Mailbox) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.reading.run(mailbox), name=f"mail:in:{mailbox.mailbox_id}")
            tasks.create_task(self.outbox.run(mailbox), name=f"mail:out:{mailbox.mailbox_id}")

    async def on_interaction(self, recorded: Recorded[Event]) -> None:
        """Follow an interaction; runs in the consumer's transaction."""
        await self._dispatch.follow(recorded)
        await self.answers.overflowed(recorded)
