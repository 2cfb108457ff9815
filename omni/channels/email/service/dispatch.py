"""Bringing imported mails to the ACD and the desks, and following what becomes of interactions.

Rules:
1. A mail is stored first and announced after: whatever is stored and not announced (`routed_at`
   empty) is announced sooner or later, also after a crash. The ACD takes a repeated arrival as one.
2. Announced in order of import; an interaction's first mail is brought to the ACD before any of its
   mails is announced, and what was set aside is back before its next mail is. One that the ACD
   cannot take now is tried again and holds up no other.
3. A mail that came when its interaction was just ending is not lost with it: mails announced after
   the end get an interaction of their own.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from omni.acd.model import Arrival, Refused
from omni.channels.email.engine.plain import preview
from omni.channels.email.model import Handling, StoredMail
from omni.channels.email.ports import MailStore, Routing
from omni.core.clock import Clock, Identities
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import MailImported
from omni.core.events.routing import (
    InteractionAccepted,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
)
from omni.core.ids import AgentId, InteractionId
from omni.core.journal import Journal
from omni.core.terms import Direction, Medium

log = logging.getLogger(__name__)

BATCH = 64  # mails brought to the ACD at a time: it writes arrivals that come together in one go
LOOK_S = 2.0  # how often mails that could not be announced are looked for

FOLLOWED: tuple[type[Event], ...] = (
    InteractionAccepted,
    InteractionEnded,
    InteractionRefused,
    InteractionWrappedUp,
)


class Dispatch:
    """Announces mails. `wake` after an import; `follow` is a durable consumer of `FOLLOWED`."""

    def __init__(
        self,
        store: MailStore,
        journal: Journal,
        routing: Routing,
        clock: Clock,
        identities: Identities,
    ) -> None:
        self._store = store
        self._journal = journal
        self._routing = routing
        self._clock = clock
        self._identities = identities
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Look for imported mails now."""
        self._news.set()

    async def run(self) -> None:
        """Announce mails until cancelled."""
        while True:
            self._news.clear()
            try:
                while await self.announce():
                    pass
            except Exception:  # the database is away: what is stored stays to be announced
                log.exception("announcing mails failed; trying again")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()

    async def announce(self) -> bool:
        """Bring the oldest stored mails to the ACD and the desks.

        Returns:
            Whether there may be more that could be announced at once.
        """
        mails = await self._store.unrouted(BATCH)
        if not mails:
            return False
        arrived = await self._arrive([mail for mail in mails if mail.opens])
        waiting = {mail.interaction_id for mail in mails if mail.opens} - arrived
        announced = [mail for mail in mails if mail.interaction_id not in waiting]
        for interaction_id in {mail.interaction_id for mail in announced if not mail.opens}:
            await self._routing.customer_wrote(interaction_id)
        if announced:
            async with self._journal.transaction() as tx:
                # One whose interaction has ended meanwhile is another's now, and its turn comes.
                for mail in await self._store.set_routed(announced, self._clock.now()):
                    tx.emit(_imported(mail))
        return bool(announced) and len(mails) == BATCH

    async def _arrive(self, opening: Sequence[StoredMail]) -> set[InteractionId]:
        """Bring interactions to the ACD; return those it knows now."""
        mailboxes = {one.mailbox_id: one for one in await self._store.mailboxes()}
        arrivals = [
            Arrival(
                interaction_id=mail.interaction_id,
                medium=Medium.EMAIL,
                direction=Direction.INBOUND,
                entry_point_id=mailboxes[mail.mailbox_id].entry_point_id,
                address=mail.sender.address,
                name=mail.sender.name,
                subject=mail.subject[:300],
            )
            for mail in opening
        ]
        results = await asyncio.gather(
            *(self._routing.arrive(arrival) for arrival in arrivals), return_exceptions=True
        )
        arrived: set[InteractionId] = set()
        for arrival, result in zip(arrivals, results, strict=True):
            if isinstance(result, BaseException):
                log.error("an arrival failed; trying again", exc_info=result)
                continue
            arrived.add(arrival.interaction_id)
            if isinstance(result, Refused):
                log.info("a mail was refused", extra={"reason": result.reason})
        return arrived

    # --- following interactions

    async def follow(self, recorded: Recorded[Event]) -> None:
        """Take in what happened to an interaction. Runs in the consumer's transaction."""
        event = recorded.event
        match event:
            case InteractionAccepted(medium=Medium.EMAIL):
                await self._set(event.interaction_id, "active", event.agent_id)
            case InteractionEnded(medium=Medium.EMAIL):
                state = "wrap_up" if event.agent_id else "ended"
                await self._ended(event.interaction_id, state, recorded.at)
            case InteractionRefused(medium=Medium.EMAIL):
                await self._ended(event.interaction_id, "ended", recorded.at)
            case InteractionWrappedUp(medium=Medium.EMAIL):
                await self._set(event.interaction_id, "ended", event.agent_id)
                await self._store.drop_draft(event.interaction_id)
            case _:
                pass

    async def _set(self, interaction_id: InteractionId, state: str, agent_id: AgentId) -> None:
        handling = await self._store.handling(interaction_id, lock=True)
        if handling is not None:
            await self._store.save_handlings([replace(handling, state=state, agent_id=agent_id)])

    async def _ended(self, interaction_id: InteractionId, state: str, at: datetime) -> None:
        handling = await self._store.handling(interaction_id)
        if handling is None:
            return
        threads = await self._store.lock_threads([handling.thread_id])
        await self._store.save_handlings([replace(handling, state=state)])
        thread = threads.get(handling.thread_id)
        if thread is None or thread.interaction_id != interaction_id:
            return
        new = InteractionId(self._identities.new())
        late = await self._store.move_late(interaction_id, new, at)
        if late:
            thread = replace(thread, interaction_id=new, open=True)
            await self._store.save_handlings(
                [Handling(new, thread.thread_id, handling.mailbox_id, "waiting", None)]
            )
            self.wake()
        else:
            thread = replace(thread, open=False)
        await self._store.save_threads([thread], at)


def _imported(mail: StoredMail) -> MailImported:
    return MailImported(
        mail_id=mail.mail_id,
        mailbox_id=mail.mailbox_id,
        interaction_id=mail.interaction_id,
        thread_id=mail.thread_id,
        from_address=mail.sender.address,
        from_name=mail.sender.name,
        subject=mail.subject,
        preview=preview(mail.text),
        sent_at=mail.sent_at,
        attachments=len([one for one in mail.files if not one.inline]),
        joins=not mail.opens,
    )
