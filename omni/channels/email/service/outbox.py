"""Sending what is in the outbox: each mail at most once, none forgotten.

Rules:
1. A mail is claimed for a while (`LEASE_S`), so that two processes never send it together; one
   whose process dies before the body becomes due again by itself.
2. `sending` is committed before the server gets the body. From there on only the server's answer
   decides: taken → sent, refused → later or failed. A mail found in `sending` at start, or whose
   line broke there, is not tried again by itself: it may have arrived. It fails as `unconfirmed`;
   a person who knows better may send it again. It keeps its Message-ID: clients show it once.
3. Temporary trouble is tried again after growing pauses up to `GIVE_UP_S`; then it fails.
4. Each mailbox has its own task: a dead server delays only its own mailbox.
5. Whether a mailbox can send is known before somebody needs it: its server is asked at start, and
   again while it cannot. `sending` tells it; it is of this process and is found anew by the next.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from omni.channels.email.model import (
    Delivered,
    Delivery,
    Mailbox,
    MailState,
    NotDelivered,
    Outbound,
    Uncertain,
)
from omni.channels.email.ports import Courier, MailStore
from omni.channels.email.service.intake import sent_event
from omni.core.clock import Clock
from omni.core.ids import MailboxId, MailId
from omni.core.journal import Journal

log = logging.getLogger(__name__)

LEASE_S = 300.0  # longer than any dialogue up to the body takes
PAUSES_S = (10, 30, 60, 120, 300, 600, 1200, 1800, 3600)
GIVE_UP_S = 24 * 3600.0
IDLE_S = 60.0  # how long a sender sleeps at most: due mails of another process are found then
FAREWELL_S = 5.0  # what a mail under way is given to finish when we stop
UNCONFIRMED = "unconfirmed"
UP, DOWN = "up", "down"


class Outbox:
    """Sends mails. `run` once per mailbox."""

    def __init__(self, store: MailStore, journal: Journal, courier: Courier, clock: Clock) -> None:
        self._store = store
        self._journal = journal
        self._courier = courier
        self._clock = clock
        self._news: dict[MailboxId, asyncio.Event] = {}
        self._sending: dict[MailboxId, tuple[str, str]] = {}

    def sending(self, mailbox_id: MailboxId) -> tuple[str, str]:
        """Return whether a mailbox can send ("up", "down", "" before it is known) and why not."""
        return self._sending.get(mailbox_id, ("", ""))

    def wake(self, mailbox_id: MailboxId) -> None:
        """Look at the outbox of a mailbox now."""
        self._event(mailbox_id).set()

    def _event(self, mailbox_id: MailboxId) -> asyncio.Event:
        return self._news.setdefault(mailbox_id, asyncio.Event())

    async def recover(self) -> None:
        """Settle what was being sent when the process ended. Call before the first `run`."""
        for mail_id in await self._store.interrupted():
            await self._close(mail_id, MailState.FAILED, UNCONFIRMED)

    async def run(self, mailbox: Mailbox) -> None:
        """Send a mailbox's mails until cancelled."""
        news = self._event(mailbox.mailbox_id)
        self._sending.pop(mailbox.mailbox_id, None)
        while True:
            news.clear()
            try:
                if self.sending(mailbox.mailbox_id)[0] != UP:
                    self._note(mailbox.mailbox_id, await self._courier.check(mailbox.smtp))
                while await self._finished(mailbox):
                    pass
                pause_s = await self._until_due(mailbox.mailbox_id)
            except Exception:  # the database is away: the outbox stays as it is
                log.exception("working on an outbox failed; trying again")
                pause_s = PAUSES_S[0]
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await news.wait()

    def _note(self, mailbox_id: MailboxId, hindrance: str) -> None:
        """Note whether the mailbox can send, and say it once when it cannot."""
        now = (DOWN, hindrance) if hindrance else (UP, "")
        if hindrance and self.sending(mailbox_id) != now:
            log.warning("a mailbox cannot send", extra={"reason": hindrance})
        self._sending[mailbox_id] = now

    async def _finished(self, mailbox: Mailbox) -> bool:
        """Send the next mail; when cancelled meanwhile, let the dialogue come to its end first."""
        work = asyncio.ensure_future(self.send_next(mailbox))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work], timeout=FAREWELL_S)
            work.cancel()
            raise

    async def _until_due(self, mailbox_id: MailboxId) -> float:
        due_at = await self._store.next_due(mailbox_id)
        if due_at is None:
            return IDLE_S
        return min(IDLE_S, max(0.01, (due_at - self._clock.now()).total_seconds()))

    async def send_next(self, mailbox: Mailbox) -> bool:
        """Send the next due mail; False when none is due."""
        async with self._journal.transaction():
            queued = await self._store.claim(mailbox.mailbox_id, self._clock.now(), LEASE_S)
        if queued is None:
            return False
        raw = await self._store.content(queued.raw_sha256)
        if raw is None:
            await self._close(queued.mail_id, MailState.FAILED, "content_gone")
            return True
        delivery = await self._deliver(mailbox, queued, raw)
        reason = delivery.reason if isinstance(delivery, NotDelivered) else ""
        self._note(mailbox.mailbox_id, reason if reason.startswith("mail.") else "")
        await self._settle(queued, delivery)
        return True

    async def _deliver(self, mailbox: Mailbox, queued: Outbound, raw: bytes) -> Delivery:
        async def before_body() -> None:
            async with self._journal.transaction():
                if not await self._store.set_sending(queued.mail_id):
                    raise _Withdrawn
                await self._store.set_mail_state(queued.mail_id, MailState.SENDING, "")

        try:
            return await self._courier.deliver(
                mailbox.smtp, (queued.sender, queued.recipients), raw, before_body
            )
        except _Withdrawn:
            return NotDelivered("withdrawn", permanent=True)

    async def _settle(self, queued: Outbound, delivery: Delivery) -> None:
        match delivery:
            case Delivered(refused=refused):
                reason = f"{refused} of the recipients refused" if refused else ""
                await self._close(queued.mail_id, MailState.SENT, reason)
            case Uncertain():
                log.warning("a mail may or may not have been sent")
                await self._close(queued.mail_id, MailState.FAILED, UNCONFIRMED)
            case NotDelivered(reason=reason, permanent=permanent):
                now = self._clock.now()
                pause_s = PAUSES_S[min(queued.attempts, len(PAUSES_S) - 1)]
                due_at = now + timedelta(seconds=pause_s)
                if permanent or (due_at - queued.first_at).total_seconds() > GIVE_UP_S:
                    await self._close(queued.mail_id, MailState.FAILED, reason)
                    return
                async with self._journal.transaction():
                    await self._store.postpone(queued, due_at, reason)
                    await self._store.set_mail_state(queued.mail_id, MailState.QUEUED, reason)

    async def _close(self, mail_id: MailId, state: MailState, reason: str) -> None:
        """Take a mail out of the outbox with its final state."""
        mail = await self._store.mail(mail_id)
        async with self._journal.transaction() as tx:
            if not await self._store.finish(mail_id) or mail is None:
                return
            await self._store.set_mail_state(mail_id, state, reason)
            tx.emit(sent_event(mail, state, reason))


class _Withdrawn(Exception):
    """The mail was taken back between claim and body."""
