"""What becomes of mails that were read: duplicate, quarantine, joining a conversation, a new one.

Rules:
1. Every mail given gets exactly one `Fate`; the order of the mails is kept.
2. The same mail of the same mailbox (Message-ID and content) is a duplicate, also within one batch;
   so is a copy of a mail that this installation wrote itself.
3. A mail whose evidence names a thread continues it: it joins the thread's open interaction, or
   opens a new one in it. An out-of-office note in a thread that nobody works on opens nothing: it
   is kept in the thread. Everything else opens a thread of its own.
4. A sender that answers automatically more than `LOOP_MAILS` times in `LOOP_WINDOW_S` is a loop.

Pure: what is known comes in as values, ids come in as a source of new ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from omni.channels.email.engine.thread import Evidence, evidence, token_of
from omni.channels.email.model import (
    Kind,
    LedgerState,
    ParsedMail,
    Reason,
    Thread,
    Unreadable,
)
from omni.core.ids import InteractionId, MailboxId, MailId

LOOP_MAILS = 10
LOOP_WINDOW_S = 3600


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about a batch.

    Attributes:
        mails: mails of this mailbox by (Message-ID, content hash).
        own: our own mails by Message-ID.
        by_message, by_token: thread ids.
        threads: those threads.
        automatic: how many automatic answers each sender wrote within the window.
    """

    mails: Mapping[tuple[str, str], MailId]
    own: Mapping[str, MailId]
    by_message: Mapping[str, str]
    by_token: Mapping[str, str]
    threads: Mapping[str, Thread]
    automatic: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one mail.

    `thread`, `mail_id` and `opens` say where an imported one is put; `bounced` is our mail that the
    mail reports as not delivered.
    """

    state: LedgerState
    reason: str = ""
    mail_id: MailId | None = None
    thread: Thread | None = None
    opens: bool = False
    bounced: str = ""


def decide(
    mailbox_id: MailboxId,
    mails: Sequence[ParsedMail | Unreadable],
    known: Known,
    new_id: Callable[[], str],
) -> list[Fate]:
    """Decide a batch of mails of one mailbox, in order."""
    desk = _Desk(mailbox_id, known, new_id)
    return [desk.decide(mail) for mail in mails]


class _Desk:
    """The knowledge of a batch, growing with each of its mails."""

    def __init__(self, mailbox_id: MailboxId, known: Known, new_id: Callable[[], str]) -> None:
        self._mailbox_id = mailbox_id
        self._known = known
        self._new_id = new_id
        self._mails = dict(known.mails)
        self._by_message = dict(known.by_message)
        self._threads = dict(known.threads)
        self._automatic = dict(known.automatic)

    def decide(self, mail: ParsedMail | Unreadable) -> Fate:
        """Decide one mail and remember it."""
        if isinstance(mail, Unreadable):
            return Fate(LedgerState.QUARANTINED, mail.reason.value)
        key = (mail.message_id, mail.content_hash)
        if key in self._mails:
            return Fate(LedgerState.DUPLICATE, "known", self._mails[key])
        if mail.omni_mailbox and mail.message_id in self._known.own:
            return Fate(LedgerState.DUPLICATE, "own_mail", self._known.own[mail.message_id])
        if self._loops(mail):
            return Fate(LedgerState.QUARANTINED, Reason.LOOP.value)
        fate = self._imported(mail)
        assert fate.mail_id is not None
        assert fate.thread is not None
        self._mails[key] = fate.mail_id
        self._threads[fate.thread.thread_id] = fate.thread
        if mail.message_id:
            self._by_message.setdefault(mail.message_id, fate.thread.thread_id)
        return fate

    def _loops(self, mail: ParsedMail) -> bool:
        if mail.kind is not Kind.AUTO_REPLY:
            return False
        count = self._automatic.get(mail.sender.address, 0)
        self._automatic[mail.sender.address] = count + 1
        return count >= LOOP_MAILS

    def _imported(self, mail: ParsedMail) -> Fate:
        mail_id = MailId(self._new_id())
        bounced = mail.bounce.about_message_id if mail.bounce is not None else ""
        thread = self._thread(evidence(mail))
        if thread is None:
            thread_id = self._new_id()
            thread = Thread(
                thread_id, token_of(thread_id), self._mailbox_id, self._interaction(), True
            )
            return Fate(LedgerState.IMPORTED, "", mail_id, thread, True, bounced)
        if thread.open or mail.kind is Kind.AUTO_REPLY:
            return Fate(LedgerState.IMPORTED, "", mail_id, thread, False, bounced)
        thread = replace(thread, interaction_id=self._interaction(), open=True)
        return Fate(LedgerState.IMPORTED, "", mail_id, thread, True, bounced)

    def _interaction(self) -> InteractionId:
        return InteractionId(self._new_id())

    def _thread(self, found: Evidence) -> Thread | None:
        for message_id in found.message_ids:
            thread_id = self._by_message.get(message_id)
            if thread_id in self._threads:
                return self._threads[thread_id]
        for token in found.tokens:
            thread_id = self._known.by_token.get(token)
            if thread_id in self._threads:
                return self._threads[thread_id]
        return None
