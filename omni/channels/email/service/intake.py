"""Taking mails in: from raw bytes to ledger, store and a place in a conversation.

Rules:
1. A batch is one short transaction: contents are kept before it (they are named by their hash, so a
   repetition costs nothing), the desks hear of the mails after it (`dispatch`).
2. The ledger line is written in the transaction of the mail: no UID is without a line once its mail
   is stored, none has a line whose mail is not.
3. When a batch fails as a whole, its mails are tried one by one; one that still fails twice
   although the store answers is a defect of ours and is put into quarantine, whole.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.channels.email.engine.intake import LOOP_WINDOW_S, Fate, Known, decide
from omni.channels.email.engine.parse import parse, unreadable
from omni.channels.email.engine.thread import evidence
from omni.channels.email.model import (
    File,
    Handling,
    Kind,
    LedgerLine,
    LedgerState,
    Limits,
    Mailbox,
    MailState,
    ParsedMail,
    Reason,
    StoredFile,
    StoredMail,
    Thread,
    Unreadable,
)
from omni.channels.email.ports import MailStore, as_stored
from omni.core.clock import Clock, Identities
from omni.core.events.messages import MailQuarantined, MailSent
from omni.core.ids import AgentId, MailboxId, MailId
from omni.core.journal import Journal, Transaction
from omni.core.terms import Direction

log = logging.getLogger(__name__)

_SECOND_THOUGHT_S = 1.0  # a database that restarts must not make a mail look like a defect
_PARSE_ASIDE_BYTES = 64 * 1024  # larger ones are parsed in a thread: the loop goes on meanwhile


@dataclass(frozen=True, slots=True)
class Received:
    """A raw mail with its place in the mailbox."""

    uid: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Read:
    """A mail that has been read, with what was kept of it."""

    uid: int
    size_bytes: int
    mail: ParsedMail | Unreadable
    raw_sha256: str
    files: tuple[str, ...]


class Intake:
    """Takes batches of mails in. `dispatch` is called after each, when some were imported."""

    def __init__(
        self, store: MailStore, journal: Journal, clock: Clock, identities: Identities
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._identities = identities
        self.imported: Callable[[], None] = lambda: None

    async def take(self, mailbox: Mailbox, uid_validity: int, batch: Sequence[Received]) -> None:
        """Take a batch in; afterwards each of its UIDs has a line in the ledger.

        Raises:
            Exception: the store or journal failed; nothing of what failed was written.
        """
        limits = replace(Limits(), size_bytes=mailbox.size_limit_bytes)
        mails = [await self._read(one, limits) for one in batch]
        try:
            await self._import(mailbox, uid_validity, await self._keep(batch, mails))
        except Exception:
            log.exception("a batch of mails failed; trying them one by one")
            for one, mail in zip(batch, mails, strict=True):
                await self._take_alone(mailbox, uid_validity, one, mail)

    async def refuse(
        self, mailbox: Mailbox, uid_validity: int, uid: int, reason: Reason, size_bytes: int
    ) -> None:
        """Enter a mail that could not be had from the server."""
        line = LedgerLine(
            mailbox.mailbox_id,
            uid_validity,
            uid,
            LedgerState.QUARANTINED,
            self._clock.now(),
            reason.value,
            size_bytes=size_bytes,
        )
        async with self._journal.transaction() as tx:
            await self._store.enter([line])
            tx.emit(_quarantined(line))

    async def _read(self, one: Received, limits: Limits) -> ParsedMail | Unreadable:
        try:
            if len(one.raw) < _PARSE_ASIDE_BYTES:
                await asyncio.sleep(0)  # calls share this loop: give way after each mail
                return parse(one.raw, limits)
            return await asyncio.to_thread(parse, one.raw, limits)
        except Exception:  # the top of one mail's work: it must not hold up the others
            log.exception("reading a mail failed")
            return unreadable(one.raw, Reason.DEFECT, limits)

    async def _take_alone(
        self, mailbox: Mailbox, uid_validity: int, one: Received, mail: ParsedMail | Unreadable
    ) -> None:
        for _ in range(2):
            try:
                await self._import(mailbox, uid_validity, await self._keep([one], [mail]))
                return
            except Exception:
                log.exception("taking a mail in failed")
                await self._clock.sleep(_SECOND_THOUGHT_S)
        broken = Unreadable(Reason.DEFECT, mail.content_hash)
        await self._import(mailbox, uid_validity, await self._keep([one], [broken]))

    async def _keep(
        self, batch: Sequence[Received], mails: Sequence[ParsedMail | Unreadable]
    ) -> list[_Read]:
        """Store raw mails and files, and say under which names."""
        contents: list[bytes] = []
        for one, mail in zip(batch, mails, strict=True):
            contents.append(one.raw)
            contents.extend(file.content for file in _files(mail))
        names = iter(await self._store.keep(contents))
        return [
            _Read(
                one.uid, len(one.raw), mail, next(names), tuple(next(names) for _ in _files(mail))
            )
            for one, mail in zip(batch, mails, strict=True)
        ]

    async def _import(self, mailbox: Mailbox, uid_validity: int, batch: Sequence[_Read]) -> None:
        now = self._clock.now()
        async with self._journal.transaction() as tx:
            known = await self._known(mailbox.mailbox_id, [one.mail for one in batch], now)
            fates = decide(
                mailbox.mailbox_id, [one.mail for one in batch], known, self._identities.new
            )
            await self._write_mails(mailbox.mailbox_id, batch, fates, now)
            lines = [
                _line(mailbox.mailbox_id, uid_validity, one, fate, now)
                for one, fate in zip(batch, fates, strict=True)
            ]
            await self._store.enter(lines)
            for line in lines:
                if line.state is LedgerState.QUARANTINED:
                    tx.emit(_quarantined(line))
            for fate in fates:
                if fate.bounced:
                    await self._bounced(tx, known, fate)
        if any(fate.state is LedgerState.IMPORTED for fate in fates):
            self.imported()

    async def _known(
        self, mailbox_id: MailboxId, batch: Sequence[ParsedMail | Unreadable], now: datetime
    ) -> Known:
        mails = [mail for mail in batch if isinstance(mail, ParsedMail)]
        found = [evidence(mail) for mail in mails]
        by_message = await self._store.threads_of_messages(
            {one for each in found for one in each.message_ids}
        )
        by_token = await self._store.threads_of_tokens(
            {one for each in found for one in each.tokens}
        )
        since = now - timedelta(seconds=LOOP_WINDOW_S)
        robots = {mail.sender.address for mail in mails if mail.kind is not Kind.PERSON}
        own = {mail.message_id for mail in mails if mail.omni_mailbox}
        own |= {mail.bounce.about_message_id for mail in mails if mail.bounce}
        return Known(
            mails=await self._store.known(
                mailbox_id, {(mail.message_id, mail.content_hash) for mail in mails}
            ),
            own=await self._store.own(own) if own else {},
            by_message=by_message,
            by_token=by_token,
            threads=await self._store.lock_threads({*by_message.values(), *by_token.values()}),
            automatic={one: await self._store.automatic_since(one, since) for one in robots},
        )

    async def _write_mails(
        self, mailbox_id: MailboxId, batch: Sequence[_Read], fates: Sequence[Fate], now: datetime
    ) -> None:
        mails: list[StoredMail] = []
        files: dict[MailId, list[StoredFile]] = {}
        threads: dict[str, Thread] = {}
        handlings: list[Handling] = []
        for index, (one, fate) in enumerate(zip(batch, fates, strict=True)):
            if (
                fate.state is not LedgerState.IMPORTED
                or fate.mail_id is None
                or fate.thread is None
                or isinstance(one.mail, Unreadable)
            ):
                continue
            at = now + timedelta(microseconds=index)  # keeps the order of a batch
            mails.append(_stored(mailbox_id, one, one.mail, fate, at))
            threads[fate.thread.thread_id] = fate.thread
            files[fate.mail_id] = [
                as_stored(file, self._identities.new(), name)
                for file, name in zip(one.mail.files, one.files, strict=True)
            ]
            if fate.opens:
                thread = fate.thread
                handlings.append(
                    Handling(thread.interaction_id, thread.thread_id, mailbox_id, "waiting", None)
                )
        await self._store.save_threads(list(threads.values()), now)
        await self._store.save_handlings(handlings)
        await self._store.add_mails(mails, files)

    async def _bounced(self, tx: Transaction, known: Known, fate: Fate) -> None:
        """Say of our mail that it did not arrive."""
        mail_id = known.own.get(fate.bounced)
        mail = await self._store.mail(mail_id) if mail_id else None
        if mail is None or mail.state is MailState.BOUNCED:
            return
        await self._store.set_mail_state(mail.mail_id, MailState.BOUNCED, "bounced")
        tx.emit(sent_event(mail, MailState.FAILED, "bounced"))


def sent_event(mail: StoredMail, state: MailState, reason: str = "") -> MailSent:
    """Return the event that says how the sending of a mail of ours ended."""
    return MailSent(
        mail_id=mail.mail_id,
        mailbox_id=mail.mailbox_id,
        interaction_id=mail.interaction_id,
        thread_id=mail.thread_id,
        agent_id=mail.agent_id or AgentId(""),
        to_address=mail.to[0].address if mail.to else "",
        subject=mail.subject,
        preview=" ".join(mail.text[:1000].split())[:200],
        state=state.value,
        reason=reason,
        automatic=mail.kind is Kind.AUTO_REPLY,
    )


def _files(mail: ParsedMail | Unreadable) -> tuple[File, ...]:
    return mail.files if isinstance(mail, ParsedMail) else ()


def _quarantined(line: LedgerLine) -> MailQuarantined:
    return MailQuarantined(mailbox_id=line.mailbox_id, uid=line.uid, reason=line.reason)


def _line(
    mailbox_id: MailboxId, uid_validity: int, one: _Read, fate: Fate, now: datetime
) -> LedgerLine:
    return LedgerLine(
        mailbox_id=mailbox_id,
        uid_validity=uid_validity,
        uid=one.uid,
        state=fate.state,
        at=now,
        reason=fate.reason,
        mail_id=fate.mail_id,
        raw_sha256=one.raw_sha256,
        subject=one.mail.subject,
        size_bytes=one.size_bytes,
    )


def _stored(
    mailbox_id: MailboxId, one: _Read, mail: ParsedMail, fate: Fate, at: datetime
) -> StoredMail:
    assert fate.mail_id is not None
    assert fate.thread is not None
    return StoredMail(
        mail_id=fate.mail_id,
        mailbox_id=mailbox_id,
        thread_id=fate.thread.thread_id,
        interaction_id=fate.thread.interaction_id,
        direction=Direction.INBOUND,
        state=MailState.RECEIVED,
        kind=mail.kind,
        message_id=mail.message_id,
        content_hash=mail.content_hash,
        sender=mail.sender,
        reply_to=mail.reply_to,
        to=mail.to,
        cc=mail.cc,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        at=at,
        sent_at=mail.sent_at,
        references=mail.references,
        raw_sha256=one.raw_sha256,
        opens=fate.opens,
    )
