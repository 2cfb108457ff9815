"""Administration of mailboxes and their ledgers; watching them as they change.

Rules: passwords go in and never out; a change takes effect at once (the mailbox's tasks begin anew
with it); a mailbox is switched off, never deleted: its mails and ledger name it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime

from omni.channels.email.engine.fields import address_of
from omni.channels.email.model import LedgerLine, LedgerState, Mailbox
from omni.channels.email.ports import MailStore
from omni.channels.email.service.outbox import Outbox
from omni.core.clock import Identities
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.ids import MailboxId

PAGE = 100


@dataclass(frozen=True, slots=True)
class MailboxView:
    """A mailbox with how it is doing; `sending`: whether it can send, and why not."""

    mailbox: Mailbox
    state: str
    reason: str
    since: datetime | None
    sending: tuple[str, str]
    counts: dict[str, int]


class Mailboxes:
    """The mailboxes of a site."""

    def __init__(self, store: MailStore, outbox: Outbox, identities: Identities) -> None:
        self._store = store
        self._outbox = outbox
        self._identities = identities
        self.changed: Callable[[], None] = lambda: None

    async def views(self) -> list[MailboxView]:
        """Return all mailboxes."""
        states = await self._store.states()
        return [
            MailboxView(
                one,
                *states.get(one.mailbox_id, ("", "", None)),
                self._outbox.sending(one.mailbox_id),
                await self._store.ledger_counts(one.mailbox_id),
            )
            for one in await self._store.mailboxes()
        ]

    async def view(self, mailbox_id: MailboxId) -> MailboxView:
        """Return one mailbox; NotFound when there is none."""
        for one in await self.views():
            if one.mailbox.mailbox_id == mailbox_id:
                return one
        raise NotFound("mailbox.unknown", "there is no such mailbox")

    async def save(self, mailbox: Mailbox) -> MailboxView:
        """Write a mailbox; one with an empty id is a new one.

        Raises:
            Invalid: the address is none.
            Conflict: another mailbox has the address.
        """
        address = address_of(mailbox.address)
        if not address:
            raise Invalid("mail.bad_address", "not a mail address", field="address")
        for other in await self._store.mailboxes():
            if other.address == address and other.mailbox_id != mailbox.mailbox_id:
                raise Conflict("mailbox.address_taken", "another mailbox has this address")
        mailbox_id = mailbox.mailbox_id or MailboxId(self._identities.new())
        mailbox = replace(mailbox, mailbox_id=mailbox_id, address=address)
        await self._store.save_mailbox(mailbox)
        self.changed()
        return await self.view(mailbox_id)

    async def ledger(
        self, mailbox_id: MailboxId, state: str, before: int
    ) -> list[tuple[int, LedgerLine]]:
        """Return up to `PAGE` lines, newest first."""
        return await self._store.ledger(mailbox_id, state, before, PAGE)

    async def quarantined(self, mailbox_id: MailboxId, number: int) -> LedgerLine:
        """Return a line of the quarantine; NotFound when it is none of this mailbox."""
        line = await self._store.ledger_line(number)
        if (
            line is None
            or line.mailbox_id != mailbox_id
            or line.state is not LedgerState.QUARANTINED
        ):
            raise NotFound("mailbox.no_such_line", "there is no such quarantined mail")
        return line

    async def raw(self, mailbox_id: MailboxId, number: int) -> bytes:
        """Return a quarantined mail as it came; NotFound when no copy is kept."""
        line = await self.quarantined(mailbox_id, number)
        content = await self._store.content(line.raw_sha256) if line.raw_sha256 else None
        if content is None:
            raise NotFound("mailbox.left_on_server", "the mail is on the mail server only")
        return content

    async def read_again(self, mailbox_id: MailboxId, number: int) -> None:
        """Take a mail out of quarantine by reading it from the server once more."""
        await self.quarantined(mailbox_id, number)
        await self._store.forget_line(number)
        self.changed()


class Watch:
    """Keeps one task per enabled mailbox; a changed mailbox's task begins anew."""

    def __init__(
        self, store: MailStore, work: Callable[[Mailbox], Coroutine[None, None, None]]
    ) -> None:
        self._store = store
        self._work = work
        self._news = asyncio.Event()
        self._tasks: dict[MailboxId, tuple[Mailbox, asyncio.Task[None]]] = {}
        self._renew = False

    def renew(self) -> None:
        """Look at the mailboxes again and begin all anew: something was changed."""
        self._renew = True
        self._news.set()

    async def run(self) -> None:
        """Work on all mailboxes until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                renew, self._renew = self._renew, False
                wanted = {
                    one.mailbox_id: one for one in await self._store.mailboxes() if one.enabled
                }
                for mailbox_id, (mailbox, task) in list(self._tasks.items()):
                    if renew or wanted.get(mailbox_id) != mailbox:
                        task.cancel()
                        await asyncio.wait([task])
                        del self._tasks[mailbox_id]
                for mailbox_id, mailbox in wanted.items():
                    if mailbox_id not in self._tasks:
                        task = group.create_task(self._work(mailbox), name=f"mailbox:{mailbox_id}")
                        self._tasks[mailbox_id] = (mailbox, task)
                await self._news.wait()
